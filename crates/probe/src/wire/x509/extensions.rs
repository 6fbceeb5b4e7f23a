//! What a certificate's extensions say (RFC 5280, section 4.2), as far as verification asks.

use super::{
    Name,
    der::{Reader, tag, unsigned},
};

/// More URLs of one kind than this are not kept.
const MAX_URLS: usize = 4;
/// Certificates with more extensions than this are not read to their end; real ones have about ten.
const MAX_EXTENSIONS: usize = 64;
/// Longer URLs are not kept.
const MAX_URL_LEN: usize = 300;

/// The extensions that are understood here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions<'a> {
    /// Whether the subject is an authority.
    pub basic_constraints: Option<BasicConstraints>,
    /// What its key may be used for.
    pub key_usage: Option<KeyUsage>,
    /// Whether servers are among the purposes listed, where any are.
    pub for_servers: Option<bool>,
    /// The identifier of its key.
    pub subject_key: Option<&'a [u8]>,
    /// How the issuer's certificate is to be known.
    pub authority_key: Option<AuthorityKey<'a>>,
    /// The subject's alternative names.
    pub alternative_names: Option<Vec<GeneralName<'a>>>,
    /// The names that may stand in certificates below.
    pub name_constraints: Option<NameConstraints<'a>>,
    /// Where the issuer's revocation lists are.
    pub crl: Vec<&'a str>,
    /// Where to ask whether it is revoked.
    pub ocsp: Vec<&'a str>,
    /// Where the issuer's certificate is.
    pub ca_issuers: Vec<&'a str>,
    /// Whether an unknown extension is critical.
    pub unknown_critical: bool,
    /// Whether a part cannot be read, or stands there twice.
    pub malformed: bool,
}

/// Section 4.2.1.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct BasicConstraints {
    pub ca: bool,
    pub path_length: Option<u32>,
}

/// Section 4.2.1.3: the two bytes of the bit string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// Whether it may sign certificates.
    pub fn signs_certificates(self) -> bool {
        self.0 & 0x0400 != 0
    }

    /// Whether a TLS server can do anything with it: digitalSignature, keyEncipherment or keyAgreement.
    pub fn serves_tls(self) -> bool {
        self.0 & 0xa800 != 0
    }
}

/// Section 4.2.1.1.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct AuthorityKey<'a> {
    pub key: Option<&'a [u8]>,
    pub issuer: Option<Vec<GeneralName<'a>>>,
    pub serial: Option<&'a [u8]>,
}

/// Section 4.2.1.10.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct NameConstraints<'a> {
    pub permitted: Vec<GeneralName<'a>>,
    pub excluded: Vec<GeneralName<'a>>,
}

