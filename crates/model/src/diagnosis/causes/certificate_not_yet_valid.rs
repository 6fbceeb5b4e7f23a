//! The certificate is not valid yet.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        certificate_validity::{Clock, ValidityFailure},
        occurrence::Occurrence,
        scope::Scope,
    },
    observation::Stage,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CertificateNotYetValid {
    /// The subject of the outdated certificate, if it is an authority's and not the hub's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    #[serde(skip)]
    clock: Clock,
}

impl CauseKind for CertificateNotYetValid {
    const ENTRY: Entry = Entry {
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
        match &self.authority {
            Some(authority) => format!("A certificate in the chain of {} is not valid yet: {authority}", scope.host()),
            None => format!("The certificate of {} is not valid yet", scope.host()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Look at the certificate of {}, or at the clock of whoever issued it: its time has not begun.",
            scope.host()
        )
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        self.clock.first_step()
    }

    fn is_same(&self, other: &Self) -> bool {
        self.authority == other.authority
    }

    fn merge(&mut self, other: &Self) {
        self.clock.merge(other.clock);
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let validity =
            ValidityFailure::of(context).filter(|validity| !validity.is_expired && !validity.is_clock_fault())?;
        let cause = Self { authority: validity.authority(), clock: validity.clock() };
        let occurrence = match &validity.peer_clock {
            // It is not valid by both clocks, whichever is right.
            Some(_) => Occurrence::likely(cause),
            None => Occurrence::likelier_than(cause, Code::ClockWrong),
        };
        Some(AttemptVerdict::blocked("the certificate is not valid yet", validity.with_clocks(occurrence)))
    }
}
