//! The address is not the hub's.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::captive_portal;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        evidence::Statement,
        names::MadeUp,
        occurrence::Occurrence,
        scope::Scope,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    observation::Stage,
};

/// The most addresses that are listed.
const MOST_ADDRESSES: usize = 20;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsHijack {
    /// What the name server gives for the hub.
    addresses: Vec<IpAddr>,
    /// Where its web server sends whoever asks for the hub.
    #[serde(skip)]
    sends_to: Option<String>,
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
        match &self.sends_to {
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
        self.sends_to = self.sends_to.take().or_else(|| other.sends_to.clone());
        for address in &other.addresses {
            if !self.addresses.contains(address) && self.addresses.len() < MOST_ADDRESSES {
                self.addresses.push(*address);
            }
        }
    }

    /// What a lying name server makes of an attempt that something else than the hub answered: it is the cause of all that.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        if verdict.outcome != AttemptOutcome::Blocked || verdict.is_led_astray() {
            return verdict;
        }
        let address = context.attempt.address;
        if !verdict.shows_a_stranger() {
            return of_every_name(context, verdict, address);
        }
        let controls = &context.comparisons.controls;
        let (here, elsewhere): (Vec<&MadeUp>, _) = controls.wrong().iter().partition(|lie| lie.is(address));
        let Some(lie) = here.into_iter().next() else {
            let beside = controls.beside().iter().filter(|made_up| made_up.is(address));
            return elsewhere.into_iter().chain(beside).take(1).cloned().fold(verdict, or_hijack);
        };
        let certificate = context.trust().is_some();
        let cause = DnsHijack::of(context);
        let owner = cause.owner();
        let occurrence = match certificate {
            true => Occurrence::confirmed(cause),
            // Without a certificate, a hub that is broken behind a resolver that lies of others remains.
            false => Occurrence::likely(cause),
        };
        let occurrence = occurrence.owner(owner).evidence(lie.clone()).evidence(NotTheHubs { address, certificate });
        verdict.led_astray(occurrence, format!("the name server gives {address}, which is not the hub's"))
    }
}

impl DnsHijack {
    fn of(context: AttemptContext<'_>) -> Self {
        Self { addresses: vec![context.address()], sends_to: captive_portal::sends_to(context) }
    }

    /// A login is looked for first: who runs the device can do that.
    fn owner(&self) -> Owner {
        if self.sends_to.is_some() { Owner::Operator } else { Owner::NetworkAdmin }
    }
}

/// What one server gives for a name that has other addresses, for names that cannot exist, and for the hub, is nobody's
/// address in particular: what is refused there says nothing of the hub. A hub that is the one machine of a network of its own
/// would show itself at some port.
fn of_every_name(context: AttemptContext<'_>, verdict: AttemptVerdict, address: IpAddr) -> AttemptVerdict {
    let controls = &context.comparisons.controls;
    let here = |made_up: &&MadeUp| made_up.is(address);
    let mut wrong = controls.wrong().iter().filter(here);
    let lies = wrong.find_map(|wrong| {
        let nowhere = controls.nowhere().iter().filter(here).find(|nowhere| nowhere.server == wrong.server)?;
        Some((wrong, nowhere))
    });
    let is_the_hub = context.comparisons.names.as_ref().is_some_and(|names| names.hub_shows_at(address));
    let Some((wrong, nowhere)) = lies.filter(|_| !is_the_hub) else { return verdict };
    let cause = DnsHijack::of(context);
    let owner = cause.owner();
    let occurrence = match context.comparisons.has_strangers_certificate(address) {
        true => Occurrence::confirmed(cause).evidence(NotTheHubs { address, certificate: true }),
        false => Occurrence::likely(cause),
    };
    verdict.led_astray(
        occurrence.owner(owner).evidence(wrong.clone()).evidence(nowhere.clone()),
        format!("the name server gives {address} for every name"),
    )
}

/// A domain may have a record for every name below it, a name server lie of others alone, or of the hub too.
fn or_hijack(verdict: AttemptVerdict, made_up: MadeUp) -> AttemptVerdict {
    verdict.explained(|cause| match cause.is_of_a_stranger() && !cause.alternatives.contains(&Code::DnsHijack) {
        true => cause.or(Code::DnsHijack).evidence(made_up.clone()),
        false => cause,
    })
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
