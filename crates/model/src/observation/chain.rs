//! What one set of roots says of a chain, by three measures.

use serde::{Deserialize, Serialize};

/// What one set of roots says of a chain, names apart. In JSON the strict verdict is `outcome` itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct StoreVerdict {
    /// By all rules of OpenSSL with its default settings, those for the anchor included: it must be self-signed, and valid
    /// now. What this refuses, most devices refuse.
    #[serde(flatten)]
    pub strict: ChainVerdict,
    /// By the same rules, whatever the anchor: any certificate in the store may end a chain, at any time.
    pub lenient: ChainVerdict,
    /// By the TLS library of this program.
    pub library: ChainVerdict,
    /// The best path that there is: the peer's own certificate first, each signed by the next, the anchor last; where none
    /// leads to an anchor, the longest whose signatures were verified.
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
    /// It leads to one of the roots, and all but its time is right: it has expired.
    Expired,
    /// It leads to one of the roots, and all but its time is right: it is not valid yet.
    NotYetValid,
    /// It leads to none of the roots.
    UnknownIssuer,
    /// It leads to one of the roots, against a rule.
    Rejected {
        /// Which.
        reason: Flaw,
        /// Whose fault that is: the place in the path, the peer's own certificate being 0; `None` where it is not known.
        #[serde(default)]
        at: Option<usize>,
    },
}

/// Declares the flaws once, and the list of them.
macro_rules! flaws {
    ($($(#[$doc:meta])* $variant:ident,)*) => {
        /// Why a chain that leads to a root is refused all the same.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Flaw {
            $($(#[$doc])* $variant,)*
            /// Another, or one that an earlier or later version had a word for.
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
    /// A key has too few bits: less strength than 112 (RSA under 2048).
    WeakKey,
    /// A signature is of too weak a hash (SHA-1, MD5).
    WeakSignature,
    /// An issuer is no authority.
    NotAnAuthority,
    /// The key usage of an issuer does not have the signing of certificates.
    MayNotSign,
    /// More authorities below one than it permits.
    PathTooLong,
    /// The extended key usage does not have TLS servers.
    NotForServers,
    /// The key usage has nothing that a TLS server does.
    KeyUsage,
    /// An authority may not sign for this name.
    NameConstraints,
    /// The key identifier of the issuer is another than the one named.
    KeyIdentifier,
    /// An extension is critical that is not understood.
    CriticalExtension,
    /// A part of a certificate cannot be read, or contradicts another.
    Malformed,
    /// An algorithm that this program does not know.
    UnknownAlgorithm,
    /// A signature is not that of the issuer's key.
    BadSignature,
    /// X.509 version 1, which this program's library does not take.
    Version,
    /// The certificate of an authority stands for the server, which this program's library does not take.
    AuthorityAsServer,
    /// More certificates than are followed.
    TooComplex,
}

impl Flaw {
    /// Whether it says what this program does not know, which is nobody's fault.
    pub fn is_our_own_limit(self) -> bool {
        matches!(self, Self::UnknownAlgorithm | Self::TooComplex | Self::Other)
    }
}

/// One certificate of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathCertificate {
    /// Distinguished name of the subject (RFC 4514).
    pub subject: Option<String>,
    /// SHA-256 of the DER, in hexadecimal; `None` of a root of which the store holds name and key alone.
    pub sha256: Option<String>,
    /// Start of validity, RFC 3339 in UTC.
    pub not_before: Option<String>,
    /// End of validity, RFC 3339 in UTC.
    pub not_after: Option<String>,
    /// Whether the peer sent it; else it came from the store.
    pub sent: bool,
}

/// Where a path ends that leads to none of the roots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ChainEnd {
    /// At a certificate whose issuer was not sent and is not in the store.
    NotSent {
        /// The issuer's distinguished name (RFC 4514).
        issuer: Option<String>,
        /// Whether a certificate of that name is there, whose key did not sign it.
        namesake: bool,
        /// A root of the store that is of the issuer's organisation, and so may have signed the issuer (RFC 4514).
        relative: Option<String>,
    },
    /// At a root that is none of these.
    OtherRoot {
        /// Its distinguished name (RFC 4514).
        subject: Option<String>,
        /// Whether it is one of the public roots built into this program: no box on a path has such a root's signature.
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
    /// Whether a device with this store goes on: by the rules of most libraries, or of those, this program's among them, that
    /// take any certificate in the store for an anchor.
    pub fn accepts(&self) -> bool {
        self.strict == ChainVerdict::Trusted || self.is_anchored_below_a_root()
    }

    /// Whether all that keeps libraries like OpenSSL from going on is that the anchor is no root.
    pub fn is_anchored_below_a_root(&self) -> bool {
        self.flaw() == Some(Flaw::AnchorNotSelfSigned) && self.lenient == ChainVerdict::Trusted
    }

    /// The certificates between the peer's own and the anchor that the peer did not send.
    pub fn left_out(&self) -> impl Iterator<Item = &PathCertificate> {
        let between = self.path.get(1..self.path.len().saturating_sub(1)).unwrap_or_default();
        between.iter().filter(|certificate| !certificate.sent)
    }

    /// Whether nothing but the validity period fails, the anchor's apart.
    pub fn is_only_time(&self) -> bool {
        matches!(self.lenient, ChainVerdict::Expired | ChainVerdict::NotYetValid)
    }

    /// Whether the chain leads to one of the roots, whatever the time and the anchor.
    pub fn leads_to_a_root(&self) -> bool {
        self.lenient == ChainVerdict::Trusted || self.is_only_time()
    }

    /// Whether these roots, which are somebody's own, vouch for the chain; `None` where that is not known, because it is cut
    /// short or at fault. Leading to another root is the proof that they do not.
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

/// As it is written; a report of an earlier version has but one verdict, that of the library.
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
