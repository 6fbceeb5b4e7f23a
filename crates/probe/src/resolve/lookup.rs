//! The hub's name becomes addresses: by the system's own resolver, by questions of our own where that is too slow to be
//! waited for, or by the name servers that the user names.

use std::{future::pending, net::IpAddr, time::Duration, time::Instant};

use dns_lookup::{AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};

use super::own_queries::OwnQueries;
use crate::{
    context::settings::Settings,
    hub::{HubHost, limits::MOST_ADDRESSES},
    net::{
        run_control::{RunControl, Timeout},
        thread::{NoThread, blocking},
    },
    observation::{Dns, Outcome, Resolution, ResolutionSource, ResolveFailure, millis},
};

/// Limits resolving the name: two rounds of the five seconds that a resolver waits for a server.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long only the system's resolver is awaited. With a server that never answers for one record type it takes 15 s;
/// after this time, answers to our own queries count.
const SYSTEM_RESOLVER_HEAD_START: Duration = Duration::from_secs(1);

/// How many addresses of each family are tried by default.
const PER_FAMILY: usize = 2;

/// Resolves `host`, unless the addresses are known.
pub(crate) async fn resolve(
    control: &RunControl,
    host: &HubHost,
    settings: &Settings,
    own: &OwnQueries,
) -> Result<Resolution, NoThread> {
    let given = match host {
        _ if !settings.addresses.is_empty() => Some(settings.addresses.clone()),
        HubHost::Ip(ip) => Some(vec![*ip]),
        HubHost::Name(_) => None,
    };
    let resolution = match given {
        Some(addresses) => Ok(Resolution { addresses, ..Resolution::default() }),
        None if !settings.resolvers.is_empty() => Ok(by_named_servers(control, settings, own).await),
        None => by_the_system(control, host, settings, own).await,
    };
    own.cancel();
    resolution
}

async fn by_the_system(
    control: &RunControl,
    host: &HubHost,
    settings: &Settings,
    own: &OwnQueries,
) -> Result<Resolution, NoThread> {
    let began = Instant::now();
    let meanwhile = async {
        tokio::time::sleep(SYSTEM_RESOLVER_HEAD_START).await;
        if settings.experiments {
            own.start();
            let addresses = own.addresses().await;
            if settings.families.include_any(&addresses) {
                return addresses;
            }
        }
        pending().await
    };
    let answer = tokio::select! {
        biased;
        answer = control.within(RESOLVE_TIMEOUT, lookup(host.to_string())) => answer,
        addresses = meanwhile => return Ok(found(began, addresses, ResolutionSource::OwnQueries, settings, own)),
    };
    let failure = match answer {
        Ok(Ok(Ok(addresses))) => return Ok(found(began, addresses, ResolutionSource::System, settings, own)),
        Err(Timeout::Run) => return Ok(Resolution { outcome: Outcome::Cancelled, ..ended(began) }),
        // That is no word against the name.
        Ok(Err(no_thread)) => return Err(no_thread),
        Ok(Ok(Err(failure))) => failure,
        Err(Timeout::Stage) => ResolveFailure::TimedOut,
    };
    if settings.experiments {
        own.start();
        let Ok(addresses) = control.within(RESOLVE_TIMEOUT, own.addresses()).await else {
            return Ok(Resolution { outcome: Outcome::Cancelled, ..ended(began) });
        };
        // A resolver that gave up says nothing against addresses that its servers give; one that denies the name does.
        let gave_up =
            matches!(failure, ResolveFailure::TryAgain | ResolveFailure::ServerFailure | ResolveFailure::TimedOut);
        if gave_up && settings.families.include_any(&addresses) {
            return Ok(found(began, addresses, ResolutionSource::OwnQueries, settings, own));
        }
    }
    Ok(Resolution { outcome: Outcome::Failed, failure: Some(failure), ..ended(began) })
}

async fn by_named_servers(control: &RunControl, settings: &Settings, own: &OwnQueries) -> Resolution {
    let began = Instant::now();
    own.start();
    let source = ResolutionSource::NamedServers;
    match control.within(RESOLVE_TIMEOUT, own.addresses()).await {
        Ok(addresses) if !addresses.is_empty() => found(began, addresses, source, settings, own),
        Err(Timeout::Run) => Resolution { outcome: Outcome::Cancelled, source, ..ended(began) },
        Ok(_) | Err(Timeout::Stage) => {
            Resolution { outcome: Outcome::Failed, failure: Some(denial(&own.answers())), source, ..ended(began) }
        }
    }
}

