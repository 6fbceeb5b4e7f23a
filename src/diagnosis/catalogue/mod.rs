//! What is known of every cause that is still in the old form: one entry a code, one file a stage.

mod exchange;
mod resolve;
mod tls;
mod upgrade;

use super::{Code, Entry, Forgery, Owner, Severity};
use crate::observation::Stage;

/// All that can be said of a cause without having seen it. `title` and `fix` hold `{placeholders}` that a finding fills in.
#[derive(Debug)]
struct Old {
    code: Code,
    stage: Stage,
    severity: Severity,
    owner: Owner,
    title: &'static str,
    explanation: &'static str,
    proof: &'static str,
    fix: &'static str,
}

pub(super) fn entry(code: Code) -> Entry {
    let Old { stage, severity, owner, explanation, proof, .. } = *old(code);
    Entry { word: code.id(), stage, severity, owner, forgery: forgery(code), explanation, proof }
}

pub(super) fn texts(code: Code) -> (&'static str, &'static str) {
    let old = old(code);
    (old.title, old.fix)
}

fn old(code: Code) -> &'static Old {
    let stages = [resolve::ENTRIES, tls::ENTRIES, upgrade::ENTRIES, exchange::ENTRIES];
    stages.into_iter().flatten().find(|entry| entry.code == code).unwrap_or(&resolve::ENTRIES[0])
}

fn forgery(code: Code) -> Forgery {
    match code {
        Code::AddressFamilyUnavailable
        | Code::LocalBlock
        | Code::MissingRoot
        | Code::ClockWrong
        | Code::CertificateExpired
        | Code::CertificateNotYetValid
        | Code::ClientCertificateRequired
        | Code::WebsocketRejectedByHub
        | Code::WebsocketBadAccept
        | Code::WebsocketFramesBlocked
        | Code::ProtocolMismatch
        | Code::PeerClosed
        | Code::AuthenticationRefused => Forgery::Nobody,
        Code::PortClosed => Forgery::OnlyAtTheHub,
        Code::CertificateUntrusted
        | Code::CertificateNameMismatch
        | Code::TlsVersionUnsupported
        | Code::TlsSilent
        | Code::TlsReset
        | Code::TlsAlert
        | Code::NoProtocolReply => Forgery::AnyoneOnPath,
        _ => Forgery::OnlyTheAccused,
    }
}
