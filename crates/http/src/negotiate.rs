//! Media types: what a request body may be, and which of two forms the client wants the answer in (GraphQL over HTTP,
//! "Media Types"; RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::refusal::Refusal;

/// The form of an answer. They differ in the status of a request that was not executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `application/graphql-response+json`: the status tells.
    GraphqlResponse,
    /// `application/json`, for clients that know nothing else: a well-formed request is 200, unless the server is in trouble.
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

    /// The form the client prefers; `application/json` where it does not care, as the specification asks of servers
    /// until clients that send no `Accept` are gone.
    ///
    /// # Errors
    ///
    /// 406 where it takes neither.
    pub fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let accept: Vec<_> = headers.get_all(header::ACCEPT).iter().filter_map(|it| it.to_str().ok()).collect();
        if accept.iter().all(|it| it.trim().is_empty()) {
            return Ok(Self::Json);
        }
        let ranges: Vec<_> = accept.iter().flat_map(|it| it.split(',')).filter_map(Range::parse).collect();
        let quality = |subtype| ranges.iter().filter_map(|it| it.matches(subtype)).max().map_or(0, |(_, q)| q);
        match (quality("json"), quality("graphql-response+json")) {
            (0, 0) => Err(Refusal::bad_request(
                StatusCode::NOT_ACCEPTABLE,
                "Answers are `application/graphql-response+json` or `application/json`.",
            )),
            (json, graphql) if graphql > json => Ok(Self::GraphqlResponse),
            (json, graphql) if graphql == json && names(&ranges) => Ok(Self::GraphqlResponse),
            _ => Ok(Self::Json),
        }
    }
}

/// Whether the client is a browser that a person pointed at the address: it names HTML, and no form of an answer.
#[must_use]
pub fn is_for_people(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<_> = accept.flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
    let is_html = |range: &Range<'_>| range.is("text", "html") && range.quality > 0;
    let is_answer =
        |range: &Range<'_>| ["json", "graphql-response+json"].iter().any(|form| range.is("application", form));
    ranges.iter().any(is_html) && !ranges.iter().any(is_answer)
}

/// Does the client know the newer form by name? Then it wins a draw.
fn names(ranges: &[Range<'_>]) -> bool {
    ranges.iter().any(|it| it.subtype.eq_ignore_ascii_case("graphql-response+json") && it.quality > 0)
}

/// One entry of `Accept`; its quality in thousandths.
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

    /// How specific the range is and how much it wants `application/<subtype>`, where it covers it.
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
    let value: f32 = value.parse().ok().filter(|it| (0.0..=1.0).contains(it))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000 by the check above")]
    Some((value * 1_000.0).round() as u16)
}

fn is_utf8(charset: &str) -> bool {
    charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// Holds a request body to `application/json` in UTF-8. A page of another site can send every other kind without asking
/// the browser's leave.
///
/// # Errors
///
/// 415 for every other kind, for several, and for none.
pub fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values.next().and_then(|it| it.to_str().ok()).filter(|_| values.next().is_none());
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
    fn gives_the_form_the_client_prefers() {
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
    fn takes_json_in_utf8_only() {
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/json;charset=\"UTF-8\""] {
            assert!(is_json(good), "{good}");
        }
        for bad in ["", "text/plain", "application/json; charset=utf-16", "application/graphql", "application/jsonp"] {
            assert!(!is_json(bad), "{bad}");
        }
    }
}
