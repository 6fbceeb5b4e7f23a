//! Who signs for another name at the same address: an interceptor makes a certificate for whatever name it is asked for, a
//! hub of its own authority does not.

use std::net::{IpAddr, SocketAddr};

use super::{
    Trial,
    hello::{Hello, NEUTRAL, Until},
    view::View,
};
use crate::{
    observation::{Climb, Hellos, Identity, StoreVerdict},
    probe::Bench,
};

pub(super) fn wanted(view: View<'_>) -> impl Iterator<Item = Trial> {
    let strange = |climb: &&Climb| {
        let trust = climb.attempt.tls.evidence().and_then(|tls| tls.trust.as_ref());
        trust.is_some_and(|trust| match trust.identity {
            Identity::Intercepted => true,
            Identity::Foreign | Identity::Unverified => *trust.authority() == StoreVerdict::UnknownIssuer,
            Identity::Proven | Identity::Trusted | Identity::UntrustedHere => false,
        })
    };
    let strange = view.ended().filter(strange);
    strange.map(|climb| Trial::Issuer(climb.attempt.address, climb.check.endpoint.port))
}

pub(super) async fn perform(bench: &Bench<'_>, address: IpAddr, port: u16) -> Option<Hellos> {
    let roots = bench.board.roots()?;
    let hello = Hello { name: Some(NEUTRAL), until: Until::WholeChain, ..Hello::usual(bench) };
    let trial = hello.send(bench, &roots, SocketAddr::new(address, port)).await;
    Some(Hellos { address, port, trials: vec![trial] })
}
