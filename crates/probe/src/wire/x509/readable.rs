//! Distinguished names as people read them (RFC 4514): `CN=hub.test,O=Example\, Inc.`, the last part first.

use std::fmt::{self, Write as _};

use super::name::{Attribute, Name, relative_names, text};

/// What the types of attributes are called: by RFC 4519, and those that it has not as OpenSSL has them.
const TYPES: [(&[u8], &str); 24] = [
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 4], "SN"),
    (&[0x55, 4, 5], "SERIALNUMBER"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 9], "STREET"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 12], "TITLE"),
    (&[0x55, 4, 13], "DESCRIPTION"),
    (&[0x55, 4, 15], "BUSINESSCATEGORY"),
    (&[0x55, 4, 17], "POSTALCODE"),
    (&[0x55, 4, 42], "GN"),
    (&[0x55, 4, 43], "INITIALS"),
    (&[0x55, 4, 46], "DNQUALIFIER"),
    (&[0x55, 4, 65], "PSEUDONYM"),
    (&[0x55, 4, 97], "ORGANIZATIONIDENTIFIER"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "EMAIL"),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 1], "JURISDICTIONL"),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 2], "JURISDICTIONST"),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 3], "JURISDICTIONC"),
];

impl Name<'_> {
    /// As people read it; `None` where it is malformed.
    pub fn readable(&self) -> Option<String> {
        readable_name(self.content())
    }
}

/// The name whose DER without tag and length is `content`, as people read it; `None` where it is malformed.
pub fn readable_name(content: &[u8]) -> Option<String> {
    let part = |attributes: &Vec<Attribute<'_>>| {
        attributes.iter().map(|attribute| Readable(*attribute).to_string()).collect::<Vec<_>>().join("+")
    };
    Some(relative_names(content)?.iter().rev().map(part).collect::<Vec<_>>().join(","))
}

struct Readable<'a>(Attribute<'a>);

impl fmt::Display for Readable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (oid, value) = self.0;
        let known = TYPES.iter().find(|(known, _)| *known == oid);
        match (known, text(value)) {
            (Some((_, key)), Some(value)) => {
                write!(f, "{key}=")?;
                escaped(f, &value)
            }
            _ => {
                dotted(f, oid)?;
                f.write_str("=#")?;
                value.whole.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

/// As RFC 4514, section 2.4 wants it; control characters are never written as they are.
fn escaped(f: &mut fmt::Formatter<'_>, value: &str) -> fmt::Result {
    let last = value.chars().count().saturating_sub(1);
    for (at, letter) in value.chars().enumerate() {
        match letter {
            '#' if at == 0 => f.write_str("\\#")?,
            ' ' if at == 0 || at == last => f.write_str("\\ ")?,
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(f, "\\{letter}")?,
            '\0'..='\x1f' | '\x7f' => write!(f, "\\{:02x}", u32::from(letter))?,
            _ => f.write_char(letter)?,
        }
    }
    Ok(())
}

/// The numbers of an object identifier (X.690, section 8.19).
fn dotted(f: &mut fmt::Formatter<'_>, oid: &[u8]) -> fmt::Result {
    let mut number: u128 = 0;
    let mut is_first = true;
    for byte in oid {
        number = number.wrapping_mul(128) + u128::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        match is_first {
            // Two numbers in one: the first is 0, 1 or 2.
            true => write!(f, "{}.{}", (number / 40).min(2), number - 40 * (number / 40).min(2))?,
            false => write!(f, ".{number}")?,
        }
        (number, is_first) = (0, false);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    use x509_cert::der::{Decode, Encode};

    use super::*;
    use crate::wire::x509::{
        Certificate,
        der::{Reader, tag},
    };

    /// An attribute's type, and the tag and content of its value.
    type Written<'a> = (&'a [u8], u8, &'a [u8]);

    fn name(parts: &[&[Written<'_>]]) -> Vec<u8> {
        let wrap =
            |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).expect("short")][..], content].concat();
        let sets = parts.iter().map(|attributes| {
            let pairs = attributes
                .iter()
                .map(|(oid, kind, value)| wrap(tag::SEQUENCE, &[wrap(tag::OID, oid), wrap(*kind, value)].concat()));
            wrap(tag::SET, &pairs.collect::<Vec<_>>().concat())
        });
        wrap(tag::SEQUENCE, &sets.collect::<Vec<_>>().concat())
    }

    fn said(der: &[u8]) -> Option<String> {
        Name::of(Reader::new(der).any()?).readable()
    }

    #[test]
    fn the_last_part_comes_first_and_nothing_in_it_is_mistaken() {
        let parts: &[&[Written<'_>]] = &[
            &[(&[0x55, 4, 6], 0x13, b"DE")],
            &[(&[0x55, 4, 10], 0x0c, "Müller, Söhne".as_bytes()), (&[0x55, 4, 11], 0x0c, b"#1 ")],
            &[(&[0x55, 4, 3], tag::BMP_STRING, b"\0h\0u\0b")],
        ];
        assert_eq!(said(&name(parts)).as_deref(), Some("CN=hub,O=Müller\\, Söhne+OU=\\#1\\ ,C=DE"));
        let odd: &[&[Written<'_>]] = &[&[(&[0x55, 4, 3], 0x0c, b"a\nb\x7f")], &[(&[0x88, 0x37, 0x83, 1], 0x04, &[7])]];
        assert_eq!(said(&name(odd)).as_deref(), Some("2.999.385=#040107,CN=a\\0ab\\7f"));
        assert_eq!(said(&name(&[])).as_deref(), Some(""));
        assert_eq!(said(&[tag::SEQUENCE, 3, tag::SET, 1, 0]), None);
    }

    /// Where another reader knows a type by no name, or takes a text for none, it writes bytes.
    fn is_text(written: &str) -> bool {
        !written.contains("=#")
    }

    #[test]
    fn the_roots_of_this_machine_are_named_as_another_reader_names_them() {
        let bundle = fs::read("/etc/ssl/certs/ca-certificates.crt").unwrap_or_default();
        for der in CertificateDer::pem_slice_iter(&bundle).filter_map(Result::ok) {
            let own = Certificate::read(&der).expect("a certificate").subject;
            let other = x509_cert::name::Name::from_der(own.der()).expect("a name").to_string();
            let read = own.readable().expect("a name");
            assert!(is_text(&read), "{read}");
            assert!(read == other || !is_text(&other), "{read} is {other}");
        }
    }

    /// A value in which every letter that could mean something is escaped.
    fn quoted((key, value): &(String, String)) -> String {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || !letter.is_ascii();
        let letters =
            value.chars().map(|letter| if plain(letter) { letter.to_string() } else { format!("\\{letter}") });
        format!("{key}={}", letters.collect::<String>())
    }

    proptest! {
        #[test]
        fn what_another_writer_writes_is_read(
            parts in proptest::collection::vec(
                ("(CN|O|OU|ST|L|DC|UID|STREET)", "[ #a-zA-Zäß,+\"\\\\<>;=/.0-9-]{1,20}"), 0..5
            )
        ) {
            let written = parts.iter().map(quoted).collect::<Vec<_>>().join(",");
            let other = written.parse::<x509_cert::name::Name>();
            if let Some(other) = other.ok().filter(|other| is_text(&other.to_string())) {
                let der = other.to_der().expect("it was read");
                prop_assert_eq!(said(&der), Some(other.to_string()));
            }
        }

        #[test]
        fn nothing_that_comes_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            said(&bytes);
            let inside = [&[tag::SEQUENCE, u8::try_from(bytes.len()).expect("short")][..], &bytes].concat();
            said(&inside);
        }
    }
}
