//! Nothing but the validity period of a certificate fails: the certificate's fault, or the clock's.

use std::time::Duration;

use crate::{
    diagnosis::{Code, judgement::Judgement, occurrence::Occurrence, scene::Scene, text::clipped},
    observation::{Certificate, ChainVerdict, StoreVerdict, Trust, kind},
};

/// No clock is right that says an earlier time than this, at which this program did not exist.
const RELEASED: &str = "2026-11-01T00:00:00Z";

pub(super) fn fails(scene: Scene<'_>, own: Option<&Certificate>, trust: &Trust) -> Judgement {
    let validity = own.and_then(|own| Some(format!("{} to {}", own.not_before.as_ref()?, own.not_after.as_ref()?)));
    let now = clipped(&trust.verified_at);
    let seen = format!(
        "only the validity period fails: {}, and this device's clock says {now}",
        validity.map_or_else(|| "not readable".to_owned(), |validity| clipped(&validity)),
    );
    let (code, words) = match trust.authority().lenient {
        ChainVerdict::NotYetValid => (Code::CertificateNotYetValid, "the certificate is not valid yet"),
        _ => (Code::CertificateExpired, "the certificate has expired"),
    };
    let clocks_fault = "this device's clock is wrong";
    if let Some(there) = own.and_then(|own| there(scene, own)) {
        let told = |cause: Occurrence| cause.seen(&seen).seen(format!("{} says that it is {}", there.who, there.date));
        return match there.verdict.lenient {
            ChainVerdict::Trusted => {
                let skew = spoken_skew(there.ahead_s);
                let cause = told(Occurrence::confirmed(Code::ClockWrong)).detail("ahead_s", there.ahead_s);
                Judgement::blocked(
                    format!("{clocks_fault}: {skew}"),
                    cause.seen(format!("at that time the certificate is valid: this device's clock is {skew}")),
                )
            }
            // As it is by both clocks, whichever of them is right.
            _ => Judgement::blocked(
                words,
                told(Occurrence::confirmed(code)).seen("at that time the certificate is not valid either"),
            ),
        };
    }
    // RFC 3339 times in UTC sort as text.
    let clock_is_behind = now.as_str() < RELEASED;
    let behind = format!("the clock is behind: this program was not there before {RELEASED}");
    match (code, clock_is_behind) {
        (Code::CertificateNotYetValid, true) => {
            Judgement::blocked(clocks_fault, Occurrence::confirmed(Code::ClockWrong).seen(seen).seen(behind))
        }
        // What has expired at a time that is past has expired now.
        (_, true) => Judgement::blocked(words, Occurrence::confirmed(code).seen(seen).seen(behind)),
        (_, false) => Judgement::blocked(words, Occurrence::likelier_than(code, Code::ClockWrong).seen(seen)),
    }
}

/// What the other end says of the time.
struct There<'a> {
    who: String,
    date: String,
    /// Seconds by which this device's clock is ahead of it.
    ahead_s: i64,
    /// What is to be said of the certificate at that time.
    verdict: &'a StoreVerdict,
}

fn there<'a>(scene: Scene<'a>, own: &Certificate) -> Option<There<'a>> {
    let clock = scene.shown::<kind::Clock>()?;
    let date = clock.date.as_deref()?;
    let then = clock.verdicts.iter().find(|verdict| verdict.sha256 == own.sha256)?;
    let (there, here) = (humantime::parse_rfc3339(date).ok()?, humantime::parse_rfc3339(&clock.here).ok()?);
    let seconds = |apart: Duration| i64::try_from(apart.as_secs()).unwrap_or(i64::MAX);
    Some(There {
        who: format!("what answers HTTP on port {}{}", clock.port, if clock.over_tls { "" } else { ", in clear," }),
        date: clipped(date),
        ahead_s: match here.duration_since(there) {
            Ok(ahead) => seconds(ahead),
            Err(behind) => -seconds(behind.duration()),
        },
        verdict: then.hub.as_ref().unwrap_or(&then.device),
    })
}

/// `3 days ahead`, `40 minutes behind`.
fn spoken_skew(ahead_s: i64) -> String {
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
