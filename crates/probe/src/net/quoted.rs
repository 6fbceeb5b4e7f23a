//! What a proxy quotes of the credentials that it was sent: error pages hold requests, and echo servers send them back. It
//! is not recorded.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// What is shorter tells nobody that it is a user or a password, and is in every page.
const SHORTEST: usize = 3;
/// The references that pages write for characters of a text (HTML, section 13.5).
const REFERENCES: [(&[u8], u8); 6] =
    [(b"&amp;", b'&'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&quot;", b'"'), (b"&#39;", b'\''), (b"&#x27;", b'\'')];

/// User, password, and both as Basic sends them (RFC 7617).
pub(super) struct Quoted(Vec<Vec<u8>>);

impl Quoted {
    pub(super) fn of(credentials: Option<(&[u8], &[u8])>) -> Self {
        let Some((user, password)) = credentials else { return Self(Vec::new()) };
        let basic = STANDARD.encode([user, b":", password].concat());
        let basic = basic.trim_end_matches('=').as_bytes();
        let long_enough = |form: &&[u8]| form.len() >= SHORTEST;
        Self([user, password, basic].into_iter().filter(long_enough).map(<[u8]>::to_vec).collect())
    }

    /// Whether any of them is in `text`, as it is or encoded as URLs and pages do.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        !self.0.is_empty() && (self.starts_at(text).is_some() || self.starts_at(&decoded(text)).is_some())
    }

    /// Where the first of them begins, as it is. One that is cut off by the end of `text` counts too.
    pub(super) fn starts_at(&self, text: &[u8]) -> Option<usize> {
        (0..text.len()).find(|&at| {
            let rest = &text[at..];
            self.0.iter().any(|form| rest.starts_with(form) || (rest.len() >= SHORTEST && form.starts_with(rest)))
        })
    }
}

/// `text` with `%XX` and references replaced by what they stand for.
fn decoded(mut text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    while let Some((&first, rest)) = text.split_first() {
        let reference = REFERENCES.iter().find(|(reference, _)| text.starts_with(reference));
        let (byte, length) = match (reference, percent(text)) {
            (Some((reference, byte)), _) => (*byte, reference.len()),
            (None, Some(byte)) => (byte, 3),
            (None, None) => (first, 1),
        };
        decoded.push(byte);
        text = rest.get(length - 1..).unwrap_or_default();
    }
    decoded
}

/// The byte that `text` begins with as `%XX`.
fn percent(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = *text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_found_in_any_form() {
        let quoted = Quoted::of(Some((b"us&r", "pä@s/ss".as_bytes())));
        for text in [
            "denied to us&r",
            "denied to us&amp;r.",
            "p%C3%A4%40s%2fss",
            "pä@s/ss",
            "Basic dXMmcjpww6RAcy9zcw==",
            "Basic%20dXMmcjpww6RAcy9zcw%3D%3D",
            "cut off: dXMmc",
        ] {
            assert!(quoted.is_in(text.as_bytes()), "{text}");
        }
        for text in ["", "us", "usr", "%", "%4", "&amp", "denied to another"] {
            assert!(!quoted.is_in(text.as_bytes()), "{text}");
        }
        assert_eq!(quoted.starts_at(b"CONNECT dXMmcjpww6RAcy9zcw=="), Some(8));
    }

    #[test]
    fn what_is_too_short_to_be_told_apart_is_not_looked_for() {
        let quoted = Quoted::of(Some((b"a", b"")));
        assert!(!quoted.is_in(b"a page of a proxy") && quoted.is_in(b"Basic YTo="));
        assert!(!Quoted::of(None).is_in(b"anything"));
    }
}
