//! Parses a request from a JSON body or a URL query (GraphQL over HTTP, "Request Parameters").

use async_graphql::{Request, Variables};
use axum::http::StatusCode;
use fieldguard_guard::{json::written, on_denied::OnDenied};
use percent_encoding::percent_decode;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    endpoint::Incoming,
    json::{self, Fault, NESTING},
    refusal::Refusal,
    request_id::RequestId,
};

/// The parameters of a request. Unknown members are ignored, as the specification requires.
#[derive(Deserialize)]
pub(crate) struct Parameters {
    query: String,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    extensions: Option<Map<String, Value>>,
}

impl Parameters {
    /// Builds the document to run. `on_denied` is the value of the request header, which `extensions` overrides.
    ///
    /// # Errors
    ///
    /// 400 if `extensions.onDenied` is not valid.
    pub(crate) fn incoming(self, id: &RequestId, on_denied: OnDenied, queries_only: bool) -> Result<Incoming, Refusal> {
        let mut request = written(Request::new(self.query));
        request.operation_name = self.operation_name.filter(|name| !name.is_empty());
        request.variables = Variables::from_json(Value::Object(self.variables.unwrap_or_default()));
        let mut extensions = self.extensions.unwrap_or_default();
        let asked = extensions.remove("onDenied").map(|word| self::on_denied(&word)).transpose()?;
        let on_denied = asked.unwrap_or(on_denied);
        Ok(Incoming { request, extensions, request_id: id.as_str().to_owned(), queries_only, on_denied })
    }
}

fn on_denied(word: &Value) -> Result<OnDenied, Refusal> {
    let word = if word.is_null() { Some("null") } else { word.as_str() };
    let parsed = word.and_then(OnDenied::parse);
    parsed.ok_or_else(|| bad("`extensions.onDenied` must be `null`, `reject` or `report`."))
}

/// Parses the body of a POST.
///
/// # Errors
///
/// 400 if it is not a request.
pub(crate) fn of_body(body: &[u8]) -> Result<Parameters, Refusal> {
    // Some clients write a byte order mark, which parsers may ignore (RFC 8259, section 8.1).
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(bad("Batches are not supported. Send one request at a time."));
    }
    json::check(body).map_err(|fault| invalid_json("request body", &fault))?;
    serde_json::from_slice(body).map_err(|error| not_a_request(&error))
}

/// Parses the query of a URL. An empty optional parameter counts as absent.
///
/// # Errors
///
/// 400 if it is not a request.
pub(crate) fn of_query(query: &str) -> Result<Parameters, Refusal> {
    let [mut document, mut operation_name, mut variables, mut extensions] = [const { None }; 4];
    for (name, value) in query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
        let name = decoded(name)?;
        let parameter = match name.as_str() {
            "query" => &mut document,
            "operationName" => &mut operation_name,
            "variables" => &mut variables,
            "extensions" => &mut extensions,
            _ => continue,
        };
        if parameter.replace(decoded(value)?).is_some() {
            return Err(bad(format!("The parameter `{name}` must not occur more than once.")));
        }
    }
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Parameters {
        query: document.ok_or_else(|| bad("The parameter `query` is missing."))?,
        operation_name: given(operation_name),
        variables: object("variables", given(variables))?,
        extensions: object("extensions", given(extensions))?,
    })
}

/// Decodes `application/x-www-form-urlencoded` text. Invalid UTF-8 is an error, because a repaired document would be a
/// different one.
fn decoded(text: &str) -> Result<String, Refusal> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode(spaced.as_bytes()).decode_utf8();
    decoded.map(Into::into).map_err(|_| bad("The query of the URL is not in UTF-8."))
}

fn object(name: &str, text: Option<String>) -> Result<Option<Map<String, Value>>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    json::check(text.as_bytes()).map_err(|fault| invalid_json(&format!("parameter `{name}`"), &fault))?;
    serde_json::from_str(&text).map_err(|_| bad(format!("The parameter `{name}` is not a JSON object.")))
}

/// The error for invalid JSON in `part`. It contains the position but not the text, which can be a password.
fn invalid_json(part: &str, fault: &Fault) -> Refusal {
    bad(match fault {
        Fault::DuplicateMember(error) => {
            format!("An object in the {part} has a duplicate member at {}.", position(error))
        }
        Fault::TooDeep(error) => {
            format!(
                "The {part} must not nest lists and objects deeper than {NESTING} levels. It does at {}.",
                position(error)
            )
        }
        Fault::Malformed(error) => format!("The {part} is not valid JSON at {}.", position(error)),
    })
}

/// The error for valid JSON that is not a request.
fn not_a_request(error: &serde_json::Error) -> Refusal {
    bad(format!(
        "The request must be a JSON object with a string `query` and, optionally, a string `operationName`, an object \
         `variables` and an object `extensions`. See {}.",
        position(error)
    ))
}

