//! The certificate has expired.

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
pub(crate) struct CertificateExpired {
    /// The subject of the outdated certificate, if it is an authority's and not the hub's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    #[serde(skip)]
    clock: Clock,
}

impl CauseKind for CertificateExpired {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "All about the certificate is right but its end date. If this device's clock were ahead, it would look \
            the same.",
        proof: "Only the validity period fails, the peer holds the certificate's key, and the clock is known to be behind: if \
            it was expired at the earlier time, it is expired now. By the time in the `Date` of whatever answers HTTP at the \
            hub's address, as without it, it is `likely`: anybody can say a time.",
    };

    fn title(&self, scope: &Scope) -> String {
        match &self.authority {
            Some(authority) => format!("A certificate in the chain of {} has expired: {authority}", scope.host()),
            None => format!("The certificate of {} has expired", scope.host()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        const NEVER: &str = "Never set a clock back to make a certificate valid.";
        if self.clock == Clock::FitsAnother {
            return format!(
                "See to the machine behind that address of {}: others of its addresses show a certificate that is valid.",
                scope.host()
            );
        }
        match &self.authority {
            Some(authority) => format!(
                "Serve a chain of {} that is valid: with the certificate that has come in the place of {authority}, or one \
                 issued anew. {NEVER}",
                scope.host()
            ),
            None => format!("Renew the certificate of {}. {NEVER}", scope.host()),
        }
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        self.clock.first_step()
    }

    fn is_same(&self, other: &Self) -> bool {
        self.authority == other.authority
    }

    fn clock_is_right(&mut self) {
        self.clock = Clock::FitsAnother;
    }

    fn merge(&mut self, other: &Self) {
        self.clock.merge(other.clock);
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let validity =
            ValidityFailure::of(context).filter(|validity| validity.is_expired && !validity.is_clock_fault())?;
        let cause = Self { authority: validity.authority(), clock: validity.clock() };
        let occurrence = match (&validity.peer_clock, validity.clock_is_behind) {
            // If it was expired at the earlier time, it is expired now.
            (_, true) if validity.holds_key => Occurrence::confirmed(cause),
            // It is expired by both clocks, whichever is right.
            (Some(_), _) | (_, true) => Occurrence::likely(cause),
            (None, false) => Occurrence::likelier_than(cause, Code::ClockWrong),
        };
        Some(AttemptVerdict::blocked("the certificate has expired", validity.with_clocks(occurrence)))
    }
}
