//! Nothing but the validity period of a certificate fails: the certificate's fault, or the clock's. Which of the two, no peer
//! is believed: who holds the key of an expired certificate would have the clock set back.

use std::{fmt, time::Duration};

use super::{
    attempt_context::AttemptContext, evidence::Statement, occurrence::Occurrence, refusal::Refusal, text::clipped,
};
use crate::observation::{Certificate, ChainVerdict, kind};

/// No clock is right that says an earlier time than this, at which this program did not exist.
const RELEASED: &str = "2026-11-01T00:00:00Z";

/// A certificate that is not valid now, by this device's clock.
pub(super) struct OutOfTime {
    pub(super) is_expired: bool,
    /// The clock is known to be behind.
    pub(super) clock_is_behind: bool,
    /// What the other end says of the time.
    pub(super) there: Option<There>,
    /// Whether the peer holds the certificate's key, and has not just shown what anybody can.
    pub(super) holds_key: bool,
    observed: Observed,
}

/// What is known of the device's clock where it is not what is wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Clock {
    /// No other clock was seen.
    #[default]
    Unknown,
    /// By another clock, too, the certificate is not valid.
    Agreed,
    /// By this clock, the certificate that another of the hub's addresses shows is valid.
    FitsAnother,
    /// It is behind.
    Behind,
}

impl Clock {
    /// What one sighting leaves open, another may have settled.
    pub(super) fn merge(&mut self, other: Self) {
        if *self == Self::Unknown {
            *self = other;
        }
    }

    /// What whoever stands before the device does about it.
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

/// What the other end says of the time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct There {
    port: u16,
    over_tls: bool,
    date: String,
    /// Seconds by which this device's clock is ahead of it.
    pub(super) ahead_s: i64,
    /// Whether the certificate is valid at that time.
    pub(super) is_valid_then: bool,
}

impl OutOfTime {
    pub(super) fn of(context: AttemptContext<'_>) -> Option<Self> {
        let Refusal::OnlyTime(trust) = context.refusal()? else { return None };
        let own = context.chain().first();
        let now = clipped(&trust.verified_at);
        let is_expired = trust.authority().lenient != ChainVerdict::NotYetValid;
        let late = ancestors(context.chain()).find(|one| is_out_of_time(one, &now, is_expired)).or(own);
        let period =
            late.and_then(|late| Some((clipped(late.not_before.as_ref()?), clipped(late.not_after.as_ref()?))));
        let authority = late.filter(|late| own.is_some_and(|own| own.sha256 != late.sha256));
        let authority = authority.and_then(|authority| authority.subject.as_deref()).map(clipped);
        Some(Self {
            is_expired,
            // RFC 3339 times in UTC sort as text.
            clock_is_behind: now.as_str() < RELEASED,
            there: own.and_then(|own| There::of(context, own)),
            holds_key: trust.signature_verified == Some(true),
            observed: Observed { authority, period, now },
        })
    }

    /// The subject of the certificate that is out of time, where it is an authority's and not the hub's own.
    pub(super) fn authority(&self) -> Option<String> {
        self.observed.authority.clone()
    }

    /// Whether the clock, and not the certificate, is what is wrong, as far as can be seen.
    pub(super) fn is_the_clocks_fault(&self) -> bool {
        let is_valid_there = self.there.as_ref().is_some_and(|there| there.is_valid_then);
        is_valid_there || self.clock_is_behind && !self.is_expired
    }

    /// What of the device's clock is left to find out.
    pub(super) fn clock(&self) -> Clock {
        match (&self.there, self.clock_is_behind) {
            (_, true) => Clock::Behind,
            (Some(_), false) => Clock::Agreed,
            (None, false) => Clock::Unknown,
        }
    }

    /// What was seen of the two clocks.
    pub(super) fn told(&self, occurrence: Occurrence) -> Occurrence {
        let there = self.there.clone().into_iter();
        let occurrence = there.fold(occurrence.evidence(self.observed.clone()), Occurrence::evidence);
        if self.clock_is_behind { occurrence.evidence(Behind) } else { occurrence }
    }
}

/// The hub's own certificate and its issuers, as far as they were sent.
fn ancestors(chain: &[Certificate]) -> impl Iterator<Item = &Certificate> {
    let issuer = |of: &&Certificate| {
        let (of, mut others) = (*of, chain.iter());
        others.find(|one| one.subject.is_some() && one.subject == of.issuer && one.sha256 != of.sha256)
    };
    std::iter::successors(chain.first(), issuer).take(chain.len())
}

/// RFC 3339 times in UTC sort as text.
fn is_out_of_time(certificate: &Certificate, now: &str, expired: bool) -> bool {
    match expired {
        true => certificate.not_after.as_deref().is_some_and(|end| end < now),
        false => certificate.not_before.as_deref().is_some_and(|start| start > now),
    }
}

impl There {
    fn of(context: AttemptContext<'_>, own: &Certificate) -> Option<Self> {
        let clock = context.shown::<kind::Clock>()?;
        let date = clock.date.as_deref()?;
        let then = clock.verdicts.iter().find(|verdict| verdict.sha256 == own.sha256)?;
        let (there, here) = (humantime::parse_rfc3339(date).ok()?, humantime::parse_rfc3339(&clock.here).ok()?);
        let seconds = |apart: Duration| i64::try_from(apart.as_secs()).unwrap_or(i64::MAX);
        Some(Self {
            port: clock.port,
            over_tls: clock.over_tls,
            date: clipped(date),
            ahead_s: match here.duration_since(there) {
                Ok(ahead) => seconds(ahead),
                Err(behind) => -seconds(behind.duration()),
            },
            is_valid_then: then.hub.as_ref().unwrap_or(&then.device).lenient == ChainVerdict::Trusted,
        })
    }
}

impl Statement for There {}

impl fmt::Display for There {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.over_tls { "" } else { ", in clear," };
        write!(
            f,
            "what answers HTTP on port {}{how} says that it is {}: at that time the certificate is ",
            self.port, self.date
        )?;
        match self.is_valid_then {
            true => write!(f, "valid, and this device's clock is {}", spoken_skew(self.ahead_s)),
            false => write!(f, "not valid either"),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    authority: Option<String>,
    period: Option<(String, String)>,
    now: String,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
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
pub(super) fn spoken_skew(ahead_s: i64) -> String {
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
    use super::spoken_skew;

    #[test]
    fn a_skew_is_said_in_the_unit_that_fits() {
        assert_eq!(spoken_skew(-90), "90 seconds behind");
        assert_eq!(spoken_skew(3_600), "60 minutes ahead");
        assert_eq!(spoken_skew(-200_000), "2 days behind");
        assert_eq!(spoken_skew(i64::MIN), "292471208677 years behind");
    }
}