/// Section 4.2.1.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum GeneralName<'a> {
    Email(&'a [u8]),
    Dns(&'a [u8]),
    Directory(Name<'a>),
    Uri(&'a [u8]),
    Ip(&'a [u8]),
    /// Of a kind, by its tag, that is not read here.
    Other(u8),
}

impl<'a> Extensions<'a> {
    pub(super) fn read(list: &'a [u8]) -> Self {
        let mut found = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        let mut extensions = Reader::new(list);
        while !extensions.is_empty() {
            let Some((oid, critical, value)) = extensions.inside(tag::SEQUENCE).and_then(extension) else {
                found.malformed = true;
                break;
            };
            let twice = seen.contains(&oid);
            seen.push(oid);
            if twice || found.keep(oid, critical, value).is_none() {
                found.malformed = true;
            }
            if seen.len() >= MAX_EXTENSIONS {
                found.malformed = true;
                break;
            }
        }
        found
    }

    /// `None` where the value is not what it should be.
    fn keep(&mut self, oid: &[u8], critical: bool, value: &'a [u8]) -> Option<()> {
        match oid {
            [0x55, 0x1d, 14] => self.subject_key = Some(Reader::new(value).content(tag::OCTET_STRING)?),
            [0x55, 0x1d, 15] => self.key_usage = Some(key_usage(value)?),
            [0x55, 0x1d, 17] => {
                self.alternative_names = Some(general_names(Reader::new(value).inside(tag::SEQUENCE)?)?)
            }
            [0x55, 0x1d, 19] => self.basic_constraints = Some(basic_constraints(value)?),
            [0x55, 0x1d, 30] => self.name_constraints = Some(name_constraints(value)?),
            [0x55, 0x1d, 31] => self.crl = crl_urls(value)?,
            [0x55, 0x1d, 35] => self.authority_key = Some(authority_key(value)?),
            [0x55, 0x1d, 37] => self.for_servers = Some(for_servers(value)?),
            AUTHORITY_INFORMATION => (self.ocsp, self.ca_issuers) = information_urls(value)?,
            // Of no consequence here, and understood by whoever verifies: policies and their constraints, Netscape's type.
            [0x55, 0x1d, 32 | 33 | 36 | 54] | NETSCAPE_TYPE | OCSP_NO_CHECK => {}
            _ => self.unknown_critical |= critical,
        }
        Some(())
    }
}

/// 1.3.6.1.5.5.7.1.1.
const AUTHORITY_INFORMATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];
/// 2.16.840.1.113730.1.1.
const NETSCAPE_TYPE: &[u8] = &[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 1, 1];
/// 1.3.6.1.5.5.7.48.1.5.
const OCSP_NO_CHECK: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 5];
/// 1.3.6.1.5.5.7.48.1 and .2: how the two kinds of authority information are told apart.
const OCSP: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1];
const CA_ISSUERS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 2];
/// 1.3.6.1.5.5.7.3.1, and what Microsoft and Netscape had before it (1.3.6.1.4.1.311.10.3.3, 2.16.840.1.113730.4.1).
const FOR_SERVERS: [&[u8]; 3] = [
    &[0x2b, 6, 1, 5, 5, 7, 3, 1],
    &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 3],
    &[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 4, 1],
];

fn extension<'a>(mut fields: Reader<'a>) -> Option<(&'a [u8], bool, &'a [u8])> {
    let oid = fields.content(tag::OID)?;
    let critical = fields.optional(tag::BOOLEAN).is_some_and(|value| value != [0]);
    Some((oid, critical, fields.content(tag::OCTET_STRING)?))
}

fn key_usage(value: &[u8]) -> Option<KeyUsage> {
    let (_unused_bits, bytes) = Reader::new(value).content(tag::BIT_STRING)?.split_first()?;
    let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
    Some(KeyUsage(u16::from_be_bytes([byte(0), byte(1)])))
}

fn basic_constraints(value: &[u8]) -> Option<BasicConstraints> {
    let mut fields = Reader::new(value).inside(tag::SEQUENCE)?;
    let ca = fields.optional(tag::BOOLEAN).is_some_and(|value| value != [0]);
    let path_length = match fields.optional(tag::INTEGER) {
        Some(length) => Some(unsigned(length)?),
        None => None,
    };
    fields.is_empty().then_some(BasicConstraints { ca, path_length })
}

fn for_servers(value: &[u8]) -> Option<bool> {
    let mut purposes = Reader::new(value).inside(tag::SEQUENCE)?;
    let mut found = false;
    while !purposes.is_empty() {
        found |= FOR_SERVERS.contains(&purposes.content(tag::OID)?);
    }
    Some(found)
}

fn general_names<'a>(mut list: Reader<'a>) -> Option<Vec<GeneralName<'a>>> {
    let mut names = Vec::new();
    while !list.is_empty() {
        names.push(general_name(&mut list)?);
    }
    Some(names)
}

