//! A login page in the hub's place. A portal answers for every host: its answer in clear text on port 80 tells it from
//! other strangers.

use std::fmt;

use serde::Serialize;

use super::not_tls::AnsweredWith;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        clear_http::{NETWORK_AUTHENTICATION_REQUIRED, http_status_in_clear, redirects_to_https},
        evidence::Statement,
        http_answers::Answered,
        occurrence::Occurrence,
        scope::Scope,
        text::clipped,
    },
    observation::{
        ClearAnswer, ExchangeEvidence, FirstBytes, HttpResponse, Identity, Stage, TlsFailure, UpgradeFailure, kind,
    },
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CaptivePortal {
    /// The status of its answer inside TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// The host of the login page, if the answer in clear text redirects there.
    #[serde(skip_serializing_if = "Option::is_none")]
    portal: Option<String>,
}

impl CauseKind for CaptivePortal {
    const ENTRY: Entry = Entry {
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The network wants somebody to sign in first, as hotels and guest networks do.",
        proof: "Two signs of it: clear HTTP on a TLS port, HTTP status 511, or a redirect to another host where \
            the hub itself is asked for in clear (a redirect of the same host to https is none). One sign is `likely`, and so \
            it is where something on the path stops every port that nobody answers with such a page, while port 80 sends to \
            a login, or where the certificate shown in the hub's place is of the host that port 80 sends to, or its domain.",
    };

    fn title(&self, _: &Scope) -> String {
        match &self.portal {
            None => "A login page of this network stands in the hub's place".to_owned(),
            Some(portal) => format!("A login page of this network, {portal}, stands in the hub's place"),
        }
    }

    fn fix(&self, _: &Scope) -> String {
        let at = self.portal.as_ref().map(|portal| format!(" at {portal}")).unwrap_or_default();
        format!("Open a browser in this network and sign in{at}, or use a network without a login page.")
    }

    fn is_same(&self, other: &Self) -> bool {
        self.status == other.status
    }

    fn merge(&mut self, other: &Self) {
        self.portal = self.portal.take().or_else(|| other.portal.clone());
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        match context.ended() {
            AttemptEnd::Tls(TlsFailure::NotTls { first_bytes }) => answered_in_clear(context, first_bytes),
            AttemptEnd::Upgrade(UpgradeFailure::Refused { status: NETWORK_AUTHENTICATION_REQUIRED }, evidence)
                if context.identity() != Some(Identity::Proven) =>
            {
                let response = evidence.map(|evidence| &evidence.response);
                let observed = Answered::to_upgrade(context, NETWORK_AUTHENTICATION_REQUIRED, response);
                let cause = Self { status: Some(NETWORK_AUTHENTICATION_REQUIRED), portal: None };
                Some(AttemptVerdict::blocked("a login page answers", Occurrence::likely(cause).evidence(observed)))
            }
            AttemptEnd::Answered(ExchangeEvidence::Https { response })
                if response.status == NETWORK_AUTHENTICATION_REQUIRED && !context.is_hub_response(response) =>
            {
                let cause = Self { status: Some(response.status), portal: None };
                let observed = Answered::not_the_hubs(context, response);
                Some(AttemptVerdict::blocked(observed.summary(), Occurrence::likely(cause).evidence(observed)))
            }
            _ => None,
        }
    }

