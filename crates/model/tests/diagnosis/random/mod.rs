//! Random observations, contradictions and hostile text included.

mod answers;
mod proxies;
mod stages;
mod tls;
mod words;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hubreach::{
    hub::{CheckId, Depth, KINDS, Needed, Protocol, Requirement, Role, Route},
    observation::{
        Attempt, CheckObservations, HubSummary, Observations, Outcome, Resolution, ResolveFailure, RootSource,
        TrustStore, Vantage,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use self::stages::attempts;
pub use self::words::text;
use self::words::{library, ordinary};
use crate::{hellos, paths};

/// Those of a run, with or without a proxy.
pub fn observations() -> impl Strategy<Value = Observations> {
    (direct_observations(), option::of(proxies::proxied())).prop_map(|(seen, proxied)| match proxied {
        Some(proxied) => proxied.added_to(seen),
        None => seen,
    })
}

/// Those of a run with a proxy, without and with what it adds.
pub fn without_and_with_proxy() -> impl Strategy<Value = (Observations, Observations)> {
    (direct_observations(), proxies::proxied()).prop_map(|(seen, proxied)| (seen.clone(), proxied.added_to(seen)))
}

/// The same, but that no peer has spaces or braces of its own to add to our sentences.
pub fn ordinary_observations() -> impl Strategy<Value = Observations> {
    ordinary(observations)
}

fn direct_observations() -> impl Strategy<Value = Observations> {
    let asked = (
        select(KINDS.iter().map(|facts| facts.kind).collect::<Vec<_>>()),
        option::of(Just(RootSource::BuiltIn)),
        select(vec![Depth::Connect, Depth::Tls, Depth::Exchange, Depth::Exchange, Depth::Exchange]),
        select(vec![Role::Device, Role::Gateway]),
        requirement(),
        text(),
    );
    let second = (hellos::experiments(address()), paths::experiments(addresses()));
    (asked, resolution(), vec(attempts(), 0..=5), second).prop_map(
        |((kind, roots, depth, role, requirement, host), resolution, checks, (hellos, paths))| Observations {
            proxy: None,
            started_at: String::new(),
            duration_ms: 1.0,
            deadline_reached: true,
            partial: true,
            vantage: Vantage {
                host: None,
                utc_offset_minutes: None,
                os: "linux".to_owned(),
                gateway: None,
                resolvers: vec![host.clone()],
                unused_resolvers: Vec::new(),
                proxy_settings: Vec::new(),
                trust_store: TrustStore { source: RootSource::Native, roots: 0 },
                network: None,
            },
            experiments: hellos::of_hub(&host, hellos).into_iter().chain(paths).collect(),
            hub: HubSummary { host, kind, kind_assumed: roots.is_none(), roots },
            depth,
            role,
            requirement,
            resolution,
            checks: Protocol::ALL
                .iter()
                .copied()
                .zip(checks)
                .map(|(protocol, attempts)| check(protocol, Route::Direct, attempts))
                .collect(),
        },
    )
}

fn check(protocol: Protocol, route: Route, attempts: Vec<Attempt>) -> CheckObservations {
    let port = match protocol {
        Protocol::Mqtt => 8883,
        Protocol::Amqp => 5671,
        _ => 443,
    };
    let id = CheckId::from(format!("{protocol}@{route}").as_str());
    CheckObservations { id, protocol, port, route, duration_ms: 1.0, attempts }
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let needed = Needed { protocol: Protocol::Mqtt, route: None };
    select(vec![Requirement::Any, Requirement::All, Requirement::None, Requirement::Each(vec![needed])])
}

fn resolution() -> impl Strategy<Value = Resolution> {
    let outcome = prop_oneof![
        6 => Just(Outcome::Ok),
        1 => select(vec![Outcome::Failed, Outcome::NotReached, Outcome::Cancelled]),
    ];
    let failure = library().prop_flat_map(|message| {
        select(vec![
            ResolveFailure::NameNotFound,
            ResolveFailure::NoAddress,
            ResolveFailure::TryAgain,
            ResolveFailure::ServerFailure,
            ResolveFailure::TimedOut,
            ResolveFailure::Other { message },
        ])
    });
    (outcome, option::of(millis()), vec(address(), 0..3), option::of(failure)).prop_map(
        |(outcome, duration_ms, addresses, failure)| Resolution {
            outcome,
            duration_ms,
            addresses,
            failure,
            ..Resolution::default()
        },
    )
}

fn few_bytes() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), any::<u64>()]
}

fn millis() -> impl Strategy<Value = f64> {
    prop_oneof![select(vec![0.1, 12.0, 5000.0]), any::<f64>()]
}

/// Few, so that checks share them and each family has two.
fn addresses() -> Vec<IpAddr> {
    vec![
        IpAddr::from([192, 0, 2, 1]),
        IpAddr::from([192, 0, 2, 2]),
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
        IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]),
    ]
}

fn address() -> impl Strategy<Value = IpAddr> {
    select(addresses())
}
