//! This machine's clock is wrong.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        certificate_validity::{ValidityFailure, skew_text},
        occurrence::Occurrence,
        scope::Scope,
    },
    observation::Stage,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ClockWrong {
    /// Seconds by which it is ahead of the peer's time.
    #[serde(skip_serializing_if = "Option::is_none")]
    ahead_s: Option<i64>,
    /// A clock that shows such a time is certainly wrong.
    #[serde(skip)]
    is_certain: bool,
}

impl CauseKind for ClockWrong {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "Certificates are valid for a time. With a wrong clock a good certificate looks expired or not valid yet. \
            Devices without a battery-backed clock start in the past when they cannot reach a time server (UDP port 123).",
        proof: "The certificate is not valid yet, and the clock is before this program's release. That the certificate is valid \
            at the time in the `Date` of whatever answers HTTP at the hub's address makes it `likely` and no more: anybody can \
            say a time, above all who holds the key of a certificate that has expired. No credentials are sent to learn it.",
    };

    fn title(&self, _: &Scope) -> String {
        "This device's clock is wrong".to_owned()
    }

    fn fix(&self, _: &Scope) -> String {
        if self.is_certain {
            return "Set this device's clock by one that you trust (a time server of yours, a telephone), never by what the hub's \
                    certificate or its network would have it, and give the device a time server that it can reach."
                .to_owned();
        }
        "Compare this device's clock with one that you trust (a time server of yours, a telephone). If it is wrong, set it by \
         that one, never by what the hub's certificate or its network would have it, and give the device a time server that it \
         can reach. If it is right, do not touch it: then it is the certificate that is not valid."
            .to_owned()
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn merge(&mut self, other: &Self) {
        self.is_certain |= other.is_certain;
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let validity = ValidityFailure::of(context).filter(ValidityFailure::is_clock_fault)?;
        let ahead_s = validity.peer_clock.as_ref().map(|peer_clock| peer_clock.ahead_s);
        let is_certain = validity.clock_is_behind && !validity.is_expired;
        let cause = Self { ahead_s, is_certain };
        let occurrence = match is_certain {
            true => Occurrence::confirmed(cause),
            false => {
                let code = if validity.is_expired { Code::CertificateExpired } else { Code::CertificateNotYetValid };
                Occurrence::likelier_than(cause, code).forgeable_by(Forgery::AnyoneOnPath)
            }
        };
        let summary = match ahead_s {
            Some(ahead_s) => format!("this device's clock seems wrong: {}", skew_text(ahead_s)),
            None => "this device's clock is wrong".to_owned(),
        };
        Some(AttemptVerdict::blocked(summary, validity.with_clocks(occurrence)))
    }
}
