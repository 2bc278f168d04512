//! Email addresses: which are accepted, and when two are the same.
//!
//! The grammar is the `email_address` crate's (RFC 5322 dot-atoms, RFC 6531 for letters beyond ASCII); quoted names,
//! display names, comments and address literals are refused, since mail programs disagree on them. Nothing here knows
//! whether the mailbox exists, and `ann+shop@…` is an address of its own.

use email_address::Options;
use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, general_security_profile::IdentifierType};

use super::{
    case_folding::fold,
    invalid::{Invalid, Reason},
};

/// Longest address, in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
pub const MAX_BYTES: usize = 254;

/// An address for mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress {
    address: String,
    key: String,
}

impl EmailAddress {
    /// Parses an address as a person types it. Spaces around it are dropped.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `email`.
    pub fn parse(typed: &str) -> Result<Self, Invalid> {
        let typed = typed.trim();
        if typed.len() > MAX_BYTES {
            return Err(Invalid::new(
                "email",
                Reason::TooLong,
                format!("An email address has at most {MAX_BYTES} bytes."),
            ));
        }
        let message = "This is not an email address of the form name@example.com.";
        parse(typed).ok_or_else(|| Invalid::new("email", Reason::InvalidEmail, message))
    }

    /// An address and its key as the database holds them, which were parsed when they were written.
    #[must_use]
    pub fn from_stored(address: String, key: String) -> Self {
        Self { address, key }
    }

    /// The address to send mail to: the name as typed, in NFC; the domain in ASCII (IDNA, UTS 46) and lower case, so that
    /// a look-alike domain shows as what it is and every mail program can send to it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The key by which addresses are compared; unique among accounts. Case differs in no mailbox one meets.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

fn parse(typed: &str) -> Option<EmailAddress> {
    let (local, domain) = typed.rsplit_once('@')?;
    let local: String = local.nfc().collect();
    if local.starts_with('"') || local.contains(is_unseen) {
        return None;
    }
    let domain = idna::domain_to_ascii_strict(domain).ok()?;
    // A last label of digits is an IPv4 address, not a name (RFC 3696, section 2).
    if domain.rsplit('.').next()?.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let address = format!("{local}@{domain}");
    let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
    if address.len() > MAX_BYTES || email_address::EmailAddress::parse_with_options(&address, options).is_err() {
        return None;
    }
    Some(EmailAddress { key: format!("{}@{domain}", fold(&local)), address })
}

fn is_unseen(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c.identifier_type(), None | Some(IdentifierType::Default_Ignorable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_and_normalizes() {
        for (typed, address, key) in [
            ("ann@example.com", "ann@example.com", "ann@example.com"),
            (" Ann.Lee@Example.COM ", "Ann.Lee@example.com", "ann.lee@example.com"),
            ("ann+shop@mail.example.org", "ann+shop@mail.example.org", "ann+shop@mail.example.org"),
            ("Zoë@Bücher.example", "Zoë@xn--bcher-kva.example", "zoë@xn--bcher-kva.example"),
            ("zoe\u{308}@xn--bcher-kva.example", "zoë@xn--bcher-kva.example", "zoë@xn--bcher-kva.example"),
            ("o'neil@example.com", "o'neil@example.com", "o'neil@example.com"),
        ] {
            let parsed = EmailAddress::parse(typed).unwrap_or_else(|invalid| panic!("{typed}: {invalid}"));
            assert_eq!((parsed.as_str(), parsed.key()), (address, key));
        }
    }

    #[test]
    fn refuses() {
        let long = format!("{}@example.com", "a".repeat(65));
        let endless = format!("a@{}.com", "b.".repeat(1_000_000));
        for typed in [
            "",
            "@",
            "ann",
            "ann@",
            "@example.com",
            "ann@localhost",
            "ann@@example.com",
            "a b@example.com",
            "ann@exa mple.com",
            "\"a b\"@example.com",
            "\"ann\"@example.com",
            "Ann <ann@example.com>",
            "<ann@example.com>",
            "ann@[127.0.0.1]",
            "ann@127.0.0.1",
            "ann@[IPv6:::1]",
            ".ann@example.com",
            "ann.@example.com",
            "a..n@example.com",
            "ann@.com",
            "ann@example..com",
            "ann@example.com.",
            "ann@-example.com",
            "ann@exa_mple.com",
            "ann(x)@example.com",
            "ann\n@example.com",
            "ann@example.com\r\nBcc: x@example.com",
            "ann\u{202e}@example.com",
            "a\u{200b}nn@example.com",
            "ann@example.com,bob@example.com",
            "ann;@example.com",
            "a\0@example.com",
            "a\u{3164}nn@example.com",
            "a\u{115f}nn@example.com",
            &long,
            &endless,
        ] {
            assert_eq!(EmailAddress::parse(typed).expect_err(typed).field, "email");
        }
    }
}
