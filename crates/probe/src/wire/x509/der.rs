//! The tags and lengths of DER (X.690), as lenient in lengths as OpenSSL is.

/// Tags that certificates use.
pub(super) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const T61_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const VISIBLE_STRING: u8 = 0x1a;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[number]` of a primitive type.
    pub(crate) const fn context(number: u8) -> u8 {
        0x80 | number
    }

    /// `[number]` of a constructed type.
    pub(crate) const fn constructed(number: u8) -> u8 {
        0xa0 | number
    }
}

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// With its tag and length.
    pub(super) whole: &'a [u8],
}

/// Takes elements off the front of some bytes; each `None` means that they are not what was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn any(&mut self) -> Option<Element<'a>> {
        let (&[tag, first], rest) = self.0.split_first_chunk()?;
        // Tags of several bytes occur in no certificate.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, rest) = match usize::from(first) {
            short @ ..0x80 => (short, rest),
            long => {
                let (length, rest) = rest.split_at_checked(long & 0x7f)?;
                if length.is_empty() {
                    return None;
                }
                (length.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add((*byte).into()))?, rest)
            }
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - rest.len())?;
        self.0 = rest;
        Some(Element { tag, content, whole })
    }

    pub(super) fn element(&mut self, tag: u8) -> Option<Element<'a>> {
        self.any().filter(|element| element.tag == tag)
    }

    /// The content of the next element, which has this tag.
    pub(super) fn content(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element(tag).map(|element| element.content)
    }

    /// A reader of what is in the next element, which has this tag.
    pub(super) fn inside(&mut self, tag: u8) -> Option<Self> {
        self.content(tag).map(Self)
    }

    /// The content of the next element, if it has this tag; else it is left where it is.
    pub(super) fn optional(&mut self, tag: u8) -> Option<&'a [u8]> {
        (self.0.first() == Some(&tag)).then(|| self.content(tag)).flatten()
    }
}

/// An INTEGER that is not negative and fits.
pub(super) fn unsigned(content: &[u8]) -> Option<u32> {
    let digits = match content {
        [] | [0x80..=0xff, ..] => return None,
        [0, digits @ ..] | digits => digits,
    };
    digits.iter().try_fold(0_u32, |sum, digit| sum.checked_mul(256)?.checked_add((*digit).into()))
}

/// What is in a BIT STRING of whole bytes.
pub(super) fn whole_bits(content: &[u8]) -> Option<&[u8]> {
    match content {
        [0, bits @ ..] => Some(bits),
        _ => None,
    }
}

/// Seconds since 1970 of an UTCTime or a GeneralizedTime, in UTC and to the second, as RFC 5280 wants them.
pub(super) fn time(element: Element<'_>) -> Option<i64> {
    let digits = element.content.strip_suffix(b"Z")?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| digits.iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let (year, rest) = match element.tag {
        tag::UTC_TIME => digits.split_at_checked(2).map(|(year, rest)| (number(year), rest)).map(|(year, rest)| {
            let century = if year < 50 { 2000 } else { 1900 };
            (century + year, rest)
        })?,
        tag::GENERALIZED_TIME => digits.split_at_checked(4).map(|(year, rest)| (number(year), rest))?,
        _ => return None,
    };
    let rest: &[u8; 10] = rest.try_into().ok()?;
    let [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map(|at| number(&rest[at..at + 2]));
    let is_time = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    is_time.then(|| days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Of a day in the Gregorian calendar. The year is taken to begin in March, so that a leap day is its last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + days_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_never_believed_beyond_the_end() {
        let mut reader = Reader::new(&[0x04, 0x81, 0x02, 7, 8, 0x05, 0x00]);
        assert_eq!(reader.content(tag::OCTET_STRING), Some(&[7, 8][..]));
        assert_eq!((reader.optional(tag::INTEGER), reader.any().map(|null| null.whole)), (None, Some(&[5, 0][..])));
        assert!(reader.is_empty() && reader.any().is_none());
        for wrong in [&[0x04][..], &[0x04, 0x80, 0, 0], &[0x04, 0x03, 1, 2], &[0x1f, 0x81, 0, 0], &[4, 0x89, 1]] {
            assert_eq!(Reader::new(wrong).any(), None, "{wrong:?}");
        }
        assert_eq!(Reader::new(&[0x04, 0x88, 255, 255, 255, 255, 255, 255, 255, 255]).any(), None);
    }

    #[test]
    fn times_are_seconds() {
        let time = |tag, content| time(Element { tag, content, whole: &[] });
        for (tag, text, seconds) in [
            (tag::UTC_TIME, &b"700101000000Z"[..], 0),
            (tag::UTC_TIME, b"000229235959Z", 951_868_799),
            (tag::UTC_TIME, b"491231235959Z", 2_524_607_999),
            (tag::UTC_TIME, b"500101000000Z", -631_152_000),
            (tag::GENERALIZED_TIME, b"20260101000000Z", 1_767_225_600),
            (tag::GENERALIZED_TIME, b"99991231235959Z", 253_402_300_799),
        ] {
            assert_eq!(time(tag, text), Some(seconds), "{}", text.escape_ascii());
        }
        for wrong in [&b""[..], b"Z", b"700101000000", b"7001010000Z", b"701301000000Z", b"70010a000000Z"] {
            assert_eq!(time(tag::UTC_TIME, wrong), None, "{}", wrong.escape_ascii());
        }
    }

    #[test]
    fn integers_are_small_and_not_negative() {
        for (content, number) in [(&[0][..], Some(0)), (&[0, 0x80], Some(128)), (&[0xff], None), (&[], None)] {
            assert_eq!(unsigned(content), number, "{content:?}");
        }
        assert_eq!((unsigned(&[0, 255, 255, 255, 255]), unsigned(&[1, 0, 0, 0, 0])), (Some(u32::MAX), None));
    }
}
