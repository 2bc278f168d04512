//! Headers of requests to another server, as OpenTelemetry spells them in settings: `name=value`, separated by commas,
//! with percent-encoded values.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use super::secret::Secret;

/// Refuses text that is no list of headers.
pub(super) fn check(secret: Option<&Secret>) -> Result<(), String> {
    secret.map_or(Ok(()), |secret| parse(secret).map(drop))
}

/// The headers. Their values are marked as sensitive.
pub(super) fn parse(secret: &Secret) -> Result<HeaderMap, String> {
    let headers = secret.expose().split(',').map(header).collect::<Option<HeaderMap>>();
    headers
        .ok_or_else(|| "must have the form `NAME=VALUE,NAME=VALUE`, with names and values of HTTP headers".to_owned())
}

fn header(text: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = text.trim().split_once('=')?;
    let decoded: Vec<u8> = percent_decode_str(value).collect();
    let mut value = HeaderValue::from_bytes(&decoded).ok()?;
    value.set_sensitive(true);
    Some((name.parse().ok()?, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<HeaderMap, String> {
        parse(&Secret::new(text.to_owned()))
    }

    #[test]
    fn names_and_values_are_read() {
        let headers = parsed("api-key=a=b==, Authorization=Basic%20eA==").unwrap();
        assert!(headers["api-key"] == "a=b==" && headers["authorization"] == "Basic eA==", "{headers:?}");
        assert!(headers["api-key"].is_sensitive());
    }

    #[test]
    fn other_texts_are_refused_without_repeating_them() {
        for bad in ["secret", "secret key=1", "a=1,secret", "a=secret%0d%0a", "=secret", "a=1,,b=2"] {
            let reason = parsed(bad).unwrap_err();
            assert!(!reason.contains("secret"), "{bad}: {reason}");
        }
    }
}
