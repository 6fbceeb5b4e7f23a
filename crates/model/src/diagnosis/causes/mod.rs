//! The causes: one file each.
//!
//! # How to add a cause
//!
//! Write `causes/its_word.rs`. Add it to the `mod` lines below, which formatters and editors follow, and with its word to
//! `diagnosis/list.rs`, at the position where its rules are evaluated. Everything that must list all causes is generated
//! from that list. The file contains:
//!
//! - A struct with the typed facts that distinguish this cause from others of its code, with
//!   `derive(Debug, Clone, Default, PartialEq, Serialize)`. Serialised, it is the finding's `facts`; fields that are
//!   not for programs are `serde(skip)`. Its `Default` is the form without facts, which `explain` uses.
//! - `impl CauseKind`: its [`ENTRY`](CauseKind::ENTRY) (the text of `explain`, and who could forge the proof), title
//!   and fix. They get a [`Scope`] of one or several hubs, ports and locations: never write a plural or a name
//!   yourself.
//! - Its evidence, an enum (usually `Observed`) with `impl Display` and `impl Statement`: data, which becomes text
//!   when it is shown.
//! - Its rule, in any of these optional, pure hooks: [`of_resolution`](CauseKind::of_resolution) if there is no
//!   address to try, [`of_run`](CauseKind::of_run) for what applies to every check,
//!   [`of_attempt`](CauseKind::of_attempt) for why one attempt ended (see [`AttemptContext::ended`]), and
//!   [`amend`](CauseKind::amend) for how it changes the verdict that others gave.
//!
//! An [`Occurrence`] is the cause with what all causes have in common: confidence, alternatives, owner, location and
//! evidence. `Occurrence::confirmed(Its { .. }).evidence(Observed::.. { .. })`: a proof that anyone on the path can
//! forge ([`Forgery`](super::Forgery)) is at most likely, whatever the rule claims. Findings of several checks,
//! addresses and hubs are merged by comparing the data, never the text.
//!
//! Then add a case of its name in `tests/diagnosis/made/`, a scenario in `tests/lab/scenarios/` with the record of its
//! run (`HUBREACH_RECORD=1 cargo test --test lab -- its-word`), and run
//! `cargo run -- explain --markdown > docs/causes.md`. `docs/architecture.md` has all steps in order.

use super::{
    Code, Entry,
    attempt_context::AttemptContext,
    attempt_verdict::AttemptVerdict,
    cause::Cause,
    cause_kind::{CauseKind, Listed},
    list::for_each_cause,
    occurrence::Occurrence,
    scope::Scope,
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
mod proxy_auth_required;
mod proxy_configured;
mod proxy_host_denied;
mod proxy_port_denied;
mod proxy_protocol_error;
pub(super) mod proxy_required;
pub(super) mod proxy_unreachable;
pub(super) mod proxy_upstream_failure;
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

/// Generates the functions that evaluate every cause.
macro_rules! registry {
    ($($module:ident::$Cause:ident = $word:literal,)*) => {
        $(impl Listed for $module::$Cause {
            const CODE: Code = Code::$Cause;
        })*

        impl Code {
            /// What is known of the cause in general.
            pub fn entry(self) -> Entry {
                match self {
                    $(Self::$Cause => $module::$Cause::ENTRY,)*
                }
            }
        }

        /// The cause of this name, without facts.
        pub(super) fn general(code: Code) -> Cause {
            match code {
                $(Code::$Cause => $module::$Cause::default().into(),)*
            }
        }

        /// Why there is no address to try, from the first cause that answers.
        pub(super) fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
            let rules: &[fn(&Observations) -> Option<(&'static str, Occurrence)>] = &[$($module::$Cause::of_resolution),*];
            rules.iter().find_map(|rule| rule(run))
        }

        /// What applies to every check.
        pub(super) fn of_run(run: &Observations) -> Vec<Occurrence> {
            let rules: &[fn(&Observations) -> Option<Occurrence>] = &[$($module::$Cause::of_run),*];
            rules.iter().filter_map(|rule| rule(run)).collect()
        }

        /// Why an attempt ended as it did, from the first cause that answers.
        pub(super) fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
            let rules: &[fn(AttemptContext<'_>) -> Option<AttemptVerdict>] = &[$($module::$Cause::of_attempt),*];
            rules.iter().find_map(|rule| rule(context))
        }

        /// Lets every cause amend the verdict, one after another.
        pub(super) fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
            let rules: &[fn(AttemptContext<'_>, AttemptVerdict) -> AttemptVerdict] = &[$($module::$Cause::amend),*];
            rules.iter().fold(verdict, |verdict, rule| rule(context, verdict))
        }
    };
}

for_each_cause!(registry);

impl Code {
    /// The cause in a line, in general. Words in capitals are placeholders for what a report fills in.
    pub fn title(self) -> String {
        general(self).title(&Scope::general())
    }

    /// What to do, in general: first the operator, then the owner.
    pub fn fix(self) -> String {
        let (cause, scope) = (general(self), Scope::general());
        match cause.first_step(&scope) {
            Some(first) => format!("{first} Then: {}", cause.fix(&scope)),
            None => cause.fix(&scope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Confidence, Forgery},
        *,
    };

    #[test]
    fn every_code_is_told_in_general() {
        for code in Code::ALL.iter().copied() {
            let entry = code.entry();
            for text in [entry.explanation, entry.proof, &code.title(), &code.fix()] {
                assert!(text.len() > 10 && !text.contains(['{', '}']) && !text.contains("  "), "{code}: {text}");
            }
            assert_eq!(entry.explanation.trim_end().chars().last(), Some('.'), "{code}");
        }
    }

    #[test]
    fn what_anybody_on_the_path_could_make_up_is_never_confirmed() {
        for code in Code::ALL.iter().copied() {
            let confirmed = || Occurrence::confirmed(general(code));
            let forged = confirmed().forgeable_by(Forgery::AnyoneOnPath);
            assert_eq!(forged.confidence(), Confidence::Likely, "{code}");
            assert_eq!(forged.clone().proved().confidence(), Confidence::Likely, "{code}");
            let twice = Occurrence::likely(general(code)).forgeable_by(Forgery::AnyoneOnPath).confirmed_if_repeated();
            assert_eq!(twice.counted(2).confidence(), Confidence::Likely, "{code}");
            // The lower confidence counts.
            let mut merged = confirmed().forgeable_by(Forgery::Nobody);
            assert_eq!(merged.confidence(), Confidence::Confirmed, "{code}");
            merged.merge(&forged);
            assert_eq!(merged.confidence(), Confidence::Likely, "{code}");
        }
    }
}
