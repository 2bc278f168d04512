//! Media types: the accepted request body, and the form of the answer that the client prefers (GraphQL over HTTP,
//! "Media Types"; RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::refusal::Refusal;

/// The form of an answer. The forms differ in the status of a request that was not executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `application/graphql-response+json`: the status reflects the result.
    GraphqlResponse,
    /// `application/json`, for older clients: the status of a well-formed request is 200, except for server errors.
    Json,
}

impl Form {
    /// The `Content-Type` of an answer in this form.
    #[must_use]
    pub const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// The form the client prefers. Without a preference it is `application/json`, as the specification requires for
    /// clients that send no `Accept`.
    ///
    /// # Errors
    ///
    /// 406 if the client accepts neither.
    pub fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let accept: Vec<_> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        if accept.iter().all(|value| value.trim().is_empty()) {
            return Ok(Self::Json);
        }
        let ranges: Vec<_> = accept.iter().flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
        let quality = |subtype| ranges.iter().filter_map(|range| range.matches(subtype)).max().map_or(0, |(_, q)| q);
        match (quality("json"), quality("graphql-response+json")) {
            (0, 0) => Err(Refusal::bad_request(
                StatusCode::NOT_ACCEPTABLE,
                "Accept `application/graphql-response+json` or `application/json`.",
            )),
            (json, graphql) if graphql > json => Ok(Self::GraphqlResponse),
            (json, graphql) if graphql == json && names_graphql_response(&ranges) => Ok(Self::GraphqlResponse),
            _ => Ok(Self::Json),
        }
    }
}

/// Whether the request comes from a browser's address bar: it accepts HTML and names no form of an answer.
#[must_use]
pub fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<_> = accept.flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
    let is_html = |range: &Range<'_>| range.is("text", "html") && range.quality > 0;
    let is_answer =
        |range: &Range<'_>| ["json", "graphql-response+json"].iter().any(|form| range.is("application", form));
    ranges.iter().any(is_html) && !ranges.iter().any(is_answer)
}

/// Whether the client names the newer form, which then wins a tie.
fn names_graphql_response(ranges: &[Range<'_>]) -> bool {
    ranges.iter().any(|range| range.subtype.eq_ignore_ascii_case("graphql-response+json") && range.quality > 0)
}

/// One entry of `Accept`. The quality is in thousandths.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let mut quality = 1_000;
        for parameter in parts {
            let (name, value) = parameter.split_once('=')?;
            if name.eq_ignore_ascii_case("q") {
                quality = thousandths(value)?;
            } else if name.eq_ignore_ascii_case("charset") && !is_utf8(value) {
                return None;
            }
        }
        Some(Self { kind, subtype, quality })
    }

    fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind) && self.subtype.eq_ignore_ascii_case(subtype)
    }

    /// The specificity of the range and its quality, if it covers `application/<subtype>`.
    fn matches(&self, subtype: &str) -> Option<(u8, u16)> {
        if self.kind == "*" && self.subtype == "*" {
            return Some((0, self.quality));
        }
        match self.subtype {
            _ if !self.kind.eq_ignore_ascii_case("application") => None,
            "*" => Some((1, self.quality)),
            own if own.eq_ignore_ascii_case(subtype) => Some((2, self.quality)),
            _ => None,
        }
    }
}

fn thousandths(value: &str) -> Option<u16> {
    let value: f32 = value.parse().ok().filter(|quality| (0.0..=1.0).contains(quality))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000 by the check above")]
    Some((value * 1_000.0).round() as u16)
}

fn is_utf8(charset: &str) -> bool {
    charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// Checks that the request body is `application/json` in UTF-8. A page of another site can send any other type without
/// a preflight.
///
/// # Errors
///
/// 415 for any other type, for several, and for none.
pub fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).filter(|_| values.next().is_none());
    if !headers.contains_key(header::CONTENT_ENCODING) && value.is_some_and(is_json) {
        return Ok(());
    }
    Err(Refusal::bad_request(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "Send the request as `Content-Type: application/json` in UTF-8, without a content encoding.",
    ))
}

fn is_json(value: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| {
        let pair = parameter.split_once('=');
        pair.is_none_or(|(name, value)| !name.eq_ignore_ascii_case("charset") || is_utf8(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(value: &'static str) -> Option<Form> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))]);
        Form::of(&headers).ok()
    }

    #[test]
    fn form_follows_the_clients_preference() {
        use Form::{GraphqlResponse, Json};
        assert_eq!(Form::of(&HeaderMap::new()).ok(), Some(Json));
        for (value, expected) in [
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("application/json", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            ("application/graphql-response+json, application/json;q=0.9", Some(GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(GraphqlResponse)),
            ("application/json, application/graphql-response+json;q=0.5", Some(Json)),
            ("application/graphql-response+json;q=0, */*", Some(Json)),
            ("application/json;q=0, */*;q=0.1", Some(GraphqlResponse)),
            ("APPLICATION/JSON; charset=UTF-8", Some(Json)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json; charset=latin1", None),
            ("nonsense", None),
        ] {
            assert_eq!(accept(value), expected, "{value}");
        }
    }

    #[test]
    fn only_json_in_utf8_is_accepted() {
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/json;charset=\"UTF-8\""] {
            assert!(is_json(good), "{good}");
        }
        for bad in ["", "text/plain", "application/json; charset=utf-16", "application/graphql", "application/jsonp"] {
            assert!(!is_json(bad), "{bad}");
        }
    }
}
