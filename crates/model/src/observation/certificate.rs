//! Certificates, and how the trust stores judge them.

use serde::{Deserialize, Serialize};

use crate::enum_words;

use super::{ChainVerdict, StoreVerdict};

/// One presented certificate (RFC 5280). Parsed fields are `None` or empty if its DER does not parse.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    /// Distinguished name of the subject (RFC 4514).
    pub subject: Option<String>,
    /// Distinguished name of the issuer (RFC 4514).
    pub issuer: Option<String>,
    /// The subject's first common name.
    pub common_name: Option<String>,
    /// DNS names and IP addresses of the subject alternative name extension.
    pub names: Vec<String>,
    /// Of these, the DNS names.
    pub dns_names: Vec<String>,
    /// Of these, the IP addresses.
    pub ip_addresses: Vec<String>,
    /// Start of validity, RFC 3339 in UTC.
    pub not_before: Option<String>,
    /// End of validity, RFC 3339 in UTC.
    pub not_after: Option<String>,
    /// X.509 version: 1, 2 or 3.
    pub version: Option<u32>,
    /// Whether it claims to be an authority's.
    pub is_authority: bool,
    /// The kind of its key.
    pub key: Option<Key>,
    /// The algorithm of its signature, if known.
    pub signature_algorithm: Option<String>,
    /// URLs of its issuer's revocation lists (CRL distribution points).
    pub crl: Vec<String>,
    /// URLs of its issuer's OCSP responders.
    pub ocsp: Vec<String>,
    /// URLs of its issuer's certificate.
    pub ca_issuers: Vec<String>,
    /// SHA-256 of the DER, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of the subject public key info, in hexadecimal.
    pub spki_sha256: Option<String>,
    /// The certificate itself, DER in base64.
    pub der: String,
}

/// The kind of a public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// `RSA`, `EC P-256`, `Ed25519`, ...
    pub algorithm: String,
    /// Its length, if the algorithm does not imply it.
    pub bits: Option<u32>,
}

/// How the trust stores judge a presented chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// This machine's time of the judgement, RFC 3339 in UTC.
    pub verified_at: String,
    /// Whether the peer's own certificate matches the requested name or IP address, by OpenSSL's rules.
    pub name_matches: bool,
    /// How it matches that name.
    #[serde(default)]
    pub name_match: Option<NameMatch>,
    /// Whether it matches by the rules of this program's TLS library; `None` in reports of earlier versions.
    #[serde(default)]
    pub library_name_matches: Option<bool>,
    /// The verdict of the device's store, without the name.
    pub device: StoreVerdict,
    /// The verdict of the hub's own roots, without the name; `None` if they are unknown.
    pub hub: Option<StoreVerdict>,
    /// The hub's own root that the chain leads to.
    #[serde(default)]
    pub hub_root: Option<HubRoot>,
    /// Whether the peer proved possession of the certificate's key by its signature in the handshake (RFC 8446, section
    /// 4.4.3): anyone can present a certificate. `None` if no signature came.
    #[serde(default)]
    pub signature_verified: Option<bool>,
    /// What follows from the above.
    pub identity: Identity,
}

/// How a certificate matches a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameMatch {
    /// A DNS name is equal to it.
    Exact,
    /// By a DNS name whose first label is `*`.
    Wildcard,
    /// By a DNS name with a `*` and other characters in its first label: not all libraries accept that.
    PartialWildcard,
    /// There is no DNS name, and the common name is equal to it: not all libraries look there.
    CommonName,
    /// An IP address is equal to it.
    IpAddress,
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
    /// Whose chain it is, whichever peer presents it.
    pub fn chain_identity(&self) -> Identity {
        let vouched = self.hub.as_ref().and_then(StoreVerdict::vouches);
        Identity::of(self.name_matches && self.device.accepts(), vouched.map(|vouched| self.name_matches && vouched))
    }

    /// The peer's identity, as far as its signature is known. Without the key, even an accepted chain proves no
    /// identity.
    pub fn signed(self, signature_verified: Option<bool>) -> Self {
        let chain = self.chain_identity();
        let identity = if chain.goes_on() && signature_verified != Some(true) { Identity::Unverified } else { chain };
        Self { signature_verified, identity, ..self }
    }

    /// Whether this program's own library accepts the peer with this store and without leniency: required before a
    /// secret is sent. False without proof of the key.
    pub fn library_accepts(&self) -> bool {
        let chain = self.device.library == ChainVerdict::Trusted && self.device.accepts();
        chain && self.library_name_matches == Some(true) && self.signature_verified == Some(true)
    }

    /// The verdict of the roots that decide whose chain it is: the hub's own if they are known, else the device's.
    pub fn authority(&self) -> &StoreVerdict {
        self.hub.as_ref().unwrap_or(&self.device)
    }
}

enum_words! {
    /// The peer's identity, from the device's store, the hub's roots and the peer's signature. Decides what may be
    /// sent.
    pub enum Identity {
        /// Both trust it: the hub.
        Proven = "proven",
        /// The device trusts it; the hub's roots are unknown or undecided.
        Trusted = "trusted",
        /// The device trusts it, the hub's roots do not.
        Intercepted = "intercepted",
        /// The hub's roots trust it, the device does not: this device will reject the hub.
        UntrustedHere = "untrusted-here",
        /// Neither trusts it.
        Foreign = "foreign",
        /// The device does not trust it, and the hub's roots are unknown or undecided; or the peer did not prove
        /// possession of its key.
        Unverified = "unverified",
    }
}

impl Identity {
    /// From whether the device's store and the hub's roots (if decided) accept chain and name now. The peer holds the
    /// key.
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

    /// Whether anything may be sent after the TLS handshake.
    pub fn goes_on(self) -> bool {
        !matches!(self, Self::Foreign | Self::Unverified)
    }

    /// Whether the hub's own roots vouch for the peer.
    pub fn is_the_hub(self) -> bool {
        matches!(self, Self::Proven | Self::UntrustedHere)
    }
}
