//! Certificates and what the trust stores say of them.

use serde::{Deserialize, Serialize};

use crate::enum_words;

use super::{ChainVerdict, StoreVerdict};

/// One presented certificate (RFC 5280). Parsed fields are `None` or empty where its DER does not parse.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    /// Distinguished name of the subject (RFC 4514).
    pub subject: Option<String>,
    /// Distinguished name of the issuer (RFC 4514).
    pub issuer: Option<String>,
    /// The subject's common name, the first where there are several.
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
    /// Whether it says that it is an authority's.
    pub is_authority: bool,
    /// The kind of its key.
    pub key: Option<Key>,
    /// The algorithm that it is signed with, where it is known.
    pub signature_algorithm: Option<String>,
    /// Where its issuer's revocation lists are (URLs).
    pub crl: Vec<String>,
    /// Where to ask whether it is revoked (URLs).
    pub ocsp: Vec<String>,
    /// Where its issuer's certificate is (URLs).
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
    /// Its length, where the algorithm does not say it.
    pub bits: Option<u32>,
}

/// What the trust stores say of a presented chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// This machine's time when it was judged, RFC 3339 in UTC.
    pub verified_at: String,
    /// Whether the peer's own certificate is for the name, or IP address, asked for, as OpenSSL sees it.
    pub name_matches: bool,
    /// How it is for that name.
    #[serde(default)]
    pub name_match: Option<NameMatch>,
    /// Whether this program's TLS library finds it to be for that name; `None` in reports of earlier versions.
    #[serde(default)]
    pub library_name_matches: Option<bool>,
    /// What the device's store says, names apart.
    pub device: StoreVerdict,
    /// What the hub's own roots say, names apart; `None` where they are not known.
    pub hub: Option<StoreVerdict>,
    /// The root of the hub's own that the chain leads to.
    #[serde(default)]
    pub hub_root: Option<HubRoot>,
    /// Whether the peer proved that it holds the certificate's key, by its signature in the handshake (RFC 8446, section
    /// 4.4.3): anybody can show a certificate. `None` where no signature came.
    #[serde(default)]
    pub signature_verified: Option<bool>,
    /// What follows from the above.
    pub identity: Identity,
}

/// How a certificate is for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameMatch {
    /// A DNS name is that name.
    Exact,
    /// A DNS name's first label is `*`.
    Wildcard,
    /// A DNS name has a `*` beside other characters in its first label: not all libraries take that.
    PartialWildcard,
    /// There is no DNS name, and the common name is that name: not all libraries look there.
    CommonName,
    /// An IP address is that address.
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
    /// Whose the chain is, whoever shows it.
    pub fn chain_identity(&self) -> Identity {
        let vouched = self.hub.as_ref().and_then(StoreVerdict::vouches);
        Identity::of(self.name_matches && self.device.accepts(), vouched.map(|vouched| self.name_matches && vouched))
    }

    /// Who the peer is, given what its signature came to so far: without its key, a chain that would be accepted proves nobody.
    pub fn signed(self, signature_verified: Option<bool>) -> Self {
        let chain = self.chain_identity();
        let identity = if chain.goes_on() && signature_verified != Some(true) { Identity::Unverified } else { chain };
        Self { signature_verified, identity, ..self }
    }

    /// Whether this program's own library, without any lenience, would let a device with this store go on: what a secret may be
    /// sent to. A peer without its key is none.
    pub fn library_accepts(&self) -> bool {
        let chain = self.device.library == ChainVerdict::Trusted && self.device.accepts();
        chain && self.library_name_matches == Some(true) && self.signature_verified == Some(true)
    }

    /// What those roots say that decide whose the chain is: the hub's own where they are known, else the device's.
    pub fn authority(&self) -> &StoreVerdict {
        self.hub.as_ref().unwrap_or(&self.device)
    }
}

enum_words! {
    /// Who is at the other end, from the device's store, the hub's roots and the peer's signature; decides what may be sent.
    pub enum Identity {
        /// Both trust it: the hub.
        Proven = "proven",
        /// The device trusts it; the hub's roots are unknown, or do not tell.
        Trusted = "trusted",
        /// The device trusts it, the hub's roots do not.
        Intercepted = "intercepted",
        /// The hub's roots trust it, the device does not: the hub, which this device will not accept.
        UntrustedHere = "untrusted-here",
        /// Neither trusts it.
        Foreign = "foreign",
        /// The device does not trust it, and the hub's roots are unknown, or do not tell; or the peer has not proved that it holds its key.
        Unverified = "unverified",
    }
}

impl Identity {
    /// From whether the device's store and the hub's roots (if they tell) accept chain and name, now, of a peer that holds the key.
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
