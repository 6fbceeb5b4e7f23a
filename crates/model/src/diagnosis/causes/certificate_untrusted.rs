//! Unknown issuer, and the hub's roots are not known.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        certificate_refusal::CertificateRefusal,
        evidence::Statement,
        occurrence::Occurrence,
        presented_chain::{Presented, store_verdict_text, top_issuer},
        scope::Scope,
    },
    hub::{HubKind, ats_name},
    observation::Stage,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CertificateUntrusted {
    /// The issuer of the last certificate presented.
    issuer: String,
    /// The hub's name under an authority that devices trust, if this one is AWS's legacy endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<String>,
}

impl CauseKind for CertificateUntrusted {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The chain leads to no root of this device's trust store, and it is not known which roots sign this hub. \
            Either the hub has a private authority, or TLS is intercepted. AWS's legacy endpoints (without `-ats` in their \
            names) have an authority that trust stores no longer hold: use the `-ats` endpoint.",
        proof: "Cannot be told from interception without the hub's own roots (`--hub-ca`), unless the same authority signs \
            another name on the spot: always `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        let issuer = scope.or_placeholder("ISSUER", &self.issuer);
        if self.instead.is_some() {
            return format!("AWS's legacy endpoint: this device does not trust its authority, {issuer}");
        }
        format!("The certificate is not trusted by this device: it is signed by {issuer}")
    }

    fn fix(&self, scope: &Scope) -> String {
        if let Some(instead) = &self.instead {
            return format!(
                "Use {instead}, the same account's endpoint under Amazon Trust Services: {} is a legacy endpoint, whose \
                 authority trust stores no longer hold. If that name is not trusted either, ask the security team.",
                scope.host()
            );
        }
        format!(
            "If {} uses a private authority, give its root with `--ca FILE` and install it on the device; if not, treat it as \
             interception and ask the security team.",
            scope.host()
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let observed = match context.certificate_refusal()? {
            CertificateRefusal::Untrusted(trust) | CertificateRefusal::Flawed(trust, _) => {
                Observed::DeviceSays { device: store_verdict_text(&trust.device) }
            }
            CertificateRefusal::NotRecorded => Observed::NotRecorded,
            _ => return None,
        };
        let legacy = context.observations.hub.kind == HubKind::AwsIotCore;
        let instead = legacy.then(|| ats_name(&context.observations.hub.host)).flatten();
        let cause = Self { issuer: top_issuer(context), instead };
        let occurrence = Occurrence::possible(cause, &[Code::TlsIntercepted]);
        Some(AttemptVerdict::blocked(
            "the certificate is not trusted by this device",
            occurrence.evidence(Presented::of(context)).evidence(observed),
        ))
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    DeviceSays { device: &'static str },
    NotRecorded,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeviceSays { device } => write!(f, "this device's trust store says: {device}"),
            Self::NotRecorded => write!(f, "what the trust stores say of it was not recorded"),
        }
    }
}
