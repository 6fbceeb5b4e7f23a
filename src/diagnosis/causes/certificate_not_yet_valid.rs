//! The certificate is not valid yet.

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, occurrence::Occurrence, scope::Scope,
        validity::OutOfTime, verdict::AttemptVerdict,
    },
    observation::Stage,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CertificateNotYetValid {}

impl CauseKind for CertificateNotYetValid {
    const ENTRY: Entry = Entry {
        word: "certificate-not-yet-valid",
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "All about the certificate is right but its start date. If this device's clock were behind, it would \
            look the same, and that is the more common case.",
        proof: "Only the validity period fails, at the time in the `Date` of whatever answers HTTP at the hub's address too. \
            Anybody can say a time: it is `likely` at most.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The certificate of {} is not valid yet", scope.host())
    }

    fn fix(&self, _: &Scope) -> String {
        "Compare this device's clock with one that you trust (a time server of yours, a telephone) first; if it is right, the \
         hub's owner must look at the certificate."
            .to_owned()
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let out_of_time = OutOfTime::of(context)
            .filter(|out_of_time| !out_of_time.is_expired && !out_of_time.is_the_clocks_fault())?;
        let occurrence = match &out_of_time.there {
            // As it is by both clocks, whichever of them is right.
            Some(_) => Occurrence::likely(Self {}),
            None => Occurrence::likelier_than(Self {}, Code::ClockWrong),
        };
        Some(AttemptVerdict::blocked("the certificate is not valid yet", out_of_time.told(occurrence)))
    }
}
