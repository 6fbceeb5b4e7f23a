//! The certificate is not valid yet.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        occurrence::Occurrence,
        scope::Scope,
        validity::{Clock, OutOfTime},
        verdict::AttemptVerdict,
    },
    observation::Stage,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CertificateNotYetValid {
    /// The subject of the authority's certificate whose period it is, where it is not the hub's own.
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
        let out_of_time = OutOfTime::of(context)
            .filter(|out_of_time| !out_of_time.is_expired && !out_of_time.is_the_clocks_fault())?;
        let cause = Self { authority: out_of_time.authority(), clock: out_of_time.clock() };
        let occurrence = match &out_of_time.there {
            // As it is by both clocks, whichever of them is right.
            Some(_) => Occurrence::likely(cause),
            None => Occurrence::likelier_than(cause, Code::ClockWrong),
        };
        Some(AttemptVerdict::blocked("the certificate is not valid yet", out_of_time.told(occurrence)))
    }
}
