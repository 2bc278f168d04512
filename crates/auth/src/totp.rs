//! Codes of authenticator apps: TOTP (RFC 6238) with SHA-1, six digits and steps of 30 seconds, which every app knows.
//! A code of the step before or after the current one is accepted, for clocks that differ. The store remembers the last
//! step, so that a code is good once.

use std::fmt;

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use qrcode::{EcLevel, QrCode, render::svg};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

/// The number of digits of a code.
const DIGITS: u8 = 6;
/// The number of seconds of a time step.
const STEP: u64 = 30;
/// How many steps before and after the current one are accepted.
const SKEW: u16 = 1;
/// The number of random bytes of a secret: as many as the output of SHA-1, as RFC 4226 recommends (section 4).
const SECRET_BYTES: usize = 20;
/// The least number of bytes of a secret (RFC 4226, section 4).
const MIN_SECRET_BYTES: usize = 16;
/// Longer secrets have no use: HMAC hashes them first.
const MAX_SECRET_BYTES: usize = 64;
/// The smallest width of the QR code, in pixels.
const QR_PIXELS: u32 = 240;

/// A new secret, with what an authenticator app needs to know of it.
pub struct Enrollment {
    secret: Zeroizing<[u8; SECRET_BYTES]>,
    issuer: String,
    account: String,
}

impl Enrollment {
    /// A new random secret for the account with this name, at the server with this issuer, a URL. The app shows both.
    #[must_use]
    pub fn new(issuer: &str, account: &str) -> Self {
        let secret = Zeroizing::new(super::random());
        Self { secret, issuer: label(host(issuer)), account: label(account) }
    }

    /// The secret, to be encrypted.
    #[must_use]
    pub fn secret(&self) -> &[u8] {
        &*self.secret
    }

    /// The secret in base32, to type.
    #[must_use]
    pub fn base32(&self) -> String {
        BASE32_NOPAD.encode(&*self.secret)
    }

    /// The `otpauth` URL, to open in an app on the same device.
    ///
    /// # Panics
    ///
    /// Never: a new secret is long enough, and neither label contains a colon.
    #[must_use]
    pub fn url(&self) -> String {
        let totp =
            builder(&*self.secret).with_issuer(Some(self.issuer.clone())).with_account_name(self.account.clone());
        totp.build().expect("the parameters are valid").to_url().expect("the labels are valid")
    }

    /// The URL as a QR code, an SVG image.
    ///
    /// # Panics
    ///
    /// Never: the URL is short enough for a QR code.
    #[must_use]
    pub fn qr_code(&self) -> String {
        let url = Zeroizing::new(self.url());
        let code = QrCode::with_error_correction_level(url.as_bytes(), EcLevel::M).expect("the URL is short");
        code.render::<svg::Color<'_>>().min_dimensions(QR_PIXELS, QR_PIXELS).build()
    }
}

impl fmt::Debug for Enrollment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrollment(redacted)")
    }
}

/// Whether `typed` has the form of a code, with or without white space.
#[must_use]
pub fn is_meant(typed: &str) -> bool {
    digits(typed).is_some()
}

/// The time step whose code of `secret` is `typed`: the one of `now`, or the one before or after it.
#[must_use]
pub fn step_of(secret: &[u8], typed: &str, now: DateTime<Utc>) -> Option<i64> {
    let (digits, seconds) = (digits(typed)?, u64::try_from(now.timestamp()).ok()?);
    let step = totp(secret)?.check(&digits, seconds)?;
    i64::try_from(step).ok()
}

/// Parses a secret that another system made, in base32 with or without padding.
#[must_use]
pub fn parse_secret(base32: &str) -> Option<Zeroizing<Vec<u8>>> {
    let letters: Zeroizing<String> =
        Zeroizing::new(base32.trim_end_matches('=').chars().filter(|c| !c.is_whitespace()).collect());
    let secret = Zeroizing::new(BASE32_NOPAD.decode(letters.to_ascii_uppercase().as_bytes()).ok()?);
    (MIN_SECRET_BYTES..=MAX_SECRET_BYTES).contains(&secret.len()).then_some(secret)
}

fn digits(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).take(usize::from(DIGITS) + 1).collect();
    let is_code = digits.len() == usize::from(DIGITS) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then_some(digits)
}

fn builder(secret: &[u8]) -> Builder {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SKEW)
        .with_step_duration(STEP)
        .with_secret(Secret::from(secret))
}

fn totp(secret: &[u8]) -> Option<Totp> {
    builder(secret).build().ok()
}

/// The host of a URL without its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':']).next().filter(|host| !host.is_empty()).unwrap_or("Fieldguard")
}

/// The colon separates the issuer from the account in the URL.
fn label(text: &str) -> String {
    text.replace(':', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// RFC 6238, appendix B, with the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(b"12345678901234567890", code, at(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_accepted_one_step_early_and_late() {
        let (secret, code) = (b"12345678901234567890", "005924");
        let step = 1_234_567_890 / 30;
        for (seconds, is_right) in [(-31, false), (-30, true), (0, true), (59, true), (60, false)] {
            let found = step_of(secret, code, at(step * 30 + seconds));
            assert_eq!(found, is_right.then_some(step), "{seconds}");
        }
        assert_eq!(step_of(secret, " 005 924 ", at(step * 30)), Some(step));
        for other in ["", "05924", "0005924", "00592a", "٠٠٥٩٢٤", "-05924", "+05924"] {
            assert_eq!(step_of(secret, other, at(step * 30)), None, "{other}");
        }
        assert!(!is_meant("ABCD-EFGH-JKLM-NPQR") && is_meant("123 456"));
    }

    #[test]
    fn an_enrollment_names_the_server_and_the_account() {
        let enrollment = Enrollment::new("https://id.example.org:8443/auth", "Ada");
        let (url, secret) = (enrollment.url(), enrollment.base32());
        assert!(url.starts_with("otpauth://totp/id.example.org:Ada?"), "{url}");
        assert!(url.contains(&format!("secret={secret}")) && url.contains("issuer=id.example.org"), "{url}");
        assert_eq!(parse_secret(&secret).as_deref().map(Vec::as_slice), Some(enrollment.secret()));
        assert!(enrollment.qr_code().contains("<svg"));
        assert!(!format!("{enrollment:?}").contains(&secret));
        assert!(Enrollment::new("", "a:b").url().starts_with("otpauth://totp/Fieldguard:a%20b?"));
    }

    #[test]
    fn imported_secrets_have_128_bits_or_more() {
        assert!(parse_secret("gezd gnbv gy3t qojq gezd gnbv gy======").is_some());
        for other in ["", "GEZDGNBVGY3TQOJQ", "not base32!", &"A".repeat(1_000)] {
            assert!(parse_secret(other).is_none(), "{other:.40}");
        }
    }
}
