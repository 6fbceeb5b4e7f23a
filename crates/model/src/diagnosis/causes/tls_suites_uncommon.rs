//! The peer speaks TLS, but accepts nothing that this program's library offers.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        client_hellos::{SniComparison, VersionComparison},
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        text::clipped,
    },
    observation::{OWN_GROUPS, OWN_SUITES, Stage, TlsFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TlsSuitesUncommon {
    /// The version that the peer chose from a wider offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// The suite.
    #[serde(skip_serializing_if = "Option::is_none")]
    cipher_suite: Option<String>,
    /// The group, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
}

/// What this program lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MissingPart {
    /// Suites with ECDHE and CBC.
    Cbc,
    /// Suites with RSA key exchange.
    StaticRsa,
    /// Suites with finite-field Diffie-Hellman.
    Dhe,
    /// 3DES, DES, RC4.
    Broken,
    /// Any other suite.
    Rare,
    /// The suite is offered; the group is not.
    Group,
    /// The suite is offered, and the group is not known.
    GroupOrSignature,
}

impl CauseKind for TlsSuitesUncommon {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The peer has TLS 1.2 or 1.3, but takes none of the suites, groups and signatures that this program \
            offers: ECDHE with AES-GCM or ChaCha20, on x25519, P-256 or P-384. Devices whose library has what it asks for \
            connect, so this program cannot say whether the port works for them: the check is `unknown`.",
        proof: "The peer refuses this program's hello, and answers one that offers older and rarer suites too, with a \
            ServerHello of TLS 1.2 or 1.3. That is said in clear, before anybody has proved who he is, so it is `likely` at \
            most.",
    };

    fn title(&self, scope: &Scope) -> String {
        let tcp = scope.tcp();
        let suite = scope.or_placeholder("SUITE", self.cipher_suite.as_deref().unwrap_or("a rare suite"));
        let group = self.group.as_deref().unwrap_or("a rare group");
        match self.missing_part() {
            MissingPart::Group => format!("TLS on {tcp} asks for the group {group}, which this program lacks"),
            MissingPart::GroupOrSignature => {
                format!("TLS on {tcp} asks for a group or signature that this program lacks")
            }
            _ => format!("TLS on {tcp} asks for {suite}, which this program lacks"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let enable = match self.missing_part() {
            MissingPart::Group | MissingPart::GroupOrSignature => {
                "the group x25519 or P-256, and signatures with SHA-256"
            }
            MissingPart::Cbc | MissingPart::StaticRsa | MissingPart::Dhe | MissingPart::Broken | MissingPart::Rare => {
                "ECDHE with AES-GCM or ChaCha20"
            }
        };
        format!("Enable {enable} on {} of {}.", scope.tcp(), scope.host())
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let devices = match self.missing_part() {
            MissingPart::Group | MissingPart::GroupOrSignature => {
                "Devices whose library has the group may connect, such as those with OpenSSL."
            }
            MissingPart::Cbc => {
                "Devices that still offer CBC suites may connect, such as those with OpenSSL or mbed TLS; those with rustls, or \
                 with CBC switched off, cannot."
            }
            MissingPart::StaticRsa => {
                "Devices that still offer RSA key exchange may connect, such as those with OpenSSL; those with rustls or a \
                 current Go cannot."
            }
            MissingPart::Dhe => {
                "Devices that offer DHE may connect, such as those with OpenSSL; those with rustls or Go cannot."
            }
            MissingPart::Broken => {
                "Its cipher is broken: current libraries do not offer it unless they are told to, and only old devices connect."
            }
            MissingPart::Rare => "Devices whose library offers that suite may connect.",
        };
        Some(format!("Try with a device of yours. {devices}"))
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let without_a_word = match context.ended() {
            AttemptEnd::Tls(TlsFailure::Incompatible { .. }) => false,
            AttemptEnd::Tls(TlsFailure::Alert { .. }) if !context.has_server_hello() => false,
            AttemptEnd::Tls(TlsFailure::Closed { bytes_received: 0 } | TlsFailure::Reset { bytes_received: 0 }) => true,
            _ => return None,
        };
        // A peer that accepts one of our versions, offered alone, accepts our suites.
        if matches!(context.versions_compared(), VersionComparison::Accepted(_)) {
            return None;
        }
        let mut answers = context.wide_hellos();
        let (version, chosen) = answers.find(|(version, _)| matches!(*version, "TLS 1.2" | "TLS 1.3"))?;
        let cause = Self {
            version: Some(clipped(version)),
            cipher_suite: Some(clipped(&chosen.cipher_suite)),
            group: chosen.group.as_deref().map(clipped),
        };
        // A peer that closes on the usual hello may dislike its form. Only a suite or group that we lack gives it a
        // reason to close.
        if without_a_word && cause.missing_part() == MissingPart::GroupOrSignature {
            return None;
        }
        let observed = Observed { port: context.port(), chose: cause.clone() };
        let occurrence = Occurrence::likely(cause).evidence(observed);
        let occurrence = match context.names_compared() {
            SniComparison::OnlyHubName(_) => occurrence.or_possibly(Code::SniFilter),
            _ => occurrence,
        };
        Some(AttemptVerdict::unknown("TLS answers, but takes nothing that this program offers").with(occurrence))
    }
}

impl TlsSuitesUncommon {
    fn missing_part(&self) -> MissingPart {
        let Some(suite) = self.cipher_suite.as_deref() else { return MissingPart::Rare };
        if OWN_SUITES.contains(&suite) {
            let is_rare = |group: &str| !OWN_GROUPS.contains(&group);
            return if self.group.as_deref().is_some_and(is_rare) {
                MissingPart::Group
            } else {
                MissingPart::GroupOrSignature
            };
        }
        let holds = |parts: &[&str]| parts.iter().any(|part| suite.contains(part));
        match suite {
            _ if holds(&["_3DES_", "_DES_", "_RC4_"]) => MissingPart::Broken,
            _ if holds(&["_DSS_", "_CAMELLIA_", "_CCM"]) => MissingPart::Rare,
            _ if suite.starts_with("TLS_RSA_") => MissingPart::StaticRsa,
            _ if suite.starts_with("TLS_DHE_") => MissingPart::Dhe,
            _ if suite.starts_with("TLS_ECDHE_") && holds(&["_CBC_"]) => MissingPart::Cbc,
            _ => MissingPart::Rare,
        }
    }
}

/// What the peer chose from a wider offer.
#[derive(Debug, Clone, PartialEq)]
struct Observed {
    port: u16,
    chose: TlsSuitesUncommon,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TlsSuitesUncommon { version, cipher_suite, group } = &self.chose;
        let (version, suite) = (version.as_deref().unwrap_or("TLS"), cipher_suite.as_deref().unwrap_or("a suite"));
        write!(f, "offered more than this program's library has, port {} chose {version} with {suite}", self.port)?;
        if let Some(group) = group {
            write!(f, " and the group {group}")?;
        }
        match self.chose.missing_part() {
            MissingPart::GroupOrSignature => {
                write!(f, ": that suite is offered always, so what is lacking is the group or the signature")
            }
            MissingPart::Group => write!(f, ", of which only the group is not offered always"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_told_by_the_suite_and_the_group() {
        for (suite, group, missing_part) in [
            ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", None, MissingPart::Cbc),
            ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", None, MissingPart::Broken),
            ("TLS_RSA_WITH_RC4_128_SHA", None, MissingPart::Broken),
            ("TLS_RSA_WITH_AES_256_GCM_SHA384", None, MissingPart::StaticRsa),
            ("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", None, MissingPart::Dhe),
            ("TLS_DHE_DSS_WITH_AES_256_GCM_SHA384", None, MissingPart::Rare),
            ("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", None, MissingPart::Rare),
            ("0xFEFE", None, MissingPart::Rare),
            ("TLS_AES_128_CCM_8_SHA256", Some("x25519"), MissingPart::Rare),
            ("TLS_AES_128_GCM_SHA256", Some("secp521r1"), MissingPart::Group),
            ("TLS_AES_128_GCM_SHA256", Some("x25519"), MissingPart::GroupOrSignature),
            ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", None, MissingPart::GroupOrSignature),
        ] {
            let cause = TlsSuitesUncommon {
                version: None,
                cipher_suite: Some(suite.to_owned()),
                group: group.map(str::to_owned),
            };
            assert_eq!(cause.missing_part(), missing_part, "{suite}");
        }
    }
}