/// The failure that `getaddrinfo` would make of such answers.
pub(crate) fn denial(answers: &Dns) -> ResolveFailure {
    let rcodes: Vec<&str> =
        answers.queries.iter().filter_map(|query| query.reply()).map(|reply| reply.rcode.as_str()).collect();
    if rcodes.contains(&"NXDOMAIN") {
        ResolveFailure::NameNotFound
    } else if rcodes.contains(&"NOERROR") {
        ResolveFailure::NoAddress
    } else if rcodes.is_empty() {
        ResolveFailure::TimedOut
    } else {
        ResolveFailure::ServerFailure
    }
}

fn found(
    began: Instant,
    addresses: Vec<IpAddr>,
    source: ResolutionSource,
    settings: &Settings,
    own: &OwnQueries,
) -> Resolution {
    let (outcome, failure) = match settings.families.include_any(&addresses) {
        true => (Outcome::Ok, None),
        false => (Outcome::Failed, Some(ResolveFailure::NoAddress)),
    };
    let answers = own.answers();
    let mut replies = answers.queries.iter().filter_map(|query| query.reply());
    let cname = replies.find(|reply| !reply.addresses.is_empty()).map(|reply| reply.cname.clone()).unwrap_or_default();
    Resolution { outcome, addresses, cname, failure, source, ..ended(began) }
}

fn ended(began: Instant) -> Resolution {
    Resolution { duration_ms: Some(millis(began.elapsed())), ..Resolution::default() }
}

/// The addresses to try: of the families asked for, the first of each, or as many as there may be where all are wanted; none of
/// a name that was not resolved.
pub(crate) fn to_try(resolution: &Resolution, settings: &Settings) -> Vec<IpAddr> {
    if matches!(resolution.outcome, Outcome::Failed | Outcome::Cancelled) {
        return Vec::new();
    }
    let all = settings.all_addresses || !settings.addresses.is_empty();
    let limit = if all { MOST_ADDRESSES } else { PER_FAMILY };
    let of_family = |v6: bool| {
        let family = resolution.addresses.iter().filter(move |address| address.is_ipv6() == v6);
        family.filter(|address| settings.families.include(**address)).take(limit)
    };
    of_family(false).chain(of_family(true)).copied().collect()
}

/// Asks the system's resolver alone, for at most `limit`.
pub(crate) async fn look_up(control: &RunControl, limit: Duration, name: &str) -> Resolution {
    let began = Instant::now();
    match control.within(limit, lookup(name.to_owned())).await {
        Ok(Ok(Ok(addresses))) => Resolution { outcome: Outcome::Ok, addresses, ..ended(began) },
        Ok(Ok(Err(failure))) => Resolution { outcome: Outcome::Failed, failure: Some(failure), ..ended(began) },
        Err(Timeout::Stage) => {
            Resolution { outcome: Outcome::Failed, failure: Some(ResolveFailure::TimedOut), ..ended(began) }
        }
        // Nothing is known of the name without a thread to ask on, either.
        Err(Timeout::Run) | Ok(Err(_)) => Resolution { outcome: Outcome::Cancelled, ..ended(began) },
    }
}

/// `getaddrinfo` cannot be cancelled: its thread may outlive the run, which is why a program leaves by `exit`.
async fn lookup(name: String) -> Result<Result<Vec<IpAddr>, ResolveFailure>, NoThread> {
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let answers = blocking(move || {
        getaddrinfo(Some(&name), None, Some(hints))
            .map(|answers| answers.flatten().map(|answer| answer.sockaddr.ip()).collect::<Vec<_>>())
    });
    Ok(answers.await?.map_err(|error| failure(&error)).and_then(|found| {
        let mut addresses = Vec::new();
        for address in found {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.is_empty() { Err(ResolveFailure::NoAddress) } else { Ok(addresses) }
    }))
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
    use crate::net::families::Families;

    #[test]
    fn the_first_two_of_each_family_are_tried() {
        let addresses = ["10.0.0.1", "::1", "10.0.0.2", "10.0.0.3", "::2", "::3"].map(|a| a.parse().expect("address"));
        let resolution = Resolution { outcome: Outcome::Ok, addresses: addresses.to_vec(), ..Resolution::default() };
        let tried = |settings: &Settings| {
            to_try(&resolution, settings).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(tried(&Settings::default()), "10.0.0.1 10.0.0.2 ::1 ::2");
        assert_eq!(tried(&Settings { families: Families::V6, ..Settings::default() }), "::1 ::2");
        assert_eq!(
            tried(&Settings { all_addresses: true, families: Families::V4, ..Settings::default() }),
            "10.0.0.1 10.0.0.2 10.0.0.3"
        );
        let many = (0..4000u32).map(|number| IpAddr::from((0x0a00_0000 + number).to_be_bytes())).collect();
        let many = Resolution { addresses: many, ..resolution };
        assert_eq!(to_try(&many, &Settings { all_addresses: true, ..Settings::default() }).len(), MOST_ADDRESSES);
    }
}
