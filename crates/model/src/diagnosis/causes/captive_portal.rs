//! A login page in the hub's place. A portal answers for everybody: what answers in clear on port 80 tells it from other
//! strangers.

use std::fmt;

use serde::Serialize;

use super::not_tls::AnsweredWith;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        cause_kind::CauseKind,
        clear_http::{NETWORK_AUTHENTICATION_REQUIRED, clear_http, sends_to_https},
        evidence::Statement,
        http_answers::Answered,
        occurrence::Occurrence,
        scope::Scope,
        text::clipped,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    observation::{
        ClearAnswer, ExchangeEvidence, FirstBytes, HttpResponse, Identity, Stage, TlsFailure, UpgradeFailure, kind,
    },
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CaptivePortal {
    /// That of its answer inside TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// The host of the login page, where the answer in clear sends there.
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
            AttemptEnd::Tls(TlsFailure::NotTls { first_bytes }) => in_clear(context, first_bytes),
            AttemptEnd::Upgrade(UpgradeFailure::Refused { status: NETWORK_AUTHENTICATION_REQUIRED }, evidence)
                if context.identity() != Some(Identity::Proven) =>
            {
                let response = evidence.map(|evidence| &evidence.response);
                let observed = Answered::to_upgrade(context, NETWORK_AUTHENTICATION_REQUIRED, response);
                let cause = Self { status: Some(NETWORK_AUTHENTICATION_REQUIRED), portal: None };
                Some(AttemptVerdict::blocked("a login page answers", Occurrence::likely(cause).evidence(observed)))
            }
            AttemptEnd::Answered(ExchangeEvidence::Https { response })
                if response.status == NETWORK_AUTHENTICATION_REQUIRED && !context.is_answer_of_the_hub(response) =>
            {
                let cause = Self { status: Some(response.status), portal: None };
                let observed = Answered::not_the_hubs(context, response);
                Some(AttemptVerdict::blocked(observed.summary(), Occurrence::likely(cause).evidence(observed)))
            }
            _ => None,
        }
    }

    /// What the answer in clear adds to the verdict of an attempt that something else than the hub answered.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let Some(sign) = Sign::of(context).filter(|_| verdict.outcome == AttemptOutcome::Blocked) else {
            return verdict;
        };
        // What a login page has taken was not taken by the hub.
        let nobody_else = sign.shows_itself || !context.comparisons.has_connected();
        if nobody_else && verdict.causes.iter().any(is_a_block) {
            let portal = Occurrence::likely(cause_of(&sign));
            return behind_the_login(sign, verdict, is_a_block, portal);
        }
        if nobody_else && sign.to.is_some() && verdict.causes.iter().any(is_a_refusal) {
            let portal = Occurrence::possible(cause_of(&sign), &[Code::PortClosed]);
            return behind_the_login(sign, verdict, is_a_refusal, portal);
        }
        let portal = |stage| Occurrence::confirmed(cause_of(&sign)).at(stage).evidence(sign.clone());
        let mut found = None;
        let causes = verdict.causes.into_iter().map(|cause| match (cause.code(), &sign.to) {
            // The second sign of the two.
            (Code::CaptivePortal, _) => sign.named(cause.proved()).evidence(sign.clone()),
            (
                Code::NotTls
                | Code::TlsIntercepted
                | Code::CertificateUntrusted
                | Code::CertificateNameMismatch
                | Code::GatewayBlockPage,
                None,
            ) => {
                found = Some(portal(cause.stage));
                cause.following(Code::CaptivePortal)
            }
            (Code::TlsIntercepted, Some(_)) => {
                found = Some(portal(cause.stage).no_more_than_likely());
                cause.following(Code::CaptivePortal)
            }
            // The machine of a wrong address may send to itself, too.
            (Code::CertificateUntrusted | Code::CertificateNameMismatch, Some(_)) if sign.shows_itself => {
                let portal = Occurrence::likelier_than(cause_of(&sign), Code::DnsHijack);
                found = Some(portal.at(cause.stage).evidence(sign.clone()));
                cause.following(Code::CaptivePortal)
            }
            // The wrong machine, or a hub of its own ways, may have a web server that redirects.
            (
                Code::NotTls | Code::CertificateUntrusted | Code::CertificateNameMismatch | Code::GatewayBlockPage,
                Some(_),
            ) => cause.or(Code::CaptivePortal).evidence(sign.clone()),
            _ => cause,
        });
        let causes: Vec<Occurrence> = causes.collect();
        AttemptVerdict { causes: found.into_iter().chain(causes).collect(), ..verdict }
    }
}

/// Where the answer in clear sends whoever asks for the hub, if to another host.
pub(super) fn sends_to(context: AttemptContext<'_>) -> Option<String> {
    Sign::of(context)?.to
}

fn cause_of(sign: &Sign) -> CaptivePortal {
    CaptivePortal { status: None, portal: sign.to.clone() }
}

