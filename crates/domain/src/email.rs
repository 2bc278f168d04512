//! Email addresses: which ones are accepted, and when two are equal.
//!
//! The `email_address` crate implements the grammar (RFC 5322 dot-atoms, RFC 6531 for letters beyond ASCII). Quoted
//! names, display names, comments and address literals are refused, because mail programs disagree on them. This module
//! does not check whether the mailbox exists. `ann+shop@…` is a separate address.

use email_address::Options;
use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, general_security_profile::IdentifierType};

use super::{
    case_folding::fold,
    invalid::{Invalid, Reason},
};

/// Maximum length of an address, in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
pub const MAX_BYTES: usize = 254;

/// A valid email address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress {
    address: String,
    key: String,
}

impl EmailAddress {
    /// Parses an address as a user types it. Surrounding spaces are removed.
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
                format!("The email address must have at most {MAX_BYTES} bytes."),
            ));
        }
        let message = "The email address must have the form name@example.com.";
        parse(typed).ok_or_else(|| Invalid::new("email", Reason::InvalidEmail, message))
    }

    /// Builds an address from the stored address and key, without parsing them again.
    #[must_use]
    pub fn from_stored(address: String, key: String) -> Self {
        Self { address, key }
    }

    /// The address to send mail to: the local part as typed, in NFC, and the domain in ASCII (IDNA, UTS 46) and lower
    /// case. A look-alike domain is visible as such, and every mail program can send to the address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The key for comparing addresses, unique among users. It ignores case, because no common mail server
    /// distinguishes it.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

fn parse(typed: &str) -> Option<EmailAddress> {
    let (local, domain) = typed.rsplit_once('@')?;
    let local: String = local.nfc().collect();
    if local.starts_with('"') || local.contains(is_invisible) {
        return None;
    }
    let domain = idna::domain_to_ascii_strict(domain).ok()?;
    // A last label of digits makes an IPv4 address, not a name (RFC 3696, section 2).
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

pub(crate) fn is_invisible(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c.identifier_type(), None | Some(IdentifierType::Default_Ignorable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalized() {
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
    fn invalid_addresses_are_refused() {
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
