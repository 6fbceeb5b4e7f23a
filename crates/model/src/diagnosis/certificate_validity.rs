//! Only a certificate's validity period fails: either the certificate or the clock is wrong. No peer is trusted to
//! decide: the holder of an expired certificate's key would have the clock set back.

use std::{fmt, time::Duration};

use super::{
    attempt_context::AttemptContext, certificate_refusal::CertificateRefusal, evidence::Statement,
    occurrence::Occurrence, text::clipped,
};
use crate::observation::{Certificate, ChainVerdict, kind};

/// A clock that shows an earlier time is wrong: this version was not released yet.
const RELEASED: &str = "2026-11-01T00:00:00Z";

/// A certificate that is not valid now, according to this device's clock.
pub(super) struct ValidityFailure {
    pub(super) is_expired: bool,
    /// The clock is certainly behind.
    pub(super) clock_is_behind: bool,
    /// The time according to the peer.
    pub(super) peer_clock: Option<PeerClock>,
    /// Whether the peer proved that it holds the certificate's key.
    pub(super) holds_key: bool,
    period_shown: ValidityPeriod,
}

/// What is known of the device's clock if the certificate is at fault.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Clock {
    /// No other clock is known.
    #[default]
    Unknown,
    /// The certificate is not valid by another clock either.
    Agreed,
    /// Another address of the hub shows a certificate that is valid by this clock.
    FitsAnother,
    /// The clock is behind.
    Behind,
}

impl Clock {
    /// One occurrence may know what another leaves open.
    pub(super) fn merge(&mut self, other: Self) {
        if *self == Self::Unknown {
            *self = other;
        }
    }

    /// What the operator does about it.
    pub(super) fn first_step(self) -> Option<String> {
        match self {
            Self::Unknown => Some(
                "Compare this device's clock with one that you trust (a time server of yours, a telephone): if it is wrong, set \
                 it by that one, and nobody has to be asked."
                    .to_owned(),
            ),
            Self::Agreed | Self::FitsAnother => None,
            Self::Behind => {
                Some("This device's clock is behind: set it by one that you trust, which mends nothing here.".to_owned())
            }
        }
    }
}

/// The time according to the peer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PeerClock {
    port: u16,
    over_tls: bool,
    date: String,
    /// Seconds by which this device's clock is ahead of it.
    pub(super) ahead_s: i64,
    /// Whether the certificate is valid at that time.
    pub(super) is_valid_then: bool,
}

impl ValidityFailure {
    pub(super) fn of(context: AttemptContext<'_>) -> Option<Self> {
        let CertificateRefusal::OutOfValidity(trust) = context.certificate_refusal()? else { return None };
        let own = context.chain().first();
        let now = clipped(&trust.verified_at);
        let is_expired = trust.authority().lenient != ChainVerdict::NotYetValid;
        let outdated = ancestors(context.chain()).find(|one| is_out_of_validity(one, &now, is_expired)).or(own);
        let period = outdated
            .and_then(|outdated| Some((clipped(outdated.not_before.as_ref()?), clipped(outdated.not_after.as_ref()?))));
        let authority = outdated.filter(|outdated| own.is_some_and(|own| own.sha256 != outdated.sha256));
        let authority = authority.and_then(|authority| authority.subject.as_deref()).map(clipped);
        Some(Self {
            is_expired,
            // RFC 3339 times in UTC sort as text.
            clock_is_behind: now.as_str() < RELEASED,
            peer_clock: own.and_then(|own| PeerClock::of(context, own)),
            holds_key: trust.signature_verified == Some(true),
            period_shown: ValidityPeriod { authority, period, now },
        })
    }

    /// The subject of the outdated certificate if it is an authority's, not the hub's own.
    pub(super) fn authority(&self) -> Option<String> {
        self.period_shown.authority.clone()
    }

    /// Whether the clock is at fault rather than the certificate, as far as is known.
    pub(super) fn is_clock_fault(&self) -> bool {
        let is_valid_there = self.peer_clock.as_ref().is_some_and(|peer_clock| peer_clock.is_valid_then);
        is_valid_there || self.clock_is_behind && !self.is_expired
    }

    /// What remains to be found out about the device's clock.
    pub(super) fn clock(&self) -> Clock {
        match (&self.peer_clock, self.clock_is_behind) {
            (_, true) => Clock::Behind,
            (Some(_), false) => Clock::Agreed,
            (None, false) => Clock::Unknown,
        }
    }

