//! Signatures of webhooks, as the Standard Webhooks specification defines them: HMAC-SHA-256 over the identifier of the
//! event, the time of the attempt and the body. The receiver has the same key.

use std::{fmt, sync::Arc};

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The prefix of a key in text.
const PREFIX: &str = "whsec_";
const MIN_BYTES: usize = 24;
const MAX_BYTES: usize = 64;

/// A key that signs webhooks. Cheap to clone.
#[derive(Clone)]
pub struct WebhookKey(Arc<Key>);

impl WebhookKey {
    /// Parses a key: `whsec_` and the base64 of 24 to 64 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = zeroize::Zeroizing::new(STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?);
        (MIN_BYTES..=MAX_BYTES).contains(&bytes.len()).then(|| Self(Arc::new(Key::new(HMAC_SHA256, &bytes))))
    }

    /// The signature of an attempt to deliver the event `id`, with `timestamp` in seconds since 1970: `v1,` and base64.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let tag = sign(&self.0, format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    }
}

impl fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn signature_of_the_specification() {
        let key = WebhookKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn other_texts_are_not_keys() {
        let encoded = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        assert!(WebhookKey::parse(&encoded(24)).is_some() && WebhookKey::parse(&encoded(64)).is_some());
        for text in [encoded(23), encoded(65), encoded(32)[6..].to_owned(), "whsec_".to_owned(), encoded(32) + "!"] {
            assert!(WebhookKey::parse(&text).is_none(), "{text}");
        }
    }
}
