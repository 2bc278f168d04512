//! Addresses of pictures. Clients fetch the picture, this server does not. HTTPS is required, because pages served over
//! HTTPS do not show other pictures, and other schemes such as `javascript:` run code.

use url::Url;

use super::stored_text;
use crate::invalid::{Invalid, Reason};

const FIELD: &str = "avatarUrl";
/// Maximum length of the normalized address, in bytes.
const MAX_BYTES: usize = 2_048;

/// The address of a user's picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvatarUrl(String);

stored_text!(AvatarUrl);

impl AvatarUrl {
    /// Parses an `https` URL without a username or password, and normalizes it (WHATWG URL).
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `avatarUrl`.
    pub fn parse(typed: &str) -> Result<Self, Invalid> {
        let typed = typed.trim();
        let too_long =
            || Invalid::new(FIELD, Reason::TooLong, format!("`avatarUrl` must have at most {MAX_BYTES} bytes."));
        if typed.len() > MAX_BYTES {
            return Err(too_long());
        }
        let is_plain = |url: &Url| url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
        // The parser removes some control characters silently.
        let parsed =
            Some(typed).filter(|typed| !typed.contains(char::is_control)).and_then(|typed| Url::parse(typed).ok());
        let message = "`avatarUrl` must be an `https` URL without a username or password.";
        let invalid = || Invalid::new(FIELD, Reason::InvalidFormat, message);
        let url = parsed.filter(is_plain).ok_or_else(invalid)?;
        if url.as_str().len() > MAX_BYTES { Err(too_long()) } else { Ok(Self(url.into())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_avatar_url_is_https_without_credentials() {
        for (typed, url) in [
            (" https://example.org/a.png?s=64 ", "https://example.org/a.png?s=64"),
            ("HTTPS://Example.ORG", "https://example.org/"),
            ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ] {
            assert_eq!(AvatarUrl::parse(typed).unwrap().as_str(), url);
        }
        for typed in [
            "",
            "example.org/a.png",
            "http://example.org/a.png",
            "javascript:alert(1)",
            "data:image/png;base64,AA",
            "https://user@example.org/",
            "https://:secret@example.org/",
            "https://exam\nple.org/",
        ] {
            assert_eq!(AvatarUrl::parse(typed).unwrap_err().reason, Reason::InvalidFormat, "{typed}");
        }
        for path in ["a".repeat(2_048), "ü".repeat(400)] {
            let invalid = AvatarUrl::parse(&format!("https://example.org/{path}")).unwrap_err();
            assert_eq!(invalid.reason, Reason::TooLong);
        }
    }
}
