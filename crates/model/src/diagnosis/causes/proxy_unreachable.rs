//! The proxy itself is not reached. Why, the rules for the way to a hub say of the way to the proxy.

use std::{collections::HashSet, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, Verdict, cause::Cause, cause_kind::CauseKind, judged_check::JudgedCheck,
        occurrence::Occurrence, scope::Scope, text::clipped,
    },
    observation::{ProxyObservations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProxyUnreachable {
    /// Its URL, without credentials.
    proxy: String,
    /// What stops the way to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Code>,
    #[serde(skip)]
    host: String,
    #[serde(skip)]
    port: u16,
    #[serde(skip)]
    cause: Option<Cause>,
    /// Whether it is reached all the same, by another address or late.
    #[serde(skip)]
    is_reached: bool,
    /// Whether the place is known where packets to it end.
    #[serde(skip)]
    is_located: bool,
}

impl CauseKind for ProxyUnreachable {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::ProxyAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The TCP connection to the proxy itself fails: the proxy does not run, its name is not known, or something \
            between this device and the proxy stops the way. What stops it is found by the same measurements as on the way to a \
            hub; `facts.reason` holds that code, and `hubreach explain` tells what it means. It is a warning if the proxy is \
            reached all the same, by another of its addresses or late.",
        proof: "No address of the proxy completes a TCP handshake; the reason is proved as its own code asks for. Silence whose \
            place on the path is not known may be a proxy that does not run: that is for its administrator.",
    };

    fn title(&self, scope: &Scope) -> String {
        let proxy = scope.or_placeholder("PROXY", &self.proxy);
        let why = self.cause.as_ref().map(|cause| in_sentence(&cause.title(&self.of_proxy(scope))));
        match (why, self.is_reached) {
            (Some(why), true) => format!("The way to the proxy {proxy} has a fault: {why}"),
            (Some(_), false) if self.may_be_off() => {
                format!("The proxy {proxy} is not reached: TCP {} is not answered", self.port)
            }
            (Some(why), false) => format!("The proxy {proxy} is not reached: {why}"),
            (None, _) => format!("The proxy {proxy} is not reached"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, port) = (&self.host, self.port);
        match (&self.cause, self.reason) {
            (Some(_), Some(Code::SomeAddressesBlocked | Code::PortClosed | Code::SilentDrop)) if self.is_reached => {
                format!(
                    "Find out why one address of {host} does not answer, and take it out of the name if it is gone."
                )
            }
            (Some(_), _) if self.may_be_off() => {
                format!("Check that the proxy runs at {host}; if it does, allow TCP {port} to it from this device.")
            }
            (Some(_), Some(Code::PortClosed)) => {
                format!(
                    "Start the proxy at {host}: nothing there listens on TCP {port}, or it is refused in its place."
                )
            }
            (Some(_), Some(Code::DnsNameNotFound)) => format!(
                "Correct the proxy's name in the setting of this device; if it is right, ask those who run this network's DNS \
                 whether {host} is served here."
            ),
            (Some(cause), _) => cause.fix(&self.of_proxy(scope)),
            (None, _) => "Check that the proxy runs, and that nothing between this device and the proxy stops the way."
                .to_owned(),
        }
    }

    fn first_step(&self, scope: &Scope) -> Option<String> {
        match self.reason? {
            Code::SomeAddressesBlocked | Code::PortClosed | Code::SilentDrop if self.is_reached => None,
            Code::PortClosed => Some("Check host and port of the proxy in the setting of this device.".to_owned()),
            Code::SilentDrop if self.may_be_off() => {
                Some("Check host and port of the proxy in the setting of this device.".to_owned())
            }
            Code::DnsNameNotFound => None,
            _ => self.cause.as_ref()?.first_step(&self.of_proxy(scope)),
        }
    }

    fn device(&self) -> Option<IpAddr> {
        self.cause.as_ref()?.device()
    }

    fn is_same(&self, other: &Self) -> bool {
        let causes = match (&self.cause, &other.cause) {
            (Some(one), Some(other)) => one.is_same(other),
            (None, None) => true,
            _ => false,
        };
        let key = |one: &Self| (one.reason, one.is_reached, one.is_located);
        self.proxy == other.proxy && key(self) == key(other) && causes
    }

    fn merge(&mut self, other: &Self) {
        if let (Some(cause), Some(other)) = (&mut self.cause, &other.cause) {
            cause.merge(other);
        }
    }
}

impl ProxyUnreachable {
    /// What is wrong with the way to the proxy is told of the proxy, not of the hub.
    fn of_proxy(&self, scope: &Scope) -> Scope {
        Scope::of_proxy(&self.host, self.port, scope.locations().to_vec())
    }

    /// Nothing answers, and nothing shows that something on the way drops.
    fn may_be_off(&self) -> bool {
        self.reason == Some(Code::SilentDrop) && !self.is_located
    }
}

/// A title in the middle of a sentence, unless it begins with an abbreviation.
fn in_sentence(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain([second]).chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}

/// The verdict of a check through a proxy of which the `way` there is not open. `shared` are codes of the direct route.
pub(in crate::diagnosis) fn instead(
    proxy: &ProxyObservations,
    way: JudgedCheck,
    shared: &HashSet<Code>,
) -> JudgedCheck {
    let is_root = |cause: &Occurrence| cause.severity == Severity::Error && cause.symptom_of.is_none();
    let summary = match way.verdict {
        Verdict::Unknown if way.causes.is_empty() => format!("on the way to the proxy: {}", way.summary),
        _ => match way.causes.iter().find(|cause| is_root(cause)) {
            Some(root) => format!(
                "the proxy is not reached: {}",
                in_sentence(&root.cause.title(&Scope::of_proxy(&proxy.host, proxy.port, Vec::new())))
            ),
            None => format!("the proxy is not reached: {}", way.summary),
        },
    };
    let of_proxy = |occurrence| told_of_the_proxy(proxy, occurrence, shared, false);
    let (roots, others): (Vec<_>, Vec<_>) = way.causes.into_iter().partition(is_root);
    // What is a symptom of something that is not told of the proxy is all that there is to say.
    let told = if roots.is_empty() && way.verdict == Verdict::Blocked { gravest(others) } else { roots };
    JudgedCheck { summary: clipped(&summary), causes: told.into_iter().map(of_proxy).collect(), ..way }
}

fn gravest(causes: Vec<Occurrence>) -> Vec<Occurrence> {
    let gravest = causes.into_iter().min_by_key(|cause| cause.severity);
    let as_root = gravest.map(|cause| {
        let mut root = cause.severity(Severity::Error);
        root.symptom_of = None;
        root
    });
    as_root.into_iter().collect()
}

/// What is wrong with a way to the proxy that is open all the same.
pub(in crate::diagnosis) fn faults<'a>(
    proxy: &'a ProxyObservations,
    way: JudgedCheck,
    shared: &'a HashSet<Code>,
) -> impl Iterator<Item = Occurrence> + use<'a> {
    let is_of_it_alone = |cause: &Occurrence| {
        cause.severity == Severity::Warning && cause.symptom_of.is_none() && !shared.contains(&cause.code())
    };
    way.causes.into_iter().filter(is_of_it_alone).map(|cause| told_of_the_proxy(proxy, cause, shared, true))
}

fn told_of_the_proxy(
    proxy: &ProxyObservations,
    occurrence: Occurrence,
    shared: &HashSet<Code>,
    is_reached: bool,
) -> Occurrence {
    match occurrence.code() {
        // This machine's own fault has nothing to do with the proxy.
        Code::NoNetwork | Code::PortsExhausted => return occurrence,
        // Name servers that serve neither name are one fault.
        code @ (Code::DnsTimeout | Code::DnsServerFailure) if shared.contains(&code) => return occurrence,
        _ => {}
    }
    let unreachable = ProxyUnreachable {
        proxy: clipped(&proxy.url()),
        reason: Some(occurrence.code()),
        host: clipped(&proxy.host),
        port: proxy.port,
        cause: Some(occurrence.cause.clone()),
        is_reached,
        is_located: occurrence.location.is_some(),
    };
    let is_the_proxys = occurrence.owner == Owner::HubOwner || unreachable.may_be_off();
    let owner = if is_the_proxys { Owner::ProxyAdmin } else { occurrence.owner };
    occurrence.told_as(unreachable).owner(owner)
}
