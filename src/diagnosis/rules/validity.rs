//! Nothing but the validity period of a certificate fails: the certificate's fault, or the clock's.

use crate::{
    diagnosis::{
        Code,
        cause::{Cause, clipped},
        judgement::Judgement,
    },
    observation::{Certificate, StoreVerdict, Trust},
};

/// No clock is right that says an earlier time than this, at which this program did not exist.
const RELEASED: &str = "2026-11-01T00:00:00Z";

pub(super) fn fails(own: Option<&Certificate>, trust: &Trust, verdict: &StoreVerdict) -> Judgement {
    let validity = own.and_then(|own| Some(format!("{} to {}", own.not_before.as_ref()?, own.not_after.as_ref()?)));
    let now = clipped(&trust.verified_at);
    let seen = format!(
        "only the validity period fails: {}, and this device's clock says {now}",
        validity.map_or_else(|| "not readable".to_owned(), |validity| clipped(&validity)),
    );
    // RFC 3339 times in UTC sort as text.
    let clock_is_behind = now.as_str() < RELEASED;
    let behind = format!("the clock is behind: this program was not there before {RELEASED}");
    match (verdict, clock_is_behind) {
        (StoreVerdict::NotYetValid, true) => Judgement::blocked(
            "this device's clock is wrong",
            Cause::confirmed(Code::ClockWrong).seen(seen).seen(behind),
        ),
        (StoreVerdict::NotYetValid, false) => Judgement::blocked(
            "the certificate is not valid yet",
            unless_the_clock_is_wrong(Code::CertificateNotYetValid).seen(seen),
        ),
        // What has expired at a time that is past has expired now.
        (_, true) => Judgement::blocked(
            "the certificate has expired",
            Cause::confirmed(Code::CertificateExpired).seen(seen).seen(behind),
        ),
        (_, false) => Judgement::blocked(
            "the certificate has expired",
            unless_the_clock_is_wrong(Code::CertificateExpired).seen(seen),
        ),
    }
}

fn unless_the_clock_is_wrong(code: Code) -> Cause {
    Cause::likelier_than(code, Code::ClockWrong)
}
