//! How one set of roots judges a chain, by three measures.

use serde::{Deserialize, Serialize};

/// How one set of roots judges a chain, without the name. In JSON the strict verdict is `outcome` itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct StoreVerdict {
    /// By all rules of OpenSSL with default settings, including those for the anchor: self-signed, and valid now. What
    /// this refuses, most devices refuse.
    #[serde(flatten)]
    pub strict: ChainVerdict,
    /// By the same rules without those for the anchor: any certificate in the store may end a chain, at any time.
    pub lenient: ChainVerdict,
    /// By this program's TLS library.
    pub library: ChainVerdict,
    /// The best path: the peer's own certificate first, each signed by the next, the anchor last. If none leads to an
    /// anchor, the longest with verified signatures.
    pub path: Vec<PathCertificate>,
    /// Where that path ends, if not at one of the roots.
    pub end: Option<ChainEnd>,
}

/// One measure's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ChainVerdict {
    /// It leads to one of the roots, and is valid now.
    Trusted,
    /// It leads to one of the roots, and only its time is wrong: it has expired.
    Expired,
    /// It leads to one of the roots, and only its time is wrong: it is not valid yet.
    NotYetValid,
    /// It leads to none of the roots.
    UnknownIssuer,
    /// It leads to one of the roots, but breaks a rule.
    Rejected {
        /// The broken rule.
        reason: Flaw,
        /// The certificate at fault, as an index into the path (the peer's own is 0); `None` if unknown.
        #[serde(default)]
        at: Option<usize>,
    },
}

/// Declares the flaws once, and the list of them.
macro_rules! flaws {
    ($($(#[$doc:meta])* $variant:ident,)*) => {
        /// Why a chain that leads to a root is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Flaw {
            $($(#[$doc])* $variant,)*
            /// Another flaw, or one that only other versions name.
            #[serde(other)]
            Other,
        }

        impl Flaw {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)* Self::Other];
        }
    };
}

flaws! {
    /// The anchor itself has expired.
    AnchorExpired,
    /// The anchor itself is not valid yet.
    AnchorNotYetValid,
    /// The anchor is an intermediate certificate, or a pinned one that is not self-signed.
    AnchorNotSelfSigned,
    /// A key has less than 112 bits of strength (RSA under 2048).
    WeakKey,
    /// A signature uses a weak hash (SHA-1, MD5).
    WeakSignature,
    /// An issuer is not an authority.
    NotAnAuthority,
    /// An issuer's key usage does not allow signing certificates.
    MayNotSign,
    /// There are more authorities below one than it permits.
    PathTooLong,
    /// The extended key usage does not include TLS servers.
    NotForServers,
    /// The key usage allows nothing that a TLS server needs.
    KeyUsage,
    /// An authority may not sign for this name.
    NameConstraints,
    /// The issuer's key identifier differs from the one named.
    KeyIdentifier,
    /// A critical extension is not understood.
    CriticalExtension,
    /// A part of a certificate cannot be read, or contradicts another.
    Malformed,
    /// This program does not know an algorithm.
    UnknownAlgorithm,
    /// A signature was not made by the issuer's key.
    BadSignature,
    /// X.509 version 1, which this program's library rejects.
    Version,
    /// An authority's certificate is used as the server's, which this program's library rejects.
    AuthorityAsServer,
    /// The chain is longer than the limit.
    TooComplex,
}

impl Flaw {
    /// Whether the flaw is only that this program does not know something.
    pub fn is_our_own_limit(self) -> bool {
        matches!(self, Self::UnknownAlgorithm | Self::TooComplex | Self::Other)
    }
}

/// One certificate of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathCertificate {
    /// Distinguished name of the subject (RFC 4514).
    pub subject: Option<String>,
    /// SHA-256 of the DER, in hexadecimal; `None` for a root whose store keeps only name and key.
    pub sha256: Option<String>,
    /// Start of validity, RFC 3339 in UTC.
    pub not_before: Option<String>,
    /// End of validity, RFC 3339 in UTC.
    pub not_after: Option<String>,
    /// Whether the peer sent it; else it came from the store.
    pub sent: bool,
}

