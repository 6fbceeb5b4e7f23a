//! The address is not the hub's.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        dns_answers::{Wildcard, wildcard},
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        verdict::{AttemptVerdict, Reach},
    },
    observation::Stage,
};

/// The most addresses that are listed.
const MOST_ADDRESSES: usize = 20;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsHijack {
    /// What the name server gives for the hub.
    addresses: Vec<IpAddr>,
}

impl CauseKind for DnsHijack {
    const ENTRY: Entry = Entry {
        word: "dns-hijack",
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The network's name server answers with the address of some other machine, as captive portals and \
            filters do.",
        proof: "The name server has an address for a random name below `.invalid`, or another than 192.0.0.170 and .171 for \
            `ipv4only.arpa`, and the certificate at the address is not the hub's. An address for a random name under the \
            hub's own domain alone may be honest: it makes this an alternative.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The name server gives an address for {} that is not the hub's", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!("Resolve {} truthfully, or let this device use another name server.", scope.host())
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn merge(&mut self, other: &Self) {
        for address in &other.addresses {
            if !self.addresses.contains(address) && self.addresses.len() < MOST_ADDRESSES {
                self.addresses.push(*address);
            }
        }
    }

    /// What a lying name server makes of an attempt that something else than the hub answered: it is the cause of all that.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        if verdict.reach != Reach::Blocked || !verdict.causes.iter().any(is_foreign) {
            return verdict;
        }
        match wildcard(context.seen) {
            Some(Wildcard::Lies(lie)) => {
                let (address, certificate) = (context.address(), context.trust().is_some());
                let cause = DnsHijack { addresses: vec![address] };
                let occurrence = match certificate {
                    true => Occurrence::confirmed(cause),
                    // Without a certificate, a hub that is broken behind a resolver that lies of others remains.
                    false => Occurrence::likely(cause),
                };
                let occurrence = occurrence.evidence(lie).evidence(NotTheHubs { address, certificate });
                let symptoms = verdict.causes.into_iter().map(|cause| match cause.follows {
                    None if cause.severity == Severity::Error => cause.following(Code::DnsHijack),
                    _ => cause,
                });
                AttemptVerdict { causes: std::iter::once(occurrence).chain(symptoms).collect(), ..verdict }
            }
            Some(Wildcard::BesideTheHub(fabricated)) => {
                verdict.explained(|cause| match is_foreign(&cause) && !cause.alternatives.contains(&Code::DnsHijack) {
                    true => cause.or(Code::DnsHijack).evidence(fabricated.clone()),
                    false => cause,
                })
            }
            None => verdict,
        }
    }
}

/// Whether it says that something else than the hub answers.
fn is_foreign(cause: &Occurrence) -> bool {
    matches!(
        cause.code(),
        Code::TlsIntercepted
            | Code::CertificateNameMismatch
            | Code::CertificateUntrusted
            | Code::CaptivePortal
            | Code::NotTls
    )
}

#[derive(Debug, Clone, PartialEq)]
struct NotTheHubs {
    address: IpAddr,
    certificate: bool,
}

impl Statement for NotTheHubs {}

impl fmt::Display for NotTheHubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.certificate {
            true => write!(f, "the certificate shown at {} is not the hub's", self.address),
            false => write!(f, "what answers at {} shows no certificate of the hub's", self.address),
        }
    }
}
