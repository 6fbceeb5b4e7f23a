//! The certificates that a peer presents, as text.

use std::fmt;

use super::{attempt_context::AttemptContext, evidence::Statement, text::clipped};
use crate::observation::{ChainVerdict, Flaw, StoreVerdict};

/// The peer's own certificate, as presented.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Presented {
    Certificate { subject: String, issuer: String, sha256: String },
    Nothing,
}

impl Presented {
    pub(super) fn of(context: AttemptContext<'_>) -> Self {
        let text = |name: &Option<String>| name.as_deref().map_or_else(|| "unreadable".to_owned(), clipped);
        match context.chain().first() {
            Some(own) => Self::Certificate {
                subject: text(&own.subject),
                issuer: text(&own.issuer),
                sha256: clipped(&own.sha256),
            },
            None => Self::Nothing,
        }
    }
}

impl Statement for Presented {
    fn in_short(&self) -> String {
        match self {
            Self::Certificate { subject, issuer, .. } => {
                format!("the certificate presented is for {subject}, issued by {issuer}")
            }
            Self::Nothing => self.to_string(),
        }
    }
}

impl fmt::Display for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate { sha256, .. } => write!(f, "{}, SHA-256 {sha256}", self.in_short()),
            Self::Nothing => write!(f, "no certificate was presented"),
        }
    }
}

/// The issuer of the last certificate presented: the name nearest to the root.
pub(super) fn top_issuer(context: AttemptContext<'_>) -> String {
    let top = context.chain().last().and_then(|top| top.issuer.as_deref());
    top.map_or_else(|| "an unreadable issuer".to_owned(), clipped)
}

/// The subject of the certificate in the chain that is at fault.
pub(super) fn faulty_certificate(verdict: &StoreVerdict) -> Option<String> {
    let ChainVerdict::Rejected { at: Some(at), .. } = verdict.strict else { return None };
    verdict.path.get(at)?.subject.as_deref().map(clipped)
}

/// Evidence of a chain that leads to a known root but breaks a rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FlawedChain {
    pub(super) certificate: Option<String>,
    pub(super) flaw: Flaw,
}

impl Statement for FlawedChain {}

impl fmt::Display for FlawedChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the chain leads to a known root, but {}", flaw_text(self.flaw))?;
        match &self.certificate {
            Some(certificate) => write!(f, ": {certificate}"),
            None => Ok(()),
        }
    }
}

/// What a set of roots says about a chain, as most devices see it.
pub(super) fn store_verdict_text(verdict: &StoreVerdict) -> &'static str {
    match verdict.strict {
        ChainVerdict::Trusted => "trusted",
        ChainVerdict::Expired => "expired",
        ChainVerdict::NotYetValid => "not valid yet",
        ChainVerdict::UnknownIssuer => "unknown issuer",
        ChainVerdict::Rejected { reason, .. } => flaw_text(reason),
    }
}

/// Why a chain that leads to a root is refused.
pub(super) fn flaw_text(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::AnchorExpired => "the root that it leads to has expired",
        Flaw::AnchorNotYetValid => "the root that it leads to is not valid yet",
        Flaw::AnchorNotSelfSigned => "it ends at an intermediate certificate, not at a root",
        Flaw::WeakKey => "a key in it is too short",
        Flaw::WeakSignature => "a signature in it is of a hash that is no longer safe",
        Flaw::NotAnAuthority => "one of its issuers is no authority",
        Flaw::MayNotSign => "one of its issuers may not sign certificates",
        Flaw::PathTooLong => "it has more authorities below one than that one permits",
        Flaw::NotForServers => "it is not for TLS servers",
        Flaw::KeyUsage => "its key is not for what a TLS server does with it",
        Flaw::NameConstraints => "one of its authorities may not sign for this name",
        Flaw::KeyIdentifier => "its issuer has another key than the one that it names",
        Flaw::CriticalExtension => "it has a critical extension that is not understood",
        Flaw::Malformed => "a part of it cannot be read, or contradicts another",
        Flaw::UnknownAlgorithm => "it uses an algorithm that is not known",
        Flaw::BadSignature => "a signature in it is not that of its issuer's key",
        Flaw::Version => "it is of X.509 version 1",
        Flaw::AuthorityAsServer => "the certificate of an authority stands for the server",
        Flaw::TooComplex => "it has more certificates than are followed",
        Flaw::Other => "it is refused for another reason",
    }
}
