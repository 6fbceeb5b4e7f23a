//! The address is not the hub's.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::captive_portal;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        dns::FalseAnswer,
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
    },
    observation::Stage,
};

/// A report stays readable with this many.
const MAX_ADDRESSES: usize = 20;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsHijack {
    /// What the name server gives for the hub.
    addresses: Vec<IpAddr>,
    /// Where its web server redirects requests for the hub.
    #[serde(skip)]
    redirect_target: Option<String>,
}

impl CauseKind for DnsHijack {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The network's name server answers with the address of some other machine, as captive portals and \
            filters do.",
        proof: "The name server has another address than 192.0.0.170 and .171 for `ipv4only.arpa`, the same for the hub, and the \
            certificate there is not the hub's. Where it gives that address for names that cannot exist as well, whatever fails \
            there is part of that, on every port, which is `likely` without the certificate. An address for a random name under \
            the hub's own domain alone may be honest: it makes this an alternative. One for names that cannot exist, and no other \
            lie, is `dns-rewritten`.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The name server gives an address for {} that is not the hub's", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        match &self.redirect_target {
            None => format!("Resolve {host} truthfully, or let this device use another name server."),
            Some(page) => format!(
                "Open http://{page}/ in a browser in this network, as port 80 at that address sends there. If it asks to sign in, do \
                 so: until then such networks give that address for every name. Otherwise resolve {host} truthfully, or let this \
                 device use another name server."
            ),
        }
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn merge(&mut self, other: &Self) {
        self.redirect_target = self.redirect_target.take().or_else(|| other.redirect_target.clone());
        for address in &other.addresses {
            if !self.addresses.contains(address) && self.addresses.len() < MAX_ADDRESSES {
                self.addresses.push(*address);
            }
        }
    }

    /// A false DNS answer causes everything that a stranger at that address shows.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        if verdict.outcome != AttemptOutcome::Blocked || verdict.is_misdirected() {
            return verdict;
        }
        let address = context.attempt.address;
        if !verdict.meets_stranger() {
            return wildcard_answer(context, verdict, address);
        }
        let controls = &context.comparisons.controls;
        let (at_address, at_others): (Vec<&FalseAnswer>, _) =
            controls.wrong_addresses().iter().partition(|false_answer| false_answer.contains(address));
        let Some(false_answer) = at_address.into_iter().next() else {
            let sibling = controls.random_siblings().iter().filter(|made_up| made_up.contains(address));
            return at_others.into_iter().chain(sibling).take(1).cloned().fold(verdict, or_possibly_hijacked);
        };
        let certificate = context.trust().is_some();
        let cause = DnsHijack::of(context);
        let owner = cause.owner();
        let occurrence = match certificate {
            true => Occurrence::confirmed(cause),
            // Without a certificate, it may also be a broken hub behind a resolver that lies about other names.
            false => Occurrence::likely(cause),
        };
        let occurrence =
            occurrence.owner(owner).evidence(false_answer.clone()).evidence(NotHubCertificate { address, certificate });
        verdict.misdirected_by(occurrence, format!("the name server gives {address}, which is not the hub's"))
    }
}

impl DnsHijack {
    fn of(context: AttemptContext<'_>) -> Self {
        Self { addresses: vec![context.address()], redirect_target: captive_portal::redirect_target(context) }
    }

    /// A login comes first: the operator can do that.
    fn owner(&self) -> Owner {
        if self.redirect_target.is_some() { Owner::Operator } else { Owner::NetworkAdmin }
    }
}

/// An address that one server gives for a name with other addresses, for names that cannot exist, and for the hub,
/// belongs to none of them: a refusal there says nothing about the hub. A hub that is the only machine of its own
/// network would prove itself on some port.
fn wildcard_answer(context: AttemptContext<'_>, verdict: AttemptVerdict, address: IpAddr) -> AttemptVerdict {
    let controls = &context.comparisons.controls;
    let at_address = |made_up: &&FalseAnswer| made_up.contains(address);
    let mut wrong = controls.wrong_addresses().iter().filter(at_address);
    let both_false = wrong.find_map(|wrong| {
        let nowhere =
            controls.nonexistent().iter().filter(at_address).find(|nowhere| nowhere.server == wrong.server)?;
        Some((wrong, nowhere))
    });
    let is_the_hub = context.comparisons.name_facts.as_ref().is_some_and(|names| names.is_proven_at(address));
    let Some((wrong, nowhere)) = both_false.filter(|_| !is_the_hub) else { return verdict };
    let cause = DnsHijack::of(context);
    let owner = cause.owner();
    let occurrence = match context.comparisons.showed_foreign_certificate(address) {
        true => Occurrence::confirmed(cause).evidence(NotHubCertificate { address, certificate: true }),
        false => Occurrence::likely(cause),
    };
    verdict.misdirected_by(
        occurrence.owner(owner).evidence(wrong.clone()).evidence(nowhere.clone()),
        format!("the name server gives {address} for every name"),
    )
}

/// A domain may have a wildcard record; a name server may lie about other names only, or about the hub too.
fn or_possibly_hijacked(verdict: AttemptVerdict, made_up: FalseAnswer) -> AttemptVerdict {
    verdict.map_causes(|cause| match cause.implies_stranger() && !cause.alternatives.contains(&Code::DnsHijack) {
        true => cause.or_possibly(Code::DnsHijack).evidence(made_up.clone()),
        false => cause,
    })
}

#[derive(Debug, Clone, PartialEq)]
struct NotHubCertificate {
    address: IpAddr,
    certificate: bool,
}

impl Statement for NotHubCertificate {}

impl fmt::Display for NotHubCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.certificate {
            true => write!(f, "the certificate shown at {} is not the hub's", self.address),
            false => write!(f, "what answers at {} shows no certificate of the hub's", self.address),
        }
    }
}
