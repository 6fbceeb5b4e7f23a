//! All addresses of one family fail while the other family works.

use std::net::IpAddr;

use serde::Serialize;

use super::{address_family_unavailable::family, some_addresses_blocked::replaced_by};
use crate::{
    diagnosis::{
        Entry, Family, Forgery, Owner, Severity, attempt_verdict::AttemptVerdict, cause_kind::CauseKind,
        occurrence::Occurrence, scope::Scope,
    },
    observation::Stage,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct AddressFamilyBroken {
    family: Option<Family>,
}

impl CauseKind for AddressFamilyBroken {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Warning,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "This machine believes that it can use the family, yet no address of it works. Programs that try its \
            addresses first wait before they fall back, or fail.",
        proof: "All addresses of the family fail on every port, while the hub answers at an address of the other.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!(
            "{} to {} does not work, though {} does",
            family(self.family, scope),
            scope.host(),
            match self.family {
                Some(Family::V4) => "IPv6",
                Some(Family::V6) => "IPv4",
                None => "the other address family",
            }
        )
    }

    fn fix(&self, scope: &Scope) -> String {
        format!("Repair {} in this network, or switch it off on this device.", family(self.family, scope))
    }
}

/// Replaces the causes of an address whose whole family fails.
pub(in crate::diagnosis) fn replacing_causes(address: IpAddr, verdict: AttemptVerdict) -> Vec<Occurrence> {
    let occurrence = Occurrence::confirmed(AddressFamilyBroken { family: Some(Family::of(address)) });
    replaced_by(occurrence, address, verdict)
}