    /// Adds the answer in clear text to the verdict of an attempt that something other than the hub answered.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let Some(sign) = PortalSign::of(context).filter(|_| verdict.outcome == AttemptOutcome::Blocked) else {
            return verdict;
        };
        // A connection that the login page accepted was not accepted by the hub.
        let no_one_else_answers = sign.shows_own_certificate || !context.comparisons.any_connected();
        if no_one_else_answers && verdict.causes.iter().any(is_block) {
            let portal = Occurrence::likely(cause_of(&sign));
            return behind_login(sign, verdict, is_block, portal);
        }
        if no_one_else_answers && sign.to.is_some() && verdict.causes.iter().any(is_refusal) {
            let portal = Occurrence::possible(cause_of(&sign), &[Code::PortClosed]);
            return behind_login(sign, verdict, is_refusal, portal);
        }
        let portal = |stage| Occurrence::confirmed(cause_of(&sign)).at_stage(stage).evidence(sign.clone());
        let mut portal_cause = None;
        let causes = verdict.causes.into_iter().map(|cause| match (cause.code(), &sign.to) {
            // The second of two signs.
            (Code::CaptivePortal, _) => sign.named(cause.proved()).evidence(sign.clone()),
            (
                Code::NotTls
                | Code::TlsIntercepted
                | Code::CertificateUntrusted
                | Code::CertificateNameMismatch
                | Code::GatewayBlockPage,
                None,
            ) => {
                portal_cause = Some(portal(cause.stage));
                cause.symptom_of(Code::CaptivePortal)
            }
            (Code::TlsIntercepted, Some(_)) => {
                portal_cause = Some(portal(cause.stage).at_most_likely());
                cause.symptom_of(Code::CaptivePortal)
            }
            // The machine at a wrong address may also redirect to itself.
            (Code::CertificateUntrusted | Code::CertificateNameMismatch, Some(_)) if sign.shows_own_certificate => {
                let portal = Occurrence::likelier_than(cause_of(&sign), Code::DnsHijack);
                portal_cause = Some(portal.at_stage(cause.stage).evidence(sign.clone()));
                cause.symptom_of(Code::CaptivePortal)
            }
            // The wrong machine, or an unusual hub, may have a web server that redirects.
            (
                Code::NotTls | Code::CertificateUntrusted | Code::CertificateNameMismatch | Code::GatewayBlockPage,
                Some(_),
            ) => cause.or_possibly(Code::CaptivePortal).evidence(sign.clone()),
            _ => cause,
        });
        let causes: Vec<Occurrence> = causes.collect();
        AttemptVerdict { causes: portal_cause.into_iter().chain(causes).collect(), ..verdict }
    }
}

/// The other host that the answer in clear text redirects to.
pub(super) fn redirect_target(context: AttemptContext<'_>) -> Option<String> {
    PortalSign::of(context)?.to
}

fn cause_of(sign: &PortalSign) -> CaptivePortal {
    CaptivePortal { status: None, portal: sign.to.clone() }
}

/// Whether it says that a device on the path blocks the connection.
fn is_block(cause: &Occurrence) -> bool {
    let is_one =
        matches!(cause.code(), Code::SilentDrop | Code::IcmpReject | Code::TcpReset | Code::ContainerForwarding);
    is_one && !is_refusal(cause)
}

/// Whether it says that the port is closed, or may be: usually by the hub itself, whose web server may well redirect.
fn is_refusal(cause: &Occurrence) -> bool {
    let may_be_its_own = cause.code() == Code::TcpReset && cause.alternatives.contains(&Code::PortClosed);
    cause.code() == Code::PortClosed || may_be_its_own
}

/// A portal that blocks everything before the login: no firewall needs to change.
fn behind_login(
    sign: PortalSign,
    verdict: AttemptVerdict,
    is_its_doing: fn(&Occurrence) -> bool,
    portal: Occurrence,
) -> AttemptVerdict {
    let (mut blocks, others): (Vec<_>, Vec<_>) = verdict.causes.into_iter().partition(is_its_doing);
    blocks.retain(|block| block.code() != Code::ContainerForwarding);
    let stage = blocks.first().map_or(Stage::Connect, |block| block.stage);
    let portal = portal.at_stage(stage).evidence(sign).evidence_from(blocks);
    let summary = "stopped; login page on port 80".to_owned();
    AttemptVerdict { summary, causes: std::iter::once(portal).chain(others).collect(), ..verdict }
}

/// HTTP in clear on a TLS port.
fn answered_in_clear(context: AttemptContext<'_>, first_bytes: &FirstBytes) -> Option<AttemptVerdict> {
    let observed = AnsweredWith { port: context.port(), first_bytes: first_bytes.clone() };
    match http_status_in_clear(first_bytes) {
        // In addition to clear HTTP on a TLS port, it is the second sign.
        Some(NETWORK_AUTHENTICATION_REQUIRED) => Some(AttemptVerdict::blocked(
            "a login page answers",
            Occurrence::confirmed(CaptivePortal::default()).evidence(observed),
        )),
        // The hub's own server, spoken to in clear text, redirects to https on the same host. That is not a portal.
        Some(200 | 301 | 302 | 303 | 307 | 308) if !redirects_to_https(first_bytes, &context.observations.hub.host) => {
            Some(AttemptVerdict::blocked(
                "a page in clear answers, perhaps to sign in",
                Occurrence::likely(CaptivePortal::default()).evidence(observed),
            ))
        }
        _ => None,
    }
}

