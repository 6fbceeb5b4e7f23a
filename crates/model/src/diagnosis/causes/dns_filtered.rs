//! A DNS filter answers in the hub's place.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        distinct,
        evidence::Statement,
        names::{NameServer, Names, Origin, is_no_hosts, is_of_a_filter, is_private},
        occurrence::Occurrence,
        scope::Scope,
        text::listed,
        unresolved::Why,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    observation::{ClearAnswer, Observations, RootSource, Stage, kind},
};

/// The most addresses that are listed.
const MOST_ADDRESSES: usize = 20;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsFiltered {
    /// What is given for the hub; none where the name is denied.
    addresses: Vec<IpAddr>,
    /// No host can be reached at them, which a mistaken record shows as well as a filter.
    #[serde(skip)]
    unusable: bool,
    /// The name servers that give it.
    #[serde(skip)]
    servers: Vec<NameServer>,
}

impl CauseKind for DnsFiltered {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::DnsAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A DNS filter keeps the hub's name from this network: the answer is an address that is nobody's \
            (0.0.0.0), this machine's own, or that of a page which says so. The filter is the name server, or stands on \
            the way to it. What is refused at such an address says nothing of the hub. A record that is wrong looks the \
            same where the address is a multicast, broadcast or link-local one.",
        proof: "A name server's answer for the hub's name is 0.0.0.0 or `::`, or another address that no host can be \
            reached at, or carries an extended error that says so (blocked, censored, filtered). A loopback address is \
            `likely`, for the hub might be meant to run on this machine. An address where something else shows a block \
            page, while the name servers answer for other names as they should, is `possible`, for a box on the path can \
            show one too; `likely` if it is an inside address and the hub in a cloud. Who makes such an answer up on the \
            way is the filter.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.unusable {
            false => format!("A DNS filter keeps {} from this network", scope.host()),
            true => format!("DNS answers for {} with an address that no host can have", scope.host()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        match self.servers.as_slice() {
            servers if self.unusable => {
                let on = if servers.is_empty() { "the name server".to_owned() } else { listed(servers) };
                format!("Correct the record of {host} on {on}, or exempt {host} from the filter that answers there.")
            }
            servers if scope.is_general() || servers.is_empty() => {
                format!("Allow {host} in the DNS filter: on the name server, or on the way to it.")
            }
            servers => format!("Allow {host} in the DNS filter: on {}, or on the way there.", listed(servers)),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.addresses.is_empty(), self.unusable) == (other.addresses.is_empty(), other.unusable)
    }

    fn merge(&mut self, other: &Self) {
        distinct::add_new(&mut self.addresses, &other.addresses, MOST_ADDRESSES);
        distinct::add_new(&mut self.servers, &other.servers, MOST_ADDRESSES);
    }

    /// The name is denied, and the server says that this is on purpose.
    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let Why::Filtered(answers) = Why::of(run)? else { return None };
        let filtering = answers.said().filter(|said| said.errors.iter().any(is_of_a_filter));
        let mut servers: Vec<NameServer> = filtering.map(|said| said.server).collect();
        servers.dedup();
        let occurrence = Occurrence::confirmed(Self { servers, ..Self::default() }).said_by(&answers);
        Some(("a DNS filter denies the name", occurrence))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let address = context.attempt.address;
        let concerns =
            matches!(verdict.outcome, AttemptOutcome::Blocked | AttemptOutcome::Unknown | AttemptOutcome::NoRoute);
        let Some(names) = context.comparisons.names.as_ref().filter(|_| concerns && !verdict.is_led_astray()) else {
            return verdict;
        };
        let Origin::Servers(servers) = names.origin(address) else { return verdict };
        if names.hub_shows_at(address) {
            return verdict;
        }
        let Some(proof) = proof(context, names, &verdict) else { return verdict };
        let unusable = matches!(proof, Proof::Unusable);
        let cause = Self { addresses: vec![address], unusable, servers };
        let is_of_a_cloud = context.observations.hub.roots == Some(RootSource::BuiltIn);
        let occurrence = match proof {
            Proof::Nobodys | Proof::Unusable | Proof::SaysSo => Occurrence::confirmed(cause),
            Proof::Loopback if is_of_a_cloud => Occurrence::confirmed(cause),
            Proof::Loopback => Occurrence::likelier_than(cause, Code::PortClosed),
            // A cloud has no such address; any other may be the hub's, and a box on the path show the page.
            Proof::Page if is_private(address) && is_of_a_cloud => {
                Occurrence::likelier_than(cause, Code::CertificateNameMismatch)
            }
            Proof::Page => Occurrence::possible(cause, &[Code::GatewayBlockPage, Code::CertificateNameMismatch]),
        };
        let occurrence = match proof {
            Proof::Nobodys => occurrence.evidence(Observed::Nobodys { address }),
            Proof::Unusable => occurrence.evidence(Observed::Unusable { address }),
            Proof::Loopback => occurrence.evidence(Observed::Loopback { address }),
            Proof::Page => occurrence.evidence(Observed::Page { address }),
            Proof::SaysSo => occurrence,
        };
        let occurrence = names.tell(occurrence);
        let occurrence = match context.comparisons.controls.are_honest() {
            true => occurrence.evidence("names that cannot exist are denied, as they should be"),
            false => occurrence,
        };
        let who = if unusable { "DNS" } else { "a DNS filter" };
        verdict.led_astray(occurrence, format!("{who} answers {address} for the name"))
    }
}

