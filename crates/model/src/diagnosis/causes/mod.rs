//! The causes that can be named: one file each.
//!
//! # How to add a cause
//!
//! Write `causes/its_word.rs` and put it into the list below, twice: among the `mod` lines, which formatters and editors
//! follow, and into [`causes!`] at the place where its rules are to be asked. All else that has to know every cause is made
//! from that list. The file holds:
//!
//! - a struct with the facts that tell this cause from others of its code, typed, with `derive(Debug, Clone, Default,
//!   PartialEq, Serialize)`. Serialised it is the finding's `facts` (fields that are no figure or name for programs are
//!   `serde(skip)`); its `Default` is the form in which nothing is known, of which `explain` speaks;
//! - `impl CauseKind`: its [`ENTRY`](CauseKind::ENTRY) (what `explain` tells; who could forge the proof), and its title and
//!   fix as said of a [`Scope`], that is of one or several hubs, ports and places: never write a plural or a name yourself;
//! - its evidence, an enum (say `Observed`) with `impl Display` and `impl Statement`: data, said where it is shown;
//! - its rule, in whichever of these hooks fits, each pure and all optional:
//!   [`of_resolution`](CauseKind::of_resolution) where there is no address to try, [`of_run`](CauseKind::of_run) for what is
//!   to be said of every check, [`of_attempt`](CauseKind::of_attempt) for why one attempt ended as it did (ask
//!   [`AttemptContext::ended`]), [`amend`](CauseKind::amend) for what it adds to, or takes from, what others say of an attempt.
//!
//! An [`Occurrence`] is the cause with what all causes have in common: how sure it is, what else it could be, whose it is,
//! where, and what was seen. `Occurrence::confirmed(Its { .. }).evidence(Observed::.. { .. })`: what anybody on the path could
//! have made up ([`Forgery`](super::Forgery)) is never more than likely, whatever the rule claims. Findings of several
//! checks, addresses and hubs are put together by comparing the data, never the words.
//!
//! Then a case of its name in `tests/diagnosis/made/`, a scenario in `tests/lab/scenarios/` with the record of its run
//! (`HUBREACH_RECORD=1 cargo test --test lab`), and `cargo run -- explain --markdown > docs/causes.md`.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Entry, attempt_context::AttemptContext, occurrence::Occurrence, remedy::Remedy, scope::Scope, text::clipped,
    verdict::AttemptVerdict,
};
use crate::observation::Observations;

pub(super) mod address_family_broken;
pub(super) mod address_family_unavailable;
mod alpn_filter;
mod anchor_not_a_root;
mod authentication_refused;
pub(super) mod captive_portal;
mod certificate_expired;
mod certificate_expires_soon;
mod certificate_form;
mod certificate_name_mismatch;
mod certificate_not_yet_valid;
mod certificate_untrusted;
mod certificate_weak;
mod chain_incomplete;
mod client_certificate_required;
mod client_hello_dropped;
mod clock_skew;
mod clock_wrong;
mod connection_limit;
mod container_forwarding;
mod dns_filtered;
mod dns_hijack;
mod dns_name_not_found;
mod dns_no_address;
mod dns_partial;
mod dns_rewritten;
mod dns_server_failure;
mod dns_servers_disagree;
mod dns_slow;
mod dns_timeout;
mod dns_truncated;
mod dnssec_failure;
mod gateway_block_page;
mod gateway_without_backend;
mod hello_rewritten;
mod hub_unavailable;
pub(super) mod icmp_reject;
mod intermittent;
mod kind;
mod large_client_hello_dropped;
mod link_too_slow;
mod local_block;
mod missing_root;
mod name_constraint_violated;
mod name_overridden;
mod network_overlap;
mod no_network;
mod no_protocol_reply;
mod not_tls;
mod path_mtu_blackhole;
mod peer_closed;
mod plain_protocol;
pub(super) mod port_closed;
mod ports_exhausted;
mod private_address_no_route;
mod protocol_mismatch;
mod proxy_configured;
mod reverse_path_filter;
mod revocation_unreachable;
mod root_expired;
mod search_domain;
mod silent_drop;
mod sni_filter;
pub(super) mod some_addresses_blocked;
mod tcp_reset;
mod tls_alert;
mod tls_intercepted;
mod tls_reset;
mod tls_silent;
mod tls_suites_uncommon;
mod tls_version_unsupported;
mod transparent_proxy;
mod upstream_mtu;
mod websocket_bad_accept;
mod websocket_frames_blocked;
mod websocket_rejected_by_hub;
mod websocket_stripped;