/// Whether it says that somebody on the path lets nothing through.
fn is_a_block(cause: &Occurrence) -> bool {
    let is_one =
        matches!(cause.code(), Code::SilentDrop | Code::IcmpReject | Code::TcpReset | Code::ContainerForwarding);
    is_one && !is_a_refusal(cause)
}

/// Whether it says that the port is closed, or may be: as a rule by the hub itself, whose web server may well redirect.
fn is_a_refusal(cause: &Occurrence) -> bool {
    let may_be_its_own = cause.code() == Code::TcpReset && cause.alternatives.contains(&Code::PortClosed);
    cause.code() == Code::PortClosed || may_be_its_own
}

/// A portal that lets nothing else out before somebody has signed in: no firewall is to be asked for anything.
fn behind_the_login(
    sign: Sign,
    verdict: AttemptVerdict,
    is_its_doing: fn(&Occurrence) -> bool,
    portal: Occurrence,
) -> AttemptVerdict {
    let (mut blocks, others): (Vec<_>, Vec<_>) = verdict.causes.into_iter().partition(is_its_doing);
    blocks.retain(|block| block.code() != Code::ContainerForwarding);
    let stage = blocks.first().map_or(Stage::Connect, |block| block.stage);
    let portal = portal.at(stage).evidence(sign).evidence_of(blocks);
    let summary = "stopped; login page on port 80".to_owned();
    AttemptVerdict { summary, causes: std::iter::once(portal).chain(others).collect(), ..verdict }
}

/// HTTP in clear on a TLS port.
fn in_clear(context: AttemptContext<'_>, first_bytes: &FirstBytes) -> Option<AttemptVerdict> {
    let observed = AnsweredWith { port: context.port(), first_bytes: first_bytes.clone() };
    match clear_http(first_bytes) {
        // With clear HTTP on a TLS port it is the second sign.
        Some(NETWORK_AUTHENTICATION_REQUIRED) => Some(AttemptVerdict::blocked(
            "a login page answers",
            Occurrence::confirmed(CaptivePortal::default()).evidence(observed),
        )),
        // The hub's own server, met in clear, sends to https on the same host: that is no portal's doing.
        Some(200 | 301 | 302 | 303 | 307 | 308) if !sends_to_https(first_bytes, &context.observations.hub.host) => {
            Some(AttemptVerdict::blocked(
                "a page in clear answers, perhaps to sign in",
                Occurrence::likely(CaptivePortal::default()).evidence(observed),
            ))
        }
        _ => None,
    }
}

/// What the answer in clear says of a portal.
#[derive(Debug, Clone, PartialEq)]
struct Sign {
    host: String,
    status: u16,
    /// Another host that it sends to; else it names itself a portal's.
    to: Option<String>,
    /// Whether who answers TLS in the hub's place shows a certificate of that host, or of its domain.
    shows_itself: bool,
}

impl Sign {
    fn of(context: AttemptContext<'_>) -> Option<Self> {
        let ClearAnswer::Answered { response } = &context.shown::<kind::Portal>()?.answer else { return None };
        let host = &context.observations.hub.host;
        let to = match response.status {
            NETWORK_AUTHENTICATION_REQUIRED => None,
            300..=399 => Some(clipped(&elsewhere(response, host)?)),
            _ => return None,
        };
        let shows_itself = to.as_ref().is_some_and(|to| !is_kin(to, host) && shows_a_certificate_of(context, to));
        Some(Self { host: clipped(host), status: response.status, to, shows_itself })
    }

    /// A portal of which the first sign has not told the name.
    fn named(&self, mut occurrence: Occurrence) -> Occurrence {
        if let Some(portal) = occurrence.cause.downcast_mut::<CaptivePortal>() {
            portal.portal = self.to.clone();
        }
        occurrence
    }
}

impl Statement for Sign {}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, status, to, shows_itself } = self;
        write!(f, "http://{host}/ is answered HTTP {status}, ")?;
        match to {
            None => write!(f, "which a portal alone answers (network authentication required)")?,
            Some(to) => write!(f, "to {to}")?,
        }
        match shows_itself {
            true => write!(f, ", and the certificate that is shown in the hub's place is of that host or its domain"),
            false => Ok(()),
        }
    }
}

/// Whether any attempt met a certificate of a host, or of another in its domain.
fn shows_a_certificate_of(context: AttemptContext<'_>, host: &str) -> bool {
    let attempts = context.observations.checks.iter().flat_map(|check| &check.attempts);
    let own = attempts.filter_map(|attempt| attempt.tls.evidence()?.chain.first());
    own.flat_map(|own| &own.names).any(|name| is_kin(name.trim_start_matches("*."), host))
}

/// Whether two hosts are one, or in one domain, as whoever registers them has it: of two labels, or of three behind such as
/// `co.uk`.
fn is_kin(one: &str, other: &str) -> bool {
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

/// The host that a redirect leads to, where it is not the hub.
fn elsewhere(response: &HttpResponse, host: &str) -> Option<String> {
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
