//! The values of `[webhooks]`.

use reqwest::Url;

use super::secret::REDACTED;
use super::strength;
use super::value::{Kind, Value};
use crate::auth::webhook_key::WebhookKey;
use crate::domain::webhook_event::{EventType, EventTypes};

/// The URL of a receiver: `http://` or `https://`, a host, and optionally a port, a path and a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookUrl(Box<Url>);

impl WebhookUrl {
    /// The URL.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

impl Value for WebhookUrl {
    const PLACEHOLDER: &'static str = "URL";
    const KIND: Kind = Kind::Text;
    // A URL with a password is refused, and the error must not repeat it.
    const ECHO: bool = false;

    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or("must be an `https://` address, such as `https://example.org/webhooks`")?;
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err("must not contain a user, a password or a fragment: the signature tells who sends".to_owned());
        }
        Ok(Self(Box::new(url)))
    }

    fn show(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

/// A secret that signs webhooks.
#[derive(Debug, Clone)]
pub struct WebhookSecret(WebhookKey);

impl WebhookSecret {
    /// The key that signs.
    #[must_use]
    pub const fn key(&self) -> &WebhookKey {
        &self.0
    }
}

impl Value for WebhookSecret {
    const PLACEHOLDER: &'static str = "SECRET";
    const KIND: Kind = Kind::Text;
    const ECHO: bool = false;
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        let key = WebhookKey::parse(text).ok_or(
            "must be `whsec_` and the base64 of 24 to 64 random bytes; create one with \
             `echo whsec_$(openssl rand -base64 32)`",
        )?;
        strength::check(text.trim_start_matches("whsec_"))?;
        Ok(Self(key))
    }

    fn show(&self) -> Option<String> {
        Some(REDACTED.to_owned())
    }
}

const ALL: &str = "all";

/// The types of events that are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvents(pub EventTypes);

impl Default for WebhookEvents {
    fn default() -> Self {
        Self(EventTypes::all())
    }
}

impl Value for WebhookEvents {
    const PLACEHOLDER: &'static str = "TYPE,…|all";
    const KIND: Kind = Kind::TextOrList;

    fn parse(text: &str) -> Result<Self, String> {
        if text == ALL {
            return Ok(Self::default());
        }
        let types: Option<Vec<_>> = text.split(',').map(|name| EventType::from_stored(name.trim())).collect();
        let known = || EventType::ALL.iter().map(|event_type| event_type.as_str()).collect::<Vec<_>>().join(", ");
        types.map(EventTypes::new).map(Self).ok_or_else(|| format!("must be `all` or a list of: {}", known()))
    }

    fn show(&self) -> Option<String> {
        if self.0.are_all() {
            return Some(ALL.to_owned());
        }
        Some(self.0.iter().map(EventType::as_str).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_a_host_and_no_password() {
        for good in ["https://example.org/hooks?a=b", "http://127.0.0.1:8080/", "https://[2001:db8::1]/"] {
            assert_eq!(WebhookUrl::parse(good).unwrap().show().unwrap(), good);
        }
        for bad in
            ["", "example.org", "ftp://example.org/", "https:///", "https://u:p@h/", "https://u@h/", "https://h/#f"]
        {
            assert!(WebhookUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_have_one_spelling() {
        for odd in ["http://0x7f.1/", "http://2130706433/", "http://127.1/"] {
            assert_eq!(WebhookUrl::parse(odd).unwrap().show().unwrap(), "http://127.0.0.1/");
        }
    }

    #[test]
    fn secrets_are_random_bytes() {
        assert!(WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_ok());
        for bad in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAA", &format!("whsec_{}", "A".repeat(44)), "whsec_"] {
            assert!(WebhookSecret::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn events_are_known_types() {
        for text in ["all", "user.created", "user.created,session.revoked"] {
            assert_eq!(WebhookEvents::parse(text).unwrap().show().unwrap(), text);
        }
        for text in ["", "user", "user.created,", "user.created,nothing", "All"] {
            assert!(WebhookEvents::parse(text).is_err(), "{text}");
        }
    }
}
