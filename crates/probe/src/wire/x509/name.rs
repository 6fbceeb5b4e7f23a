//! Distinguished names, compared as OpenSSL does: whatever the string type, the case of ASCII letters and the spaces.

use super::der::{Element, Reader, tag};

/// The type of the common name: 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
/// The type of the organisation's name: 2.5.4.10.
const ORGANIZATION: &[u8] = &[0x55, 4, 10];
/// The type of an e-mail address: 1.2.840.113549.1.9.1.
const EMAIL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];

/// A distinguished name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    content: &'a [u8],
    whole: &'a [u8],
}

/// A distinguished name in a form in which equal ones are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanonicalName {
    /// Its relative names.
    Read(Vec<Vec<u8>>),
    /// What is no name is equal to itself alone.
    Unreadable(Vec<u8>),
}

impl<'a> Name<'a> {
    pub(super) fn of(element: Element<'a>) -> Self {
        Self { content: element.content, whole: element.whole }
    }

    /// Its DER, tag and length included.
    pub fn der(&self) -> &'a [u8] {
        self.whole
    }

    /// Its DER without tag and length.
    pub fn content(&self) -> &'a [u8] {
        self.content
    }

    /// Whether both are one name.
    pub fn is(&self, other: &Name<'_>) -> bool {
        self.content == other.content || self.canonical() == other.canonical()
    }

    /// Whether `base` is this name or the beginning of it (RFC 5280, section 4.2.1.10).
    pub fn is_within(&self, base: &Name<'_>) -> bool {
        match (self.canonical(), base.canonical()) {
            (CanonicalName::Read(own), CanonicalName::Read(base)) => own.starts_with(&base),
            _ => false,
        }
    }

    /// In a form in which equal names are equal.
    pub fn canonical(&self) -> CanonicalName {
        self.relative_names().map_or_else(|| CanonicalName::Unreadable(self.content.to_vec()), CanonicalName::Read)
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    /// Its common names, as text.
    pub fn common_names(&self) -> impl Iterator<Item = String> {
        self.texts(COMMON_NAME)
    }

    /// Its organisations, as text.
    pub fn organizations(&self) -> impl Iterator<Item = String> {
        self.texts(ORGANIZATION)
    }

    /// The e-mail addresses in it, as text.
    pub fn emails(&self) -> impl Iterator<Item = String> {
        self.texts(EMAIL)
    }

    fn texts(&self, of: &'static [u8]) -> impl Iterator<Item = String> {
        self.attributes().filter(move |(oid, _)| *oid == of).filter_map(|(_, value)| text(value))
    }

    /// Types and values, as far as they can be read.
    fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> {
        let mut sets = Reader::new(self.content);
        let mut set = Reader::new(&[]);
        std::iter::from_fn(move || {
            while set.is_empty() {
                set = sets.inside(tag::SET)?;
            }
            let read = attribute(&mut set);
            if read.is_none() {
                // Nothing after it can be told apart.
                (sets, set) = (Reader::new(&[]), Reader::new(&[]));
            }
            read
        })
    }

    fn relative_names(&self) -> Option<Vec<Vec<u8>>> {
        let canonical = |attributes: Vec<Attribute<'_>>| {
            let mut attributes: Vec<(&[u8], u8, Vec<u8>)> = attributes
                .into_iter()
                .map(|(oid, value)| match text(value) {
                    Some(text) => (oid, tag::UTF8_STRING, folded(&text).into_bytes()),
                    None => (oid, value.tag, value.content.to_vec()),
                })
                .collect();
            attributes.sort();
            let bytes = attributes.into_iter().flat_map(|(oid, kind, value)| {
                let lengths = [oid.len(), value.len()].map(usize::to_be_bytes).concat();
                [&lengths, oid, &[kind], &value].concat()
            });
            bytes.collect()
        };
        Some(relative_names(self.content)?.into_iter().map(canonical).collect())
    }
}

/// A type, without tag and length, and a value.
pub(super) type Attribute<'a> = (&'a [u8], Element<'a>);