pub(crate) use kind::CauseKind;

/// Makes of the list whatever has to know every cause.
macro_rules! causes {
    ($($module:ident::$Cause:ident,)*) => {
        /// A cause's name. What each stands for: [`Code::title`] and [`Code::entry`], or `hubreach explain`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "its own entry tells what each stands for")]
        pub enum Code {
            $($Cause,)*
        }

        impl Code {
            /// Every code that this version can name, in the order in which the causes are asked.
            pub const ALL: &[Self] = &[$(Self::$Cause,)*];

            /// What is said of it before it is ever seen.
            pub fn entry(self) -> Entry {
                match self {
                    $(Self::$Cause => $module::$Cause::ENTRY,)*
                }
            }
        }

        /// A cause with its facts.
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) enum Cause {
            $($Cause($module::$Cause),)*
        }

        $(impl From<$module::$Cause> for Cause {
            fn from(cause: $module::$Cause) -> Self {
                Self::$Cause(cause)
            }
        })*

        impl Cause {
            /// The cause with nothing known of it.
            pub(super) fn general(code: Code) -> Self {
                match code {
                    $(Code::$Cause => Self::$Cause($module::$Cause::default()),)*
                }
            }

            pub(crate) fn code(&self) -> Code {
                match self {
                    $(Self::$Cause(_) => Code::$Cause,)*
                }
            }

            pub(crate) fn title(&self, scope: &Scope) -> String {
                match self {
                    $(Self::$Cause(cause) => cause.title(scope),)*
                }
            }

            pub(crate) fn fix(&self, scope: &Scope) -> String {
                match self {
                    $(Self::$Cause(cause) => cause.fix(scope),)*
                }
            }

            pub(crate) fn first_step(&self, scope: &Scope) -> Option<String> {
                match self {
                    $(Self::$Cause(cause) => cause.first_step(scope),)*
                }
            }

            pub(crate) fn remedy(&self) -> Remedy {
                match self {
                    $(Self::$Cause(cause) => cause.remedy(),)*
                }
            }

            pub(crate) fn device(&self) -> Option<IpAddr> {
                match self {
                    $(Self::$Cause(cause) => cause.device(),)*
                }
            }

            pub(crate) fn is_same(&self, other: &Self) -> bool {
                match (self, other) {
                    $((Self::$Cause(one), Self::$Cause(other)) => one.is_same(other),)*
                    _ => false,
                }
            }

            pub(super) fn is_alike_over_another_family(&self, other: &Self) -> bool {
                match (self, other) {
                    $((Self::$Cause(one), Self::$Cause(other)) => one.is_alike_over_another_family(other),)*
                    _ => false,
                }
            }

            pub(super) fn merge(&mut self, other: &Self) {
                match (self, other) {
                    $((Self::$Cause(one), Self::$Cause(other)) => one.merge(other),)*
                    _ => {}
                }
            }

            pub(super) fn clock_is_right(&mut self) {
                match self {
                    $(Self::$Cause(cause) => cause.clock_is_right(),)*
                }
            }

            /// Figures and names by which programs can tell findings apart.
            pub(crate) fn facts(&self) -> Map<String, Value> {
                match self {
                    $(Self::$Cause(cause) => facts(cause),)*
                }
            }
        }

        /// Why there is no address to try, by whichever cause says so first.
        pub(super) fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
            let rules: &[fn(&Observations) -> Option<(&'static str, Occurrence)>] = &[$($module::$Cause::of_resolution),*];
            rules.iter().find_map(|rule| rule(run))
        }

        /// What is to be said of every check.
        pub(super) fn of_run(run: &Observations) -> Vec<Occurrence> {
            let rules: &[fn(&Observations) -> Option<Occurrence>] = &[$($module::$Cause::of_run),*];
            rules.iter().filter_map(|rule| rule(run)).collect()
        }

        /// Why an attempt ended as it did, by whichever cause says so first.
        pub(super) fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
            let rules: &[fn(AttemptContext<'_>) -> Option<AttemptVerdict>] = &[$($module::$Cause::of_attempt),*];
            rules.iter().find_map(|rule| rule(context))
        }

        /// What every cause makes of what is said of an attempt, one after the other.
        pub(super) fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
            let rules: &[fn(AttemptContext<'_>, AttemptVerdict) -> AttemptVerdict] = &[$($module::$Cause::amend),*];
            rules.iter().fold(verdict, |verdict, rule| rule(context, verdict))
        }
    };
}

// In the order in which they are asked: the more specific before the more general, and what explains others behind them.
causes! {
    // Nothing can leave this machine.
    no_network::NoNetwork,
    // There is no address to try, or not from everybody.
    dns_name_not_found::DnsNameNotFound,
    dns_no_address::DnsNoAddress,
    dns_server_failure::DnsServerFailure,
    dns_timeout::DnsTimeout,
    dnssec_failure::DnssecFailure,
    dns_truncated::DnsTruncated,
    dns_partial::DnsPartial,
    dns_slow::DnsSlow,
    // TCP does not connect, on account of this machine.
    ports_exhausted::PortsExhausted,
    network_overlap::NetworkOverlap,
    reverse_path_filter::ReversePathFilter,
    // Or of others.
    container_forwarding::ContainerForwarding,
    private_address_no_route::PrivateAddressNoRoute,
    address_family_unavailable::AddressFamilyUnavailable,
    intermittent::Intermittent,
    icmp_reject::IcmpReject,
    local_block::LocalBlock,
    silent_drop::SilentDrop,
    tcp_reset::TcpReset,
    port_closed::PortClosed,
    some_addresses_blocked::SomeAddressesBlocked,
    address_family_broken::AddressFamilyBroken,
    // TLS fails, or shows another than the hub.
    client_certificate_required::ClientCertificateRequired,
    plain_protocol::PlainProtocol,
    path_mtu_blackhole::PathMtuBlackhole,
    client_hello_dropped::ClientHelloDropped,
    tls_silent::TlsSilent,
    hello_rewritten::HelloRewritten,
    tls_suites_uncommon::TlsSuitesUncommon,
    tls_version_unsupported::TlsVersionUnsupported,
    tls_reset::TlsReset,
    tls_alert::TlsAlert,
    certificate_name_mismatch::CertificateNameMismatch,
    clock_wrong::ClockWrong,
    certificate_expired::CertificateExpired,
    certificate_not_yet_valid::CertificateNotYetValid,
    root_expired::RootExpired,
    certificate_weak::CertificateWeak,
    name_constraint_violated::NameConstraintViolated,
    certificate_form::CertificateForm,
    chain_incomplete::ChainIncomplete,
    certificate_untrusted::CertificateUntrusted,
    sni_filter::SniFilter,
    alpn_filter::AlpnFilter,
    missing_root::MissingRoot,
    anchor_not_a_root::AnchorNotARoot,
    tls_intercepted::TlsIntercepted,
    large_client_hello_dropped::LargeClientHelloDropped,
    revocation_unreachable::RevocationUnreachable,
    captive_portal::CaptivePortal,
    not_tls::NotTls,
    // Inside TLS.
    hub_unavailable::HubUnavailable,
    gateway_without_backend::GatewayWithoutBackend,
    authentication_refused::AuthenticationRefused,
    websocket_stripped::WebsocketStripped,
    gateway_block_page::GatewayBlockPage,
    websocket_rejected_by_hub::WebsocketRejectedByHub,
    websocket_bad_accept::WebsocketBadAccept,
    websocket_frames_blocked::WebsocketFramesBlocked,
    upstream_mtu::UpstreamMtu,
    no_protocol_reply::NoProtocolReply,
    protocol_mismatch::ProtocolMismatch,
    peer_closed::PeerClosed,
    clock_skew::ClockSkew,
    certificate_expires_soon::CertificateExpiresSoon,
    // What explains all that: the name led elsewhere.
    name_overridden::NameOverridden,
    search_domain::SearchDomain,
    dns_filtered::DnsFiltered,
    dns_rewritten::DnsRewritten,
    dns_hijack::DnsHijack,
    dns_servers_disagree::DnsServersDisagree,
    // It works alone.
    connection_limit::ConnectionLimit,
    link_too_slow::LinkTooSlow,
    transparent_proxy::TransparentProxy,
    // What else is to be known where the direct way is stopped.
    proxy_configured::ProxyConfigured,
}

fn facts(cause: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(cause) {
        Ok(Value::Object(facts)) => bounded(facts),
        _ => Map::new(),
    }
}

/// Apart from [`facts`], which the program holds once for each cause.
fn bounded(mut facts: Map<String, Value>) -> Map<String, Value> {
    for value in facts.values_mut() {
        if let Value::String(text) = value {
            *text = clipped(text);
        }
    }
    facts
}