fn general_name<'a>(list: &mut Reader<'a>) -> Option<GeneralName<'a>> {
    const EMAIL: u8 = tag::context(1);
    const DNS: u8 = tag::context(2);
    const DIRECTORY: u8 = tag::constructed(4);
    const URI: u8 = tag::context(6);
    const IP: u8 = tag::context(7);
    let element = list.any()?;
    Some(match element.tag {
        EMAIL => GeneralName::Email(element.content),
        DNS => GeneralName::Dns(element.content),
        DIRECTORY => GeneralName::Directory(Name::of(Reader::new(element.content).element(tag::SEQUENCE)?)),
        URI => GeneralName::Uri(element.content),
        IP => GeneralName::Ip(element.content),
        other => GeneralName::Other(other),
    })
}

fn authority_key(value: &[u8]) -> Option<AuthorityKey<'_>> {
    let mut fields = Reader::new(value).inside(tag::SEQUENCE)?;
    let key = fields.optional(tag::context(0));
    let issuer = match fields.optional(tag::constructed(1)) {
        Some(names) => Some(general_names(Reader::new(names))?),
        None => None,
    };
    Some(AuthorityKey { key, issuer, serial: fields.optional(tag::context(2)) })
}

fn name_constraints(value: &[u8]) -> Option<NameConstraints<'_>> {
    let mut fields = Reader::new(value).inside(tag::SEQUENCE)?;
    let mut subtrees = |tag| fields.optional(tag).map_or(Some(Vec::new()), bases);
    let (permitted, excluded) = (subtrees(tag::constructed(0))?, subtrees(tag::constructed(1))?);
    fields.is_empty().then_some(NameConstraints { permitted, excluded })
}

/// The bases of subtrees, whose minimum must be 0 and whose maximum absent.
fn bases(list: &[u8]) -> Option<Vec<GeneralName<'_>>> {
    let mut subtrees = Reader::new(list);
    let mut bases = Vec::new();
    while !subtrees.is_empty() {
        let mut subtree = subtrees.inside(tag::SEQUENCE)?;
        bases.push(general_name(&mut subtree)?);
        let minimum = subtree.optional(tag::context(0));
        if !subtree.is_empty() || minimum.is_some_and(|minimum| minimum != [0]) {
            return None;
        }
    }
    Some(bases)
}

/// The URLs of CRLDistributionPoints (section 4.2.1.13).
fn crl_urls(value: &[u8]) -> Option<Vec<&str>> {
    let mut points = Reader::new(value).inside(tag::SEQUENCE)?;
    let mut urls = Vec::new();
    while !points.is_empty() {
        let mut point = points.inside(tag::SEQUENCE)?;
        let names = point.optional(tag::constructed(0)).and_then(|name| Reader::new(name).content(tag::constructed(0)));
        let names = names.map_or(Some(Vec::new()), |names| general_names(Reader::new(names)))?;
        urls.extend(names.into_iter().filter_map(url));
    }
    urls.truncate(MAX_URLS);
    Some(urls)
}

/// Where to ask for revocation, and where the issuers' certificates are (section 4.2.2.1).
fn information_urls(value: &[u8]) -> Option<(Vec<&str>, Vec<&str>)> {
    let mut descriptions = Reader::new(value).inside(tag::SEQUENCE)?;
    let (mut ocsp, mut ca_issuers) = (Vec::new(), Vec::new());
    while !descriptions.is_empty() {
        let mut description = descriptions.inside(tag::SEQUENCE)?;
        let method = description.content(tag::OID)?;
        let url = url(general_name(&mut description)?);
        match method {
            OCSP => ocsp.extend(url),
            CA_ISSUERS => ca_issuers.extend(url),
            _ => {}
        }
    }
    ocsp.truncate(MAX_URLS);
    ca_issuers.truncate(MAX_URLS);
    Some((ocsp, ca_issuers))
}

fn url(name: GeneralName<'_>) -> Option<&str> {
    match name {
        GeneralName::Uri(uri) if uri.len() <= MAX_URL_LEN && uri.is_ascii() => std::str::from_utf8(uri).ok(),
        _ => None,
    }
}