/// The relative names of the name whose DER without tag and length is `content`, each a set of attributes; `None` where it is
/// malformed.
pub(super) fn relative_names(content: &[u8]) -> Option<Vec<Vec<Attribute<'_>>>> {
    let mut sets = Reader::new(content);
    let mut names = Vec::new();
    while !sets.is_empty() {
        let mut set = sets.inside(tag::SET)?;
        let mut attributes = Vec::new();
        while !set.is_empty() {
            attributes.push(attribute(&mut set)?);
        }
        names.push(attributes);
    }
    Some(names)
}

fn attribute<'a>(set: &mut Reader<'a>) -> Option<Attribute<'a>> {
    let mut pair = set.inside(tag::SEQUENCE)?;
    Some((pair.content(tag::OID)?, pair.any()?))
}

/// What a string says; `None` for what is no string.
pub(super) fn text(value: Element<'_>) -> Option<String> {
    let bytes = value.content;
    match value.tag {
        tag::UTF8_STRING | tag::PRINTABLE_STRING | tag::IA5_STRING | tag::VISIBLE_STRING => {
            std::str::from_utf8(bytes).ok().map(str::to_owned)
        }
        // Read as Latin-1 everywhere.
        tag::T61_STRING => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        tag::BMP_STRING => {
            let (pairs, rest) = bytes.as_chunks();
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            rest.is_empty().then(|| char::decode_utf16(units).collect::<Result<_, _>>().ok()).flatten()
        }
        tag::UNIVERSAL_STRING => {
            let (fours, rest) = bytes.as_chunks();
            let letters = fours.iter().map(|four| char::from_u32(u32::from_be_bytes(*four)));
            rest.is_empty().then(|| letters.collect()).flatten()
        }
        _ => None,
    }
}

/// Small ASCII letters, and one space where there are several.
fn folded(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_ascii_whitespace()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(parts: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
        let wrap =
            |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).expect("short")][..], content].concat();
        let parts = parts.iter().map(|(oid, kind, value)| {
            wrap(tag::SET, &wrap(tag::SEQUENCE, &[wrap(tag::OID, oid), wrap(*kind, value)].concat()))
        });
        wrap(tag::SEQUENCE, &parts.collect::<Vec<_>>().concat())
    }

    fn read(der: &[u8]) -> Name<'_> {
        Name::of(Reader::new(der).any().expect("an element"))
    }

    #[test]
    fn names_are_compared_by_what_they_say() {
        let printable =
            name(&[(ORGANIZATION, tag::PRINTABLE_STRING, b"Example  Trust "), (COMMON_NAME, 0x13, b"Root")]);
        let utf8 = name(&[(ORGANIZATION, tag::UTF8_STRING, b"example trust"), (COMMON_NAME, 0x0c, b"ROOT")]);
        let bmp = name(&[(ORGANIZATION, 0x13, b"EXAMPLE TRUST"), (COMMON_NAME, tag::BMP_STRING, b"\0r\0o\0o\0t")]);
        let other = name(&[(ORGANIZATION, 0x13, b"Example Trust"), (COMMON_NAME, 0x13, b"Root 2")]);
        let base = name(&[(ORGANIZATION, 0x13, b"Example Trust")]);
        assert!(read(&printable).is(&read(&utf8)) && read(&utf8).is(&read(&bmp)));
        assert!(!read(&printable).is(&read(&other)) && !read(&base).is(&read(&other)));
        assert!(read(&other).is_within(&read(&base)) && !read(&base).is_within(&read(&other)));
        assert_eq!(read(&bmp).common_names().collect::<Vec<_>>(), ["root"]);
        assert_eq!(read(&other).organizations().collect::<Vec<_>>(), ["Example Trust"]);
    }

    #[test]
    fn what_is_no_name_is_equal_to_itself_alone() {
        let broken = [tag::SEQUENCE, 3, tag::SET, 1, 0];
        let empty = [tag::SEQUENCE, 0];
        assert!(read(&broken).is(&read(&broken)) && !read(&broken).is(&read(&empty)));
        assert_eq!((read(&broken).common_names().count(), read(&empty).is_empty()), (0, true));
    }
}
