//! The hub's certificate is valid today, but should have been renewed by now.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity, cause_kind::CauseKind, evidence::Statement, occurrence::Occurrence,
        scope::Scope, text::clipped,
    },
    observation::{Attempt, Certificate, Identity, Observations, Stage},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Automatic renewal has happened by then; manual renewal needs this long.
const RENEWAL_PERIOD: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// Certificates that last a few days are renewed after half of their lifetime.
const LIFETIME_SHARE: u32 = 3;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CertificateExpiresSoon {
    /// When it ends, RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<String>,
    /// Whole days that are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_left: Option<u64>,
}

impl CauseKind for CertificateExpiresSoon {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Warning,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "The hub's certificate is valid now, and is about to end: when it does, every device is cut off at once, on \
            every network. Certificates that a program renews are renewed long before.",
        proof: "The chain proves the hub and its own certificate ends within 14 days by this device's clock, with less than a \
            third of its lifetime left; the peer holds its key.",
    };

    fn title(&self, scope: &Scope) -> String {
        let left = match self.days_left {
            None => "TIME".to_owned(),
            Some(0) => "less than a day".to_owned(),
            Some(1) => "a day".to_owned(),
            Some(days) => format!("{days} days"),
        };
        format!("The certificate of {} expires in {left}", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        let end = scope.or_placeholder("ITS END", self.not_after.clone().unwrap_or_default());
        format!("Renew the certificate of {} before {end}, and see why nothing renews it by itself.", scope.host())
    }

    /// Several servers of a hub may be renewed one after another: the first to expire counts.
    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn of_run(run: &Observations) -> Option<Occurrence> {
        let attempts = run.checks.iter().flat_map(|check| &check.attempts);
        let observed = attempts.filter_map(Observed::of).min_by_key(|observed| observed.left)?;
        let cause = Self {
            not_after: Some(observed.not_after.clone()),
            days_left: Some(observed.left.as_secs() / DAY.as_secs()),
        };
        Some(Occurrence::confirmed(cause).evidence(observed))
    }
}

/// A certificate that expires soon.
#[derive(Debug, Clone, PartialEq)]
struct Observed {
    not_before: String,
    not_after: String,
    now: String,
    left: Duration,
}

impl Observed {
    fn of(attempt: &Attempt) -> Option<Self> {
        let tls = attempt.tls.success()?;
        let trust = tls.trust.as_ref()?;
        if trust.identity != Identity::Proven || trust.signature_verified == Some(false) {
            return None;
        }
        let Certificate { not_before, not_after, .. } = tls.chain.first()?;
        let (not_before, not_after) = (not_before.as_deref()?, not_after.as_deref()?);
        let time = |text: &str| -> Option<SystemTime> { humantime::parse_rfc3339(text).ok() };
        let (began, end, now) = (time(not_before)?, time(not_after)?, time(&trust.verified_at)?);
        let (lifetime, left) = (end.duration_since(began).ok()?, end.duration_since(now).ok()?);
        let is_soon = left < RENEWAL_PERIOD && left < lifetime / LIFETIME_SHARE;
        is_soon.then(|| Self {
            not_before: clipped(not_before),
            not_after: clipped(not_after),
            now: clipped(&trust.verified_at),
            left,
        })
    }
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { not_before, not_after, now, .. } = self;
        write!(f, "the hub's certificate is valid from {not_before} to {not_after}, and this device's clock says {now}")
    }
}
