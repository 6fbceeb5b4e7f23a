//! No answer from any resolver.

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        occurrence::Occurrence,
        scope::Scope,
        unresolved::{SystemSays, Why},
    },
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsTimeout {}

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
        "No name server answers".to_owned()
    }

    fn fix(&self, _: &Scope) -> String {
        "Check that this device has the right name servers (DHCP, resolv.conf) and that UDP and TCP port 53 to them are open. \
         With a known address, `--address` tests the hub without DNS."
            .to_owned()
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let possible = || Occurrence::possible(Self {}, &[Code::DnsServerFailure]);
        let occurrence = match Why::of(run)? {
            Why::Mute(answers) => Occurrence::confirmed(Self {}).said_by(&answers),
            Why::System(SystemSays::TryAgainLate) => {
                possible().evidence("the system's resolver reports a temporary failure, after waiting for answers")
            }
            Why::System(SystemSays::NoAnswer) => possible().evidence("the system's resolver gave no answer"),
            _ => return None,
        };
        Some(("no name server answers", occurrence))
    }
}