enum Proof {
    Nobodys,
    /// No host can be reached at it.
    Unusable,
    Loopback,
    /// The server says so itself.
    SaysSo,
    /// Something else than the hub shows a page that says so.
    Page,
}

fn proof(context: AttemptContext<'_>, names: &Names<'_>, verdict: &AttemptVerdict) -> Option<Proof> {
    let address = names.original(context.attempt.address);
    let host = &context.observations.hub.host;
    let is_local = host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
    let says_so = names
        .answers
        .iter()
        .flat_map(|answers| answers.said())
        .any(|said| said.addresses().contains(&context.attempt.address) && said.errors.iter().any(is_of_a_filter));
    let controls = &context.comparisons.controls;
    // A server that has such an address for any name does not filter this one.
    let lies =
        !controls.wrong().is_empty() || controls.nowhere().iter().any(|made_up| made_up.is(context.attempt.address));
    match address {
        address if address.is_unspecified() => Some(Proof::Nobodys),
        _ if says_so => Some(Proof::SaysSo),
        address if is_no_hosts(address) => Some(Proof::Unusable),
        _ if lies => None,
        address if address.is_loopback() && !is_local => Some(Proof::Loopback),
        _ if controls.are_honest() && shows_another_name(verdict) && shows_a_block_page(context) => Some(Proof::Page),
        _ => None,
    }
}

/// Whether something answers that does not even claim the hub's name, as who intercepts TLS does.
fn shows_another_name(verdict: &AttemptVerdict) -> bool {
    verdict.causes.iter().any(|cause| cause.code() == Code::CertificateNameMismatch)
}

/// Whether what answers in clear at the address says that it is there to block: a page of words to that effect, or the
/// status made for it (RFC 7725). Parked names and other people's web servers show pages too.
fn shows_a_block_page(context: AttemptContext<'_>) -> bool {
    const WORDS: [&str; 7] = ["block", "filter", "denied", "forbidden", "restricted", "prohibited", "not allowed"];
    context.all_shown::<kind::Portal>().any(|portal| match &portal.answer {
        ClearAnswer::Answered { response } => {
            let body = response.body_start.to_lowercase();
            response.status == 451 || WORDS.iter().any(|word| body.contains(word))
        }
        _ => false,
    })
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Nobodys { address: IpAddr },
    Unusable { address: IpAddr },
    Loopback { address: IpAddr },
    Page { address: IpAddr },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobodys { address } => write!(f, "{address} is nobody's address"),
            Self::Unusable { address } => {
                write!(
                    f,
                    "{address} is no host's address: a multicast, a broadcast, or a link-local one without its link"
                )
            }
            Self::Loopback { address } => write!(f, "{address} is this machine itself, where the hub does not answer"),
            Self::Page { address } => {
                write!(
                    f,
                    "what answers at {address} shows a page that speaks of blocking, and no certificate of the hub's"
                )
            }
        }
    }
}