/// Where a path ends that does not lead to a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ChainEnd {
    /// At a certificate whose issuer was not sent and is not in the store.
    NotSent {
        /// The issuer's distinguished name (RFC 4514).
        issuer: Option<String>,
        /// Whether a certificate of that name is present, but with a key that did not sign it.
        namesake: bool,
        /// A root of the store with the issuer's organisation (RFC 4514): it may have signed the issuer.
        relative: Option<String>,
    },
    /// At a root that is not in the store.
    OtherRoot {
        /// Its distinguished name (RFC 4514).
        subject: Option<String>,
        /// Whether it is one of the public roots built into this program: no intercepting device has such a root's
        /// signature.
        public: bool,
    },
}

impl From<ChainVerdict> for StoreVerdict {
    /// The same by every measure.
    fn from(verdict: ChainVerdict) -> Self {
        Self { strict: verdict, lenient: verdict, library: verdict, path: Vec::new(), end: None }
    }
}

impl StoreVerdict {
    /// Whether a device with this store continues: by the rules of most libraries, or of those, like this program's,
    /// that accept any certificate in the store as an anchor.
    pub fn accepts(&self) -> bool {
        self.strict == ChainVerdict::Trusted || self.is_anchored_below_a_root()
    }

    /// Whether libraries like OpenSSL refuse it only because the anchor is not a root.
    pub fn is_anchored_below_a_root(&self) -> bool {
        self.flaw() == Some(Flaw::AnchorNotSelfSigned) && self.lenient == ChainVerdict::Trusted
    }

    /// The certificates between the peer's own and the anchor that the peer did not send.
    pub fn left_out(&self) -> impl Iterator<Item = &PathCertificate> {
        let between = self.path.get(1..self.path.len().saturating_sub(1)).unwrap_or_default();
        between.iter().filter(|certificate| !certificate.sent)
    }

    /// Whether only the validity period fails, apart from the anchor's.
    pub fn is_only_time(&self) -> bool {
        matches!(self.lenient, ChainVerdict::Expired | ChainVerdict::NotYetValid)
    }

    /// Whether the chain leads to one of the roots, regardless of time and anchor.
    pub fn leads_to_a_root(&self) -> bool {
        self.lenient == ChainVerdict::Trusted || self.is_only_time()
    }

    /// Whether these roots, which belong to one owner, vouch for the chain; `None` if unknown, because it is cut short
    /// or at fault. A chain to another root proves that they do not.
    pub fn vouches(&self) -> Option<bool> {
        match (self.lenient, &self.end) {
            (ChainVerdict::Trusted, _) => Some(true),
            (ChainVerdict::UnknownIssuer, None | Some(ChainEnd::OtherRoot { .. })) => Some(false),
            _ => None,
        }
    }

    /// Whether it leads to none of the roots.
    pub fn is_unknown_issuer(&self) -> bool {
        self.strict == ChainVerdict::UnknownIssuer
    }

    /// Why it is refused although it leads to a root.
    pub fn flaw(&self) -> Option<Flaw> {
        match self.strict {
            ChainVerdict::Rejected { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

/// The shape in JSON. A report of an earlier version has only one verdict: the library's.
#[derive(Deserialize)]
struct Written {
    #[serde(flatten)]
    strict: ChainVerdict,
    lenient: Option<ChainVerdict>,
    library: Option<ChainVerdict>,
    #[serde(default)]
    path: Vec<PathCertificate>,
    end: Option<ChainEnd>,
}

impl From<Written> for StoreVerdict {
    fn from(written: Written) -> Self {
        let Written { strict, lenient, library, path, end } = written;
        Self { strict, lenient: lenient.unwrap_or(strict), library: library.unwrap_or(strict), path, end }
    }
}
