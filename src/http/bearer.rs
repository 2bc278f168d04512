//! `Authorization: Bearer …` (RFC 6750, section 2.1). A request without the header is anonymous. A request with an
//! invalid token is refused: as an anonymous one, its client would get empty results instead of an error.

use axum::http::{HeaderMap, header};
use fieldguard_api::error::logged;
use fieldguard_guard::caller::Caller;
use fieldguard_http::{refusal::Refusal, request_id::RequestId};

use crate::{
    accounts::{Accounts, error::Error},
    domain::session::Client,
};

/// The caller of a request from `client`.
///
/// # Errors
///
/// 401 if the header is not a valid bearer token of this server; 503 if the service is temporarily unavailable; 500 if
/// it failed.
pub async fn caller(
    headers: &HeaderMap,
    client: &Client,
    accounts: &Accounts,
    id: &RequestId,
) -> Result<Caller, Refusal> {
    let Some(token) = token(headers)? else { return Ok(Caller::default()) };
    match accounts.identify(token, client).await {
        Ok(principal) => Ok(Caller::shared(principal)),
        Err(Error::InvalidToken) => Err(Refusal::invalid_token()),
        Err(error) if error.is_temporary() => Err(Refusal::unavailable(&logged(error), id)),
        Err(error) => Err(Refusal::internal(&error, id)),
    }
}

fn token(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let token = value.to_str().ok().and_then(bearer).filter(|_| values.next().is_none());
    token.map(Some).ok_or_else(Refusal::invalid_token)
}

/// The token of `Bearer <token>`. The scheme is case-insensitive (RFC 9110, section 11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let pairs = values.iter().map(|value| (header::AUTHORIZATION, HeaderValue::from_static(value)));
        pairs.fold(HeaderMap::new(), |mut map, (name, value)| {
            map.append(name, value);
            map
        })
    }

    #[test]
    fn one_bearer_token_or_no_header_is_accepted() {
        assert!(matches!(token(&headers(&[])), Ok(None)));
        assert!(matches!(token(&headers(&["Bearer abc"])), Ok(Some("abc"))));
        assert!(matches!(token(&headers(&["bearer  abc"])), Ok(Some("abc"))));
        for bad in [&["Bearer"][..], &["Bearer "], &["Basic abc"], &[""], &["abc"], &["Bearer a", "Bearer b"]] {
            assert!(token(&headers(bad)).is_err(), "{bad:?}");
        }
    }
}
