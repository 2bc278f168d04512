//! When a certificate is valid (RFC 5280, section 4.1). rustls does not tell it.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDateTime, Utc};

const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The validity of a certificate in DER. `None` if it cannot be parsed.
pub(super) fn validity(der: &[u8]) -> Option<RangeInclusive<DateTime<Utc>>> {
    let certificate = element(der)?.content;
    let mut fields = element(certificate)?.content;
    if element(fields)?.tag == VERSION {
        fields = element(fields)?.rest;
    }
    for _serial_signature_issuer in 0..3 {
        fields = element(fields)?.rest;
    }
    let from = element(element(fields)?.content)?;
    let until = element(from.rest)?;
    Some(time(&from)?..=time(&until)?)
}

/// A value in DER (X.690, section 8.1).
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    rest: &'a [u8],
}

fn element(der: &[u8]) -> Option<Element<'_>> {
    let (tag, der) = der.split_first()?;
    let (first, der) = der.split_first()?;
    let (length, der) = match first & 0x7f {
        short if *first < 0x80 => (usize::from(short), der),
        count if count <= 4 => {
            let (bytes, der) = der.split_at_checked(usize::from(count))?;
            (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), der)
        }
        _ => return None,
    };
    let (content, rest) = der.split_at_checked(length)?;
    Some(Element { tag: *tag, content, rest })
}

/// Both forms are in UTC and have seconds. Two digits are a year from 1950 to 2049.
fn time(element: &Element<'_>) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(element.content).ok()?;
    let century = match (element.tag, text.as_bytes().first()?) {
        (GENERALIZED_TIME, _) => "",
        (UTC_TIME, b'0'..=b'4') => "20",
        (UTC_TIME, _) => "19",
        _ => return None,
    };
    let time = NaiveDateTime::parse_from_str(&format!("{century}{text}"), "%Y%m%d%H%M%SZ").ok()?;
    Some(time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_certificate_has_no_validity() {
        for der in
            [&[][..], &[0x30], &[0x30, 0x80], &[0x30, 0x05, 0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0], &[0; 64]]
        {
            assert_eq!(validity(der), None, "{der:?}");
        }
    }

    #[test]
    fn years_of_two_digits_are_from_1950_to_2049() {
        let year = |tag, text: &'static str| {
            let time = time(&Element { tag, content: text.as_bytes(), rest: &[] })?;
            Some(time.format("%Y").to_string())
        };
        assert_eq!(year(UTC_TIME, "500101000000Z").as_deref(), Some("1950"));
        assert_eq!(year(UTC_TIME, "491231235959Z").as_deref(), Some("2049"));
        assert_eq!(year(GENERALIZED_TIME, "20500101000000Z").as_deref(), Some("2050"));
        assert_eq!(year(UTC_TIME, "4912312359Z"), None);
        assert_eq!(year(0x04, "491231235959Z"), None);
    }
}