    /// Adds the evidence about both clocks.
    pub(super) fn with_clocks(&self, occurrence: Occurrence) -> Occurrence {
        let peer_clock = self.peer_clock.clone().into_iter();
        let occurrence = peer_clock.fold(occurrence.evidence(self.period_shown.clone()), Occurrence::evidence);
        if self.clock_is_behind { occurrence.evidence(Behind) } else { occurrence }
    }
}

/// The server's certificate and its issuers, as far as they were sent.
fn ancestors(chain: &[Certificate]) -> impl Iterator<Item = &Certificate> {
    let issuer = |of: &&Certificate| {
        let (of, mut others) = (*of, chain.iter());
        others.find(|one| one.subject.is_some() && one.subject == of.issuer && one.sha256 != of.sha256)
    };
    std::iter::successors(chain.first(), issuer).take(chain.len())
}

/// RFC 3339 times in UTC sort as text.
fn is_out_of_validity(certificate: &Certificate, now: &str, expired: bool) -> bool {
    match expired {
        true => certificate.not_after.as_deref().is_some_and(|end| end < now),
        false => certificate.not_before.as_deref().is_some_and(|start| start > now),
    }
}

impl PeerClock {
    fn of(context: AttemptContext<'_>, own: &Certificate) -> Option<Self> {
        let clock = context.first_result::<kind::Clock>()?;
        let date = clock.date.as_deref()?;
        let then = clock.verdicts.iter().find(|verdict| verdict.sha256 == own.sha256)?;
        let (peer_clock, here) = (humantime::parse_rfc3339(date).ok()?, humantime::parse_rfc3339(&clock.here).ok()?);
        let seconds = |apart: Duration| i64::try_from(apart.as_secs()).unwrap_or(i64::MAX);
        Some(Self {
            port: clock.port,
            over_tls: clock.over_tls,
            date: clipped(date),
            ahead_s: match here.duration_since(peer_clock) {
                Ok(ahead) => seconds(ahead),
                Err(behind) => -seconds(behind.duration()),
            },
            is_valid_then: then.hub.as_ref().unwrap_or(&then.device).lenient == ChainVerdict::Trusted,
        })
    }
}

impl Statement for PeerClock {}

impl fmt::Display for PeerClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.over_tls { "" } else { ", in clear," };
        write!(
            f,
            "what answers HTTP on port {}{how} says that it is {}: at that time the certificate is ",
            self.port, self.date
        )?;
        match self.is_valid_then {
            true => write!(f, "valid, and this device's clock is {}", skew_text(self.ahead_s)),
            false => write!(f, "not valid either"),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct ValidityPeriod {
    authority: Option<String>,
    period: Option<(String, String)>,
    now: String,
}

impl Statement for ValidityPeriod {}

impl fmt::Display for ValidityPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.authority {
            Some(authority) => write!(f, "only the validity period of {authority} fails: ")?,
            None => write!(f, "only the validity period fails: ")?,
        }
        match &self.period {
            Some((from, to)) => write!(f, "{from} to {to}")?,
            None => write!(f, "not readable")?,
        }
        write!(f, ", and this device's clock says {}", self.now)
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Behind;

impl Statement for Behind {}

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the clock is behind: this program was not there before {RELEASED}")
    }
}

/// `3 days ahead`, `40 minutes behind`.
pub(super) fn skew_text(ahead_s: i64) -> String {
    let apart = ahead_s.unsigned_abs();
    let (count, unit) = match apart {
        0..120 => (apart, "seconds"),
        120..7_200 => (apart / 60, "minutes"),
        7_200..172_800 => (apart / 3_600, "hours"),
        172_800..63_072_000 => (apart / 86_400, "days"),
        _ => (apart / 31_536_000, "years"),
    };
    format!("{count} {unit} {}", if ahead_s < 0 { "behind" } else { "ahead" })
}

#[cfg(test)]
mod tests {
    use super::skew_text;

    #[test]
    fn a_skew_is_said_in_the_unit_that_fits() {
        assert_eq!(skew_text(-90), "90 seconds behind");
        assert_eq!(skew_text(3_600), "60 minutes ahead");
        assert_eq!(skew_text(-200_000), "2 days behind");
        assert_eq!(skew_text(i64::MIN), "292471208677 years behind");
    }
}
