//! The verified peer insists on a client certificate.

use std::fmt;

use serde::Serialize;

use super::peer_closed::{ending, ending_text};
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::{AttemptContext, is_sent_by_peer, tls_version},
        attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        text::duration_in_sentence,
    },
    observation::{Ending, Stage, TlsFailure},
};

/// Alert numbers about certificates (RFC 8446, section 6).
const CERTIFICATE_ALERTS: [u8; 3] = [40, 42, 116];

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ClientCertificateRequired {}

impl CauseKind for ClientCertificateRequired {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Info,
        owner: Owner::Nobody,
        forgery: Forgery::Nobody,
        explanation: "The hub answered, and insists on a certificate that proves the device. This program has none: the \
            network works.",
        proof: "The verified peer asked for a certificate and, inside TLS, refused to go on without. An alert that ends the \
            handshake of TLS 1.2 comes in clear, and makes it `likely`. So does a bare end of the connection, of AWS IoT Core, \
            which may cut it without a word.",
    };

    fn title(&self, _: &Scope) -> String {
        "The hub wants a client certificate".to_owned()
    }

    fn fix(&self, _: &Scope) -> String {
        "Nothing to do in the network; the device needs its own certificate.".to_owned()
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        if !(context.is_verified() && context.wants_client_certificate()) {
            return None;
        }
        let by_an_alert =
            "the verified peer asked for a client certificate and, shown none, ended the connection by an alert";
        let occurrence = match (context.ended(), ending(context)) {
            (AttemptEnd::Tls(TlsFailure::Alert { code, .. }), _) if CERTIFICATE_ALERTS.contains(code) => {
                Occurrence::confirmed(Self {}).forgeable_by(Forgery::AnyoneOnPath).evidence(by_an_alert)
            }
            (_, Some((_, Ending::Alert { code, .. }))) if CERTIFICATE_ALERTS.contains(code) => {
                Occurrence::confirmed(Self {}).evidence(by_an_alert)
            }
            (_, Some((stage, ending))) => closed_without_reason(context, stage, ending)?,
            _ => return None,
        };
        let summary = format!("{}, hub wants a client certificate", tls_version(context));
        Some(AttemptVerdict::allowed(summary).with(occurrence))
    }
}

/// A product that identifies devices only by certificate may close the connection of a client without one, and give no
/// reason. Its certificate request, inside TLS that proves the hub, is its answer.
fn closed_without_reason(context: AttemptContext<'_>, stage: Stage, ending: &Ending) -> Option<Occurrence> {
    if !context.observations.hub.kind.facts().login_by_certificate {
        return None;
    }
    let cause = ClientCertificateRequired {};
    let occurrence = match is_sent_by_peer(ending) {
        true => Occurrence::confirmed(cause),
        false => Occurrence::likelier_than(cause, Code::PeerClosed),
    };
    let observed = Observed { port: context.port(), ending: ending.clone(), took_ms: context.took_ms() };
    Some(occurrence.at_stage(stage).evidence(observed))
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    port: u16,
    ending: Ending,
    took_ms: f64,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the verified peer asked for a client certificate; shown none, the connection on port {} was {} {} later",
            self.port,
            ending_text(&self.ending),
            duration_in_sentence(self.took_ms)
        )
    }
}
