//! No answer from any resolver.

use std::net::IpAddr;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        names::{Answers, Rejected, Said, ServerAnswer},
        occurrence::Occurrence,
        scope::Scope,
        unresolved::{SystemSays, Why, owner_of},
    },
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsTimeout {
    /// Who rejects the questions, where somebody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    offender: Option<IpAddr>,
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
    /// Somebody on the way, or this machine, rejects the questions.
    Rejected(Rejected),
    /// The servers' own addresses do.
    NotServed,
}

impl CauseKind for DnsTimeout {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The configured name servers cannot be reached, or are too slow. Without a name server no hub is found, \
            whatever its ports.",
        proof: "UDP and TCP port 53 of every configured name server are silent, or refuse. Where an ICMP error answers, its \
            sender is named: a router that forbids the questions is the firewall's owner's matter, a missing route the network's, \
            and what the server's own address says is the name server's, though `likely` at most, for anybody on the path can \
            send it in that name. The system's resolver alone reports a failure the same way, which leaves it `possible`.",
    };

    fn title(&self, _: &Scope) -> String {
        match self.what {
            What::Servers => "No name server answers".to_owned(),
            What::Forwarder => "The forwarder on this machine does not answer for names".to_owned(),
            What::NoneConfigured => "This machine has no name server configured".to_owned(),
            What::AnswerElsewhere => "The name server's answers come from an address that was not asked".to_owned(),
            What::NotServed => "The name server's own address rejects the questions".to_owned(),
            What::Rejected(rejected) => {
                format!("Questions to the name servers are rejected by {}: {}", rejected.by, rejected.error.name())
            }
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
            What::NotServed => {
                "See whether the name service runs there and lets this network ask (UDP and TCP port 53), or give this device \
                 its right name servers (DHCP, resolv.conf). With a known address, `--address` tests the hub without DNS."
            }
            What::Rejected(Rejected { by, .. }) if self.is_forbidden() => {
                return format!(
                    "Allow UDP and TCP port 53 to the name servers at {by}, or give this device name servers that this network \
                     lets it ask (DHCP, resolv.conf)."
                );
            }
            What::Rejected(Rejected { by, .. }) => {
                return format!(
                    "Find out why {by} has no way to the name servers, or give this device others that it can reach (DHCP, \
                     resolv.conf)."
                );
            }
        };
        fix.to_owned()
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let step = "Check that this device has the right name servers (DHCP, resolv.conf). With a known address, `--address` \
                    tests the hub without DNS.";
        (self.what == What::Servers).then(|| step.to_owned())
    }

    fn device(&self) -> Option<IpAddr> {
        self.offender
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let possible = || Occurrence::possible(Self::default(), &[Code::DnsServerFailure]);
        let occurrence = match Why::of(run)? {
            Why::Mute(answers) => {
                let elsewhere = |said: &&Said| matches!(said.answer, ServerAnswer::Elsewhere(_));
                let owner = owner_of(&answers, Owner::NetworkAdmin);
                if let Some(rejected) = rejected(&answers).filter(|_| owner != Owner::Operator) {
                    let occurrence = of_a_rejection(run, rejected).said_by(&answers);
                    return Some(("the questions to the name servers are rejected", occurrence));
                }
                let (what, owner) = match answers.of_configured().iter().any(elsewhere) {
                    true => (What::AnswerElsewhere, Owner::DnsAdmin),
                    false if owner == Owner::Operator && run.vantage.resolvers.is_empty() => {
                        (What::NoneConfigured, owner)
                    }
                    false if owner == Owner::Operator => (What::Forwarder, owner),
                    false => (What::Servers, owner),
                };
                Occurrence::confirmed(Self { offender: None, what }).owner(owner).said_by(&answers)
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

impl DnsTimeout {
    fn is_forbidden(&self) -> bool {
        matches!(self.what, What::Rejected(rejected) if rejected.owner() != Owner::NetworkAdmin)
    }
}

/// Who rejects the questions, where each of them is rejected, and by one alone.
fn rejected(answers: &Answers) -> Option<Rejected> {
    let mut all = answers.of_configured().into_iter().map(Said::rejected);
    let first = all.next()??;
    let alike = |other: Option<Rejected>| {
        other.is_some_and(|other| other.by == first.by || first.is_by_the_server() && other.is_by_the_server())
    };
    all.all(alike).then_some(first)
}

fn of_a_rejection(run: &Observations, rejected: Rejected) -> Occurrence {
    let cause = |what| DnsTimeout { offender: Some(rejected.by), what };
    match rejected.is_by_the_server() {
        // A firewall without an address of its own sends it in the name of whom it protects.
        true => Occurrence::confirmed(cause(What::NotServed)).forgeable_by(Forgery::AnyoneOnPath),
        false => Occurrence::confirmed(cause(What::Rejected(rejected))).located(rejected.location(run)),
    }
    .owner(rejected.owner())
}