fn position(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::bad_request(StatusCode::BAD_REQUEST, message)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    fn incoming(parameters: Parameters) -> Result<Incoming, Refusal> {
        parameters.incoming(&RequestId::of(&HeaderMap::new()), OnDenied::Null, false)
    }

    #[test]
    fn well_formed_body_is_parsed() {
        let request = of_body(br#"{"query":"{a}","variables":null,"operationName":null,"extensions":null,"x":1}"#);
        assert_eq!(request.map(|request| request.query).ok().as_deref(), Some("{a}"));
    }

    #[test]
    fn invalid_bodies_are_rejected_without_being_repeated() {
        for body in [
            "",
            "{",
            "[]",
            r#"[{"query":"{a}"}]"#,
            "null",
            "1",
            "{}",
            r#"{"query":1}"#,
            r#"{"query":null}"#,
            r#"{"query":"{a}","variables":[]}"#,
            r#"{"query":"{a}","variables":"secret"}"#,
            r#"{"query":"{a}","operationName":1}"#,
            r#"{"query":"{a}","extensions":[]}"#,
            r#"{"query":"{a}","extensions":{"onDenied":"secret"}}"#,
            r#"{"query":"{a}","extensions":{"onDenied":true}}"#,
            r#"{"query":"{a}","query":"{b}"}"#,
            r#"{"query":"{a}","x":1,"x":1}"#,
            "{\"query\":\"\u{1}\"}",
        ] {
            let refusal = of_body(body.as_bytes()).and_then(incoming).err().expect(body);
            assert!(!format!("{refusal:?}").contains("secret"), "{refusal:?}");
        }
    }

    #[test]
    fn url_query_is_parsed() {
        let request = of_query("query=%7Ba%7D+%23%C3%A9&variables=%7B%22x%22%3A1%7D&operationName=a%20b&y=2").unwrap();
        assert_eq!(request.query, "{a} #é");
        assert_eq!(request.operation_name.as_deref(), Some("a b"));
        assert_eq!(Value::from(request.variables.unwrap()), serde_json::json!({ "x": 1 }));
        for absent in ["query={a}", "query={a}&operationName=&variables=&extensions", "query={a}&variables=null"] {
            assert!(of_query(absent).unwrap().operation_name.is_none(), "{absent}");
        }
        assert_eq!(of_query("query={a}&operationName=null").unwrap().operation_name.as_deref(), Some("null"));
    }

    #[test]
    fn invalid_url_queries_are_rejected() {
        for query in [
            "",
            "operationName=a",
            "query={a}&query={b}",
            "query=%FF",
            "query={a}&variables=[]",
            "query={a}&variables=1",
            "query={a}&variables={",
            "query={a}&variables={}&%76ariables={}",
            "query={a}&extensions=1",
            "query={a}&extensions={}{}",
            "query={a}&extensions={%22onDenied%22:1}",
        ] {
            assert!(of_query(query).and_then(incoming).is_err(), "{query}");
        }
    }

    #[track_caller]
    fn assert_says(refused: Result<Parameters, Refusal>, words: &str, sent: &str) {
        let refusal = format!("{:?}", refused.err().expect(sent));
        assert!(refusal.contains("status: 400") && refusal.contains(words), "{sent}: {refusal}");
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }

    #[test]
    fn duplicate_members_are_reported_as_such() {
        let objects = [
            r#"{"hunter2":1,"hunter2":2}"#,
            r#"{"a":{"b":1,"c":2,"\u0062":1}}"#,
            r#"{"a":[[{"b":"hunter2","b":"hunter2"}]]}"#,
        ];
        for (object, name) in objects.iter().flat_map(|object| [(object, "variables"), (object, "extensions")]) {
            let body = format!(r#"{{"query":"{{a}}","{name}":{object}}}"#);
            assert_says(
                of_body(body.as_bytes()),
                "An object in the request body has a duplicate member at line 1",
                &body,
            );
            let query = format!("query={{a}}&{name}={object}");
            assert_says(
                of_query(&query),
                &format!("An object in the parameter `{name}` has a duplicate member"),
                &query,
            );
        }
    }

    #[test]
    fn deep_nesting_is_reported_as_such() {
        for name in ["variables", "extensions", "else"] {
            let deep = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
            let body = |depth| format!(r#"{{"query":"{{a}}","{name}":{}}}"#, deep(depth));
            assert!(of_body(body(NESTING - 2).as_bytes()).is_ok(), "{name}");
            for depth in [NESTING - 1, 130, 10_000] {
                assert_says(of_body(body(depth).as_bytes()), "deeper than 120 levels", name);
                if name != "else" {
                    assert_says(of_query(&format!("query={{a}}&{name}={}", deep(depth + 1))), "deeper than 120", name);
                }
            }
        }
    }
}
