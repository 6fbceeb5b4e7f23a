//! Certificates and what the trust stores say of them.

use serde::{Deserialize, Serialize};

/// One presented certificate (RFC 5280). Parsed fields are `None` or empty where its DER does not parse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Distinguished name of the subject (RFC 4514).
    pub subject: Option<String>,
    /// Distinguished name of the issuer (RFC 4514).
    pub issuer: Option<String>,
    /// DNS names and IP addresses of the subject alternative name extension.
    pub names: Vec<String>,
    /// Start of validity, RFC 3339 in UTC.
    pub not_before: Option<String>,
    /// End of validity, RFC 3339 in UTC.
    pub not_after: Option<String>,
    /// SHA-256 of the DER, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of the subject public key info, in hexadecimal.
    pub spki_sha256: Option<String>,
    /// The certificate itself, DER in base64.
    pub der: String,
}

/// What the trust stores say of a presented chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// This machine's time when it was judged, RFC 3339 in UTC.
    pub verified_at: String,
    /// Whether the peer's own certificate is for the name, or IP address, asked for.
    pub name_matches: bool,
    /// What the device's store says, names apart.
    pub device: StoreVerdict,
    /// What the hub's own roots say, names apart; `None` where they are not known.
    pub hub: Option<StoreVerdict>,
    /// The root of the hub's own that the chain leads to, where its issuer names one.
    #[serde(default)]
    pub hub_root: Option<HubRoot>,
    /// Whether the peer proved that it holds the certificate's key, by its signature in the handshake (RFC 8446, section
    /// 4.4.3): anybody can show a certificate. `None` where no signature came.
    #[serde(default)]
    pub signature_verified: Option<bool>,
    /// What follows from the above.
    pub identity: Identity,
}

/// A root that genuinely signs the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubRoot {
    /// Its distinguished name (RFC 4514).
    pub subject: String,
    /// SHA-256 of its DER, in hexadecimal.
    pub sha256: String,
}

impl Trust {
    /// Whose the chain is, whoever shows it.
    pub fn chain_identity(&self) -> Identity {
        let accepted = |verdict: &StoreVerdict| self.name_matches && *verdict == StoreVerdict::Trusted;
        Identity::of(accepted(&self.device), self.hub.as_ref().map(accepted))
    }

    /// Who the peer is, given what its signature came to so far: without its key, a chain that would be accepted proves nobody.
    pub fn signed(self, signature_verified: Option<bool>) -> Self {
        let chain = self.chain_identity();
        let identity = if chain.goes_on() && signature_verified != Some(true) { Identity::Unverified } else { chain };
        Self { signature_verified, identity, ..self }
    }

    /// What those roots say that decide whose the chain is: the hub's own where they are known, else the device's.
    pub fn authority(&self) -> &StoreVerdict {
        self.hub.as_ref().unwrap_or(&self.device)
    }
}

/// What one set of roots says of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum StoreVerdict {
    /// It leads to one of the roots, and is valid now.
    Trusted,
    /// It leads to one of the roots, and all but its time is right: it has expired.
    Expired,
    /// It leads to one of the roots, and all but its time is right: it is not valid yet.
    NotYetValid,
    /// It leads to none of the roots.
    UnknownIssuer,
    /// Another fault.
    Rejected {
        /// The TLS library's words.
        reason: String,
    },
}

impl StoreVerdict {
    /// Whether nothing but the validity period fails.
    pub fn is_only_time(&self) -> bool {
        matches!(self, Self::Expired | Self::NotYetValid)
    }

    /// Whether the chain leads to one of the roots, whatever the time.
    pub fn leads_to_a_root(&self) -> bool {
        matches!(self, Self::Trusted | Self::Expired | Self::NotYetValid)
    }
}

/// Who is at the other end, from the device's store, the hub's roots and the peer's signature; decides what may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// Both trust it: the hub.
    Proven,
    /// The device trusts it; the hub's roots are unknown.
    Trusted,
    /// The device trusts it, the hub's roots do not.
    Intercepted,
    /// The hub's roots trust it, the device does not: the hub, which this device will not accept.
    UntrustedHere,
    /// Neither trusts it.
    Foreign,
    /// The device does not trust it, and the hub's roots are unknown; or the peer has not proved that it holds its key.
    Unverified,
}

impl Identity {
    /// From whether the device's store and the hub's roots (if known) accept chain and name, now, of a peer that holds the key.
    pub fn of(device: bool, hub: Option<bool>) -> Self {
        match (device, hub) {
            (true, Some(true)) => Self::Proven,
            (true, None) => Self::Trusted,
            (true, Some(false)) => Self::Intercepted,
            (false, Some(true)) => Self::UntrustedHere,
            (false, Some(false)) => Self::Foreign,
            (false, None) => Self::Unverified,
        }
    }

    /// Whether anything may be sent past the TLS handshake.
    pub fn goes_on(self) -> bool {
        !matches!(self, Self::Foreign | Self::Unverified)
    }

    /// Whether the hub's own roots vouch for the peer.
    pub fn is_the_hub(self) -> bool {
        matches!(self, Self::Proven | Self::UntrustedHere)
    }
}
