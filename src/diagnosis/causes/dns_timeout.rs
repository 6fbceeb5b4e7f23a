//! No answer from any resolver.

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        names::{Said, ServerAnswer},
        occurrence::Occurrence,
        scope::Scope,
        unresolved::{SystemSays, Why, owner_of},
    },
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsTimeout {
    #[serde(skip)]
    what: What,
}

/// What is silent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum What {
    #[default]
    Servers,
    /// A forwarder on this machine.
    Forwarder,
    /// Nobody is configured, and so nobody but this machine is asked.
    NoneConfigured,
    /// Servers whose answers come from another address than is asked.
    AnswerElsewhere,
}

impl CauseKind for DnsTimeout {
    const ENTRY: Entry = Entry {
        word: "dns-timeout",
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The configured name servers cannot be reached, or are too slow. Without a name server no hub is found, \
            whatever its ports.",
        proof: "UDP and TCP port 53 of every configured name server are silent, or refuse. The system's resolver alone \
            reports a failure the same way, which leaves it `possible`.",
    };

    fn title(&self, _: &Scope) -> String {
        match self.what {
            What::Servers => "No name server answers".to_owned(),
            What::Forwarder => "The forwarder on this machine does not answer for names".to_owned(),
            What::NoneConfigured => "This machine has no name server configured".to_owned(),
            What::AnswerElsewhere => "The name server's answers come from an address that was not asked".to_owned(),
        }
    }

    fn fix(&self, _: &Scope) -> String {
        let fix = match self.what {
            What::Servers => "Let this device reach its name servers: UDP and TCP port 53, and the way back.",
            What::Forwarder => {
                "Start the forwarder again (`systemctl status systemd-resolved`, dnsmasq, the container engine), or name the \
                 servers behind it in resolv.conf. With a known address, `--address` tests the hub without DNS."
            }
            What::NoneConfigured => {
                "Give this machine its name servers: DHCP, or `nameserver` lines in resolv.conf. With a known address, \
                 `--address` tests the hub without DNS."
            }
            What::AnswerElsewhere => {
                "Have the name server answer from the address that it is asked at (one listening socket for each address), or \
                 name the other address in this device's list."
            }
        };
        fix.to_owned()
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let step = "Check that this device has the right name servers (DHCP, resolv.conf). With a known address, `--address` \
                    tests the hub without DNS.";
        (self.what == What::Servers).then(|| step.to_owned())
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let possible = || Occurrence::possible(Self::default(), &[Code::DnsServerFailure]);
        let occurrence = match Why::of(run)? {
            Why::Mute(answers) => {
                let elsewhere = |said: &&Said| matches!(said.answer, ServerAnswer::Elsewhere(_));
                let owner = owner_of(&answers, Owner::NetworkAdmin);
                let (what, owner) = match answers.of_configured().iter().any(elsewhere) {
                    true => (What::AnswerElsewhere, Owner::DnsAdmin),
                    false if owner == Owner::Operator && run.vantage.resolvers.is_empty() => {
                        (What::NoneConfigured, owner)
                    }
                    false if owner == Owner::Operator => (What::Forwarder, owner),
                    false => (What::Servers, owner),
                };
                Occurrence::confirmed(Self { what }).owner(owner).said_by(&answers)
            }
            Why::System(SystemSays::TryAgainLate) => {
                possible().evidence("the system's resolver reports a temporary failure, after waiting for answers")
            }
            Why::System(SystemSays::NoAnswer) => possible().evidence("the system's resolver gave no answer"),
            _ => return None,
        };
        Some(("no name server answers", occurrence))
    }
}
