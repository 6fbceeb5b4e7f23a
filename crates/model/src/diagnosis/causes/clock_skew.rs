//! TLS works, but this device's clock differs from the hub's: tokens that contain a time will be refused.

use std::{fmt, time::Duration};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity, cause_kind::CauseKind, certificate_validity::skew_text, evidence::Statement,
        occurrence::Occurrence, scope::Scope, text::clipped,
    },
    hub::HubKind,
    observation::{Attempt, ExchangeEvidence, HttpResponse, Identity, Observations, Stage, StageResult, TlsFailure},
};

/// What hubs and token formats tolerate: AWS refuses signatures that are five minutes off.
const TOLERATED_SKEW: Duration = Duration::from_secs(5 * 60);

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ClockSkew {
    /// Seconds by which this device's clock is ahead of the hub's.
    #[serde(skip_serializing_if = "Option::is_none")]
    ahead_s: Option<i64>,
    #[serde(skip)]
    tokens: Tokens,
}

/// Which tokens contain a time, by what devices log in with.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Tokens {
    #[default]
    Any,
    Sas,
    SigV4,
}

impl CauseKind for ClockSkew {
    const ENTRY: Entry = Entry {
        stage: Stage::Exchange,
        severity: Severity::Warning,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "Certificates are valid for so long that TLS works with a clock that is days off. Tokens that a device makes \
            for its login (SAS tokens, signed requests) carry a time of minutes or hours, and are refused. The network is not \
            at fault, and the refusal looks like wrong credentials.",
        proof: "The `Date` of an answer inside TLS that proves the hub is more than 5 minutes away from this device's clock, and \
            no other answer of the hub's says otherwise; `likely` where the hub's own roots are not known. Which of the two \
            clocks is wrong, a third one tells.",
    };

    fn title(&self, scope: &Scope) -> String {
        let skew = self.ahead_s.map(|ahead_s| skew_text(ahead_s) + if ahead_s < 0 { "" } else { " of" });
        format!("This device's clock is {} the hub's", scope.or_placeholder("SKEW", skew.unwrap_or_default()))
    }

    fn fix(&self, _: &Scope) -> String {
        let tokens = match self.tokens {
            Tokens::Any => "Tokens that carry a time",
            Tokens::Sas => "SAS tokens",
            Tokens::SigV4 => "Requests signed with SigV4",
        };
        format!(
            "{tokens} made here will be refused. Compare this device's clock with one that you trust; if it is wrong, set it by \
             that one, and give the device a time server that it can reach (UDP 123). If it is right, tell the hub's owner."
        )
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn of_run(run: &Observations) -> Option<Occurrence> {
        let attempts = || run.checks.iter().flat_map(|check| &check.attempts);
        // If TLS fails because of the clock, another finding already says so.
        if attempts().any(fails_by_validity_only) {
            return None;
        }
        // The smallest skew: a cache, or one of several servers, may have given another time.
        let date_header =
            attempts().flat_map(HttpDate::of).min_by_key(|date_header| date_header.ahead_s.unsigned_abs())?;
        if date_header.ahead_s.unsigned_abs() <= TOLERATED_SKEW.as_secs() {
            return None;
        }
        let tokens = match run.hub.kind {
            HubKind::AzureIotHub | HubKind::AzureIotEdge | HubKind::AzureDps => Tokens::Sas,
            HubKind::AwsIotCore => Tokens::SigV4,
            _ => Tokens::Any,
        };
        let cause = Self { ahead_s: Some(date_header.ahead_s), tokens };
        let occurrence = match date_header.is_proven {
            true => Occurrence::confirmed(cause),
            false => Occurrence::likely(cause),
        };
        Some(occurrence.evidence(date_header))
    }
}

fn fails_by_validity_only(attempt: &Attempt) -> bool {
    let trust = attempt.tls.evidence().and_then(|tls| tls.trust.as_ref());
    let refused = matches!(attempt.tls.failure(), Some(TlsFailure::NotAccepted));
    refused && trust.is_some_and(|trust| trust.authority().is_only_time())
}

/// The time in one response.
#[derive(Debug, Clone, PartialEq)]
struct HttpDate {
    date: String,
    here: String,
    ahead_s: i64,
    is_proven: bool,
}

impl HttpDate {
    /// The times in the responses of an attempt, inside TLS that the device accepts and no one else opened.
    fn of(attempt: &Attempt) -> impl Iterator<Item = Self> {
        let upgrade = attempt.upgrade.as_ref().and_then(StageResult::evidence).map(|upgrade| &upgrade.response);
        let exchange = match attempt.exchange.evidence() {
            Some(ExchangeEvidence::Https { response }) => Some(response),
            _ => None,
        };
        upgrade.into_iter().chain(exchange).filter_map(|response| Self::from_response(attempt, response))
    }

    fn from_response(attempt: &Attempt, response: &HttpResponse) -> Option<Self> {
        let trust = attempt.tls.success()?.trust.as_ref()?;
        let is_proven = match trust.identity {
            Identity::Proven => trust.signature_verified != Some(false),
            Identity::Trusted => false,
            _ => return None,
        };
        let date = response.header("date")?;
        let (peer_clock, here) =
            (httpdate::parse_http_date(date).ok()?, humantime::parse_rfc3339(&trust.verified_at).ok()?);
        let seconds = |apart: Duration| i64::try_from(apart.as_secs()).unwrap_or(i64::MAX);
        let ahead_s = match here.duration_since(peer_clock) {
            Ok(ahead) => seconds(ahead),
            Err(behind) => -seconds(behind.duration()),
        };
        Some(Self { date: clipped(date), here: clipped(&trust.verified_at), ahead_s, is_proven })
    }
}

impl Statement for HttpDate {}

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the hub says that it is {}, when this device's clock says {}", self.date, self.here)?;
        write!(f, ": {}", skew_text(self.ahead_s))
    }
}
