//! X.509 certificates (RFC 5280), read as leniently as OpenSSL reads them: version 1, serial numbers of any form, names that
//! are no ASCII. What is wrong with one is for whoever verifies it to say.

mod der;
mod extensions;
mod key;
mod name;
mod readable;

pub use extensions::{AuthorityKey, BasicConstraints, Extensions, GeneralName, KeyUsage, NameConstraints};
pub use key::{Curve, Hash, KeyKind, PublicKey, SignatureKind, signature_kind};
pub use name::{CanonicalName, Name};
pub use readable::readable_name;

use der::{Reader, tag, unsigned, whole_bits};

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// All of it.
    pub der: &'a [u8],
    /// What is signed.
    pub signed: &'a [u8],
    /// 1, 2 or 3; more where it says so.
    pub version: u32,
    /// Its serial number, an INTEGER's content.
    pub serial: &'a [u8],
    /// With which algorithm it is signed, in DER without the sequence around it.
    pub signature_algorithm: &'a [u8],
    /// Whether the signed part names the same algorithm.
    pub same_algorithm_within: bool,
    /// The signature.
    pub signature: &'a [u8],
    /// Who signed it.
    pub issuer: Name<'a>,
    /// From when to when it is valid, in seconds since 1970; `None` where that cannot be read.
    pub validity: Option<Validity>,
    /// For whom it is.
    pub subject: Name<'a>,
    /// Whose key it is.
    pub key: PublicKey<'a>,
    /// What its extensions say.
    pub extensions: Extensions<'a>,
}

/// From the first second to the last, both included; seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Validity {
    pub from: i64,
    pub to: i64,
}

impl<'a> Certificate<'a> {
    /// Reads one; `None` where `der` is none.
    pub fn read(der: &'a [u8]) -> Option<Self> {
        let mut outer = Reader::new(der);
        let mut fields = outer.inside(tag::SEQUENCE)?;
        if !outer.is_empty() {
            return None;
        }
        let signed = fields.element(tag::SEQUENCE)?;
        let signature_algorithm = fields.content(tag::SEQUENCE)?;
        let signature = whole_bits(fields.content(tag::BIT_STRING)?)?;

        let mut within = Reader::new(signed.content);
        let version = match within.optional(tag::constructed(0)) {
            Some(version) => unsigned(Reader::new(version).content(tag::INTEGER)?)?.checked_add(1)?,
            None => 1,
        };
        let serial = within.content(tag::INTEGER)?;
        let same_algorithm_within = within.content(tag::SEQUENCE)? == signature_algorithm;
        let issuer = Name::of(within.element(tag::SEQUENCE)?);
        let mut times = within.inside(tag::SEQUENCE)?;
        let (from, to) = (times.any()?, times.any()?);
        let validity = der::time(from).zip(der::time(to)).map(|(from, to)| Validity { from, to });
        let subject = Name::of(within.element(tag::SEQUENCE)?);
        let key = PublicKey::read(within.element(tag::SEQUENCE)?.whole)?;
        let _unique_ids = (within.optional(tag::context(1)), within.optional(tag::context(2)));
        let extensions = match within.optional(tag::constructed(3)) {
            Some(extensions) => Extensions::read(Reader::new(extensions).content(tag::SEQUENCE)?),
            None => Extensions::default(),
        };
        Some(Self {
            der,
            signed: signed.whole,
            version,
            serial,
            signature_algorithm,
            same_algorithm_within,
            signature,
            issuer,
            validity,
            subject,
            key,
            extensions,
        })
    }

    /// Whether it names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        self.issuer.is(&self.subject)
    }
}

/// The subject of the certificate `der`, without reading more of it than that takes; DER without the sequence around it.
pub fn subject_of(der: &[u8]) -> Option<&[u8]> {
    let mut within = Reader::new(der).inside(tag::SEQUENCE)?.inside(tag::SEQUENCE)?;
    let _version = within.optional(tag::constructed(0));
    within.content(tag::INTEGER)?;
    // Algorithm, issuer, validity.
    for _ in 0..3 {
        within.element(tag::SEQUENCE)?;
    }
    within.content(tag::SEQUENCE)
}

#[cfg(test)]
mod tests;