/// What the answer in clear text says about a portal.
#[derive(Debug, Clone, PartialEq)]
struct PortalSign {
    host: String,
    status: u16,
    /// The other host that it redirects to; `None` if it has the status for portals.
    to: Option<String>,
    /// Whether the peer that answers TLS in the hub's place shows a certificate of that host or its domain.
    shows_own_certificate: bool,
}

impl PortalSign {
    fn of(context: AttemptContext<'_>) -> Option<Self> {
        let ClearAnswer::Answered { response } = &context.first_result::<kind::Portal>()?.answer else { return None };
        let host = &context.observations.hub.host;
        let to = match response.status {
            NETWORK_AUTHENTICATION_REQUIRED => None,
            300..=399 => Some(clipped(&redirect_elsewhere(response, host)?)),
            _ => return None,
        };
        let shows_own_certificate =
            to.as_ref().is_some_and(|to| !is_same_domain(to, host) && shows_certificate_of(context, to));
        Some(Self { host: clipped(host), status: response.status, to, shows_own_certificate })
    }

    /// Adds the portal's name, which the first sign does not know.
    fn named(&self, mut occurrence: Occurrence) -> Occurrence {
        if let Some(portal) = occurrence.cause.downcast_mut::<CaptivePortal>() {
            portal.portal = self.to.clone();
        }
        occurrence
    }
}

impl Statement for PortalSign {}

impl fmt::Display for PortalSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, status, to, shows_own_certificate } = self;
        write!(f, "http://{host}/ is answered HTTP {status}, ")?;
        match to {
            None => write!(f, "which a portal alone answers (network authentication required)")?,
            Some(to) => write!(f, "to {to}")?,
        }
        match shows_own_certificate {
            true => write!(f, ", and the certificate that is shown in the hub's place is of that host or its domain"),
            false => Ok(()),
        }
    }
}

/// Whether any attempt met a certificate of `host` or of another host in its domain.
fn shows_certificate_of(context: AttemptContext<'_>, host: &str) -> bool {
    let attempts = context.observations.checks.iter().flat_map(|check| &check.attempts);
    let own = attempts.filter_map(|attempt| attempt.tls.evidence()?.chain.first());
    own.flat_map(|own| &own.names).any(|name| is_same_domain(name.trim_start_matches("*."), host))
}

/// Whether two hosts are equal or in one registered domain: the last two labels, or three under suffixes such as
/// `co.uk`.
fn is_same_domain(one: &str, other: &str) -> bool {
    fn domain(name: &str) -> Option<String> {
        let labels: Vec<&str> = name.split('.').collect();
        let of_a_registry = labels.len() > 2 && labels[labels.len() - 2].len() <= 3;
        let parts = if of_a_registry { 3 } else { 2 };
        let is_a_name =
            labels.len() >= parts && labels.iter().any(|label| label.bytes().any(|byte| !byte.is_ascii_digit()));
        is_a_name.then(|| labels[labels.len() - parts..].join(".").to_ascii_lowercase())
    }
    one.eq_ignore_ascii_case(other) || domain(one).is_some_and(|one| Some(one) == domain(other))
}

/// The host of a redirect, if it is not the hub.
fn redirect_elsewhere(response: &HttpResponse, host: &str) -> Option<String> {
    let location = response.header("location")?;
    let (_, rest) = location.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = authority.rsplit('@').next().unwrap_or_default();
    let name = match name.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => name.split(':').next().unwrap_or_default(),
    };
    (!name.is_empty() && !name.eq_ignore_ascii_case(host)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_same_domain;

    #[test]
    fn hosts_of_one_registered_domain_are_kin() {
        for (one, other) in [
            ("login.abcd.com", "abcd.com"),
            ("ABC.com", "abc.com"),
            ("login.example.co.uk", "www.example.co.uk"),
            ("a.b.example.com", "example.com"),
            ("portal", "PORTAL"),
        ] {
            assert!(is_same_domain(one, other) && is_same_domain(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("abc.com", "xyz.com"),
            ("example.co.uk", "other.co.uk"),
            ("10.0.0.1", "11.0.0.1"),
            ("portal", "com"),
            ("uk", "co.uk"),
        ] {
            assert!(!is_same_domain(one, other) && !is_same_domain(other, one), "{one} {other}");
        }
    }
}
