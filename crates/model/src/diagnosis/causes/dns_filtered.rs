//! A DNS filter answers in the hub's place.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        dns::{AddressOrigin, NameFacts, NameServer, is_filtering, is_local_name, is_not_a_host, is_private},
        evidence::Statement,
        occurrence::Occurrence,
        ordered_set,
        scope::Scope,
        text::listed,
        unresolved::UnresolvedReason,
    },
    observation::{ClearAnswer, Observations, RootSource, Stage, kind},
};

/// A report stays readable with this many.
const MAX_ADDRESSES: usize = 20;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsFiltered {
    /// The addresses given for the hub; empty if the name is denied.
    addresses: Vec<IpAddr>,
    /// No host can have these addresses; a wrong record shows the same as a filter.
    #[serde(skip)]
    unusable: bool,
    /// The name servers that give them.
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
        ordered_set::extend_unique(&mut self.addresses, &other.addresses, MAX_ADDRESSES);
        ordered_set::extend_unique(&mut self.servers, &other.servers, MAX_ADDRESSES);
    }

    /// The name is denied, and the server says that it filters it.
    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let UnresolvedReason::Filtered(answers) = UnresolvedReason::of(run)? else { return None };
        let filtering = answers.results().filter(|result| result.errors.iter().any(is_filtering));
        let mut servers: Vec<NameServer> = filtering.map(|result| result.server).collect();
        servers.dedup();
        let occurrence = Occurrence::confirmed(Self { servers, ..Self::default() }).with_answers(&answers);
        Some(("a DNS filter denies the name", occurrence))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let address = context.attempt.address;
        let concerns =
            matches!(verdict.outcome, AttemptOutcome::Blocked | AttemptOutcome::Unknown | AttemptOutcome::NoRoute);
        let Some(names) = context.comparisons.name_facts.as_ref().filter(|_| concerns && !verdict.is_misdirected())
        else {
            return verdict;
        };
        let AddressOrigin::Servers(servers) = names.origin(address) else { return verdict };
        if names.is_proven_at(address) {
            return verdict;
        }
        let Some(proof) = proof(context, names, &verdict) else { return verdict };
        let unusable = matches!(proof, Proof::Unusable);
        let cause = Self { addresses: vec![address], unusable, servers };
        let is_cloud_hub = context.observations.hub.roots == Some(RootSource::BuiltIn);
        let occurrence = match proof {
            Proof::Unspecified | Proof::Unusable | Proof::ExtendedError => Occurrence::confirmed(cause),
            Proof::Loopback if is_cloud_hub => Occurrence::confirmed(cause),
            Proof::Loopback => Occurrence::likelier_than(cause, Code::PortClosed),
            // A cloud hub has no private address. Any other address may be the hub's, and the page may come from a box
            // on the path.
            Proof::BlockPage if is_private(address) && is_cloud_hub => {
                Occurrence::likelier_than(cause, Code::CertificateNameMismatch)
            }
            Proof::BlockPage => Occurrence::possible(cause, &[Code::GatewayBlockPage, Code::CertificateNameMismatch]),
        };
        let occurrence = match proof {
            Proof::Unspecified => occurrence.evidence(Observed::Unspecified { address }),
            Proof::Unusable => occurrence.evidence(Observed::Unusable { address }),
            Proof::Loopback => occurrence.evidence(Observed::Loopback { address }),
            Proof::BlockPage => occurrence.evidence(Observed::BlockPage { address }),
            Proof::ExtendedError => occurrence,
        };
        let occurrence = names.with_evidence(occurrence);
        let occurrence = match context.comparisons.controls.are_truthful() {
            true => occurrence.evidence("names that cannot exist are denied, as they should be"),
            false => occurrence,
        };
        let who = if unusable { "DNS" } else { "a DNS filter" };
        verdict.misdirected_by(occurrence, format!("{who} answers {address} for the name"))
    }
}

enum Proof {
    Unspecified,
    /// No host can have the address.
    Unusable,
    Loopback,
    /// The server says so by an extended error.
    ExtendedError,
    /// Something other than the hub shows a page that says so.
    BlockPage,
}

fn proof(context: AttemptContext<'_>, names: &NameFacts<'_>, verdict: &AttemptVerdict) -> Option<Proof> {
    let address = names.original(context.attempt.address);
    let is_local = is_local_name(&context.observations.hub.host);
    let says_so =
        names.answers.iter().flat_map(|answers| answers.results()).any(|result| {
            result.addresses().contains(&context.attempt.address) && result.errors.iter().any(is_filtering)
        });
    let controls = &context.comparisons.controls;
    // A server that gives such an address for every name does not filter this one.
    let lies_about_others = !controls.wrong_addresses().is_empty()
        || controls.nonexistent().iter().any(|made_up| made_up.contains(context.attempt.address));
    match address {
        address if address.is_unspecified() => Some(Proof::Unspecified),
        _ if says_so => Some(Proof::ExtendedError),
        address if is_not_a_host(address) => Some(Proof::Unusable),
        _ if lies_about_others => None,
        address if address.is_loopback() && !is_local => Some(Proof::Loopback),
        _ if controls.are_truthful() && shows_another_name(verdict) && shows_a_block_page(context) => {
            Some(Proof::BlockPage)
        }
        _ => None,
    }
}

/// Whether the peer does not even claim the hub's name, as TLS inspection would.
fn shows_another_name(verdict: &AttemptVerdict) -> bool {
    verdict.causes.iter().any(|cause| cause.code() == Code::CertificateNameMismatch)
}

/// Whether the answer in clear text at the address says that it blocks: in the words of a page, or by the status for it
/// (RFC 7725). Parked names and other web servers show pages too.
fn shows_a_block_page(context: AttemptContext<'_>) -> bool {
    const BLOCK_PAGE_WORDS: [&str; 7] =
        ["block", "filter", "denied", "forbidden", "restricted", "prohibited", "not allowed"];
    context.all_results::<kind::Portal>().any(|portal| match &portal.answer {
        ClearAnswer::Answered { response } => {
            let body = response.body_start.to_lowercase();
            response.status == 451 || BLOCK_PAGE_WORDS.iter().any(|word| body.contains(word))
        }
        _ => false,
    })
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Unspecified { address: IpAddr },
    Unusable { address: IpAddr },
    Loopback { address: IpAddr },
    BlockPage { address: IpAddr },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unspecified { address } => write!(f, "{address} is nobody's address"),
            Self::Unusable { address } => {
                write!(
                    f,
                    "{address} is no host's address: a multicast, a broadcast, or a link-local one without its link"
                )
            }
            Self::Loopback { address } => write!(f, "{address} is this machine itself, where the hub does not answer"),
            Self::BlockPage { address } => {
                write!(
                    f,
                    "what answers at {address} shows a page that speaks of blocking, and no certificate of the hub's"
                )
            }
        }
    }
}
