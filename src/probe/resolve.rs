//! The hub's name becomes addresses, by the system's own resolver.

use std::{net::IpAddr, time::Instant};

use dns_lookup::{AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};

use super::{
    Settings,
    run::{Overrun, Run},
};
use crate::{
    observation::{Outcome, Resolution, ResolveFailure, millis},
    target::HubHost,
};

/// Two rounds of a resolver's usual five seconds.
const RESOLVE: std::time::Duration = std::time::Duration::from_secs(10);

/// How many addresses of each family are tried by default.
const PER_FAMILY: usize = 2;

/// Resolves `host`, unless the addresses are known.
pub(super) async fn resolve(run: &Run, host: &HubHost, settings: &Settings) -> Resolution {
    let given = match host {
        _ if !settings.addresses.is_empty() => Some(settings.addresses.clone()),
        HubHost::Ip(ip) => Some(vec![*ip]),
        HubHost::Name(_) => None,
    };
    if let Some(addresses) = given {
        return Resolution {
            outcome: Outcome::NotReached,
            duration_ms: None,
            addresses,
            cname: Vec::new(),
            failure: None,
        };
    }
    let began = Instant::now();
    let answer = run.within(RESOLVE, lookup(host.to_string())).await;
    let duration_ms = Some(millis(began.elapsed()));
    let (outcome, addresses, failure) = match answer {
        Ok(Ok(addresses)) if !addresses.iter().any(|address| settings.families.include(*address)) => {
            (Outcome::Failed, addresses, Some(ResolveFailure::NoAddress))
        }
        Ok(Ok(addresses)) => (Outcome::Ok, addresses, None),
        Ok(Err(failure)) => (Outcome::Failed, Vec::new(), Some(failure)),
        Err(Overrun::Stage) => (Outcome::Failed, Vec::new(), Some(ResolveFailure::TimedOut)),
        Err(Overrun::Run) => (Outcome::Cancelled, Vec::new(), None),
    };
    Resolution { outcome, duration_ms, addresses, cname: Vec::new(), failure }
}

/// The addresses to try: of the families asked for, the first of each unless all are wanted; given ones always.
pub(super) fn to_try(resolution: &Resolution, settings: &Settings) -> Vec<IpAddr> {
    let all = settings.all_addresses || !settings.addresses.is_empty();
    let limit = if all { usize::MAX } else { PER_FAMILY };
    let of_family = |v6: bool| {
        let family = resolution.addresses.iter().filter(move |address| address.is_ipv6() == v6);
        family.filter(|address| settings.families.include(**address)).take(limit)
    };
    of_family(false).chain(of_family(true)).copied().collect()
}

/// `getaddrinfo` cannot be cancelled: its thread may outlive the run, which is why a program leaves by `exit`.
async fn lookup(name: String) -> Result<Vec<IpAddr>, ResolveFailure> {
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let answers = tokio::task::spawn_blocking(move || {
        getaddrinfo(Some(&name), None, Some(hints))
            .map(|answers| answers.flatten().map(|answer| answer.sockaddr.ip()).collect::<Vec<_>>())
    });
    let found = match answers.await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return Err(failure(&error)),
        Err(error) => return Err(ResolveFailure::Other { message: error.to_string() }),
    };
    let mut addresses = Vec::new();
    for address in found {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() { Err(ResolveFailure::NoAddress) } else { Ok(addresses) }
}

fn failure(error: &dns_lookup::LookupError) -> ResolveFailure {
    match error.kind() {
        LookupErrorKind::NoName => ResolveFailure::NameNotFound,
        LookupErrorKind::NoData => ResolveFailure::NoAddress,
        LookupErrorKind::Again => ResolveFailure::TryAgain,
        LookupErrorKind::Fail => ResolveFailure::ServerFailure,
        _ => ResolveFailure::Other { message: format!("getaddrinfo failed with code {}", error.error_num()) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Families;

    #[test]
    fn the_first_two_of_each_family_are_tried() {
        let addresses = ["10.0.0.1", "::1", "10.0.0.2", "10.0.0.3", "::2", "::3"].map(|a| a.parse().expect("address"));
        let resolution = Resolution {
            outcome: Outcome::Ok,
            duration_ms: None,
            addresses: addresses.to_vec(),
            cname: Vec::new(),
            failure: None,
        };
        let tried = |settings: &Settings| {
            to_try(&resolution, settings).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(tried(&Settings::default()), "10.0.0.1 10.0.0.2 ::1 ::2");
        assert_eq!(tried(&Settings { families: Families::V6, ..Settings::default() }), "::1 ::2");
        assert_eq!(
            tried(&Settings { all_addresses: true, families: Families::V4, ..Settings::default() }),
            "10.0.0.1 10.0.0.2 10.0.0.3"
        );
    }
}
