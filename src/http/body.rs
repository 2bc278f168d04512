//! The body of a POST: one GraphQL request as JSON (GraphQL over HTTP, "Request Parameters").

use async_graphql::{Request, Variables};
use axum::{body::Bytes, extract::rejection::BytesRejection, http::StatusCode, response::IntoResponse};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// What a client may send. Members it does not name are ignored, as the specification asks; a member sent twice is refused,
/// since two readers of such a body can disagree on what it says.
#[derive(Deserialize)]
struct Parameters {
    query: String,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    #[expect(dead_code, reason = "held to its type: an object or null")]
    extensions: Option<Map<String, Value>>,
}

/// The request a body spells.
///
/// # Errors
///
/// 413 for a body beyond the limit, 400 for one that is not a GraphQL request.
pub fn parse(body: Result<Bytes, BytesRejection>) -> Result<Request, Refusal> {
    let body = body.map_err(|rejection| match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::bad_request(StatusCode::PAYLOAD_TOO_LARGE, "The request body is larger than this server takes.")
        }
        _ => Refusal::bad_request(StatusCode::BAD_REQUEST, "The request body did not arrive whole."),
    })?;
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Refusal::bad_request(StatusCode::BAD_REQUEST, "Batches are off: send one request at a time."));
    }
    let parameters: Parameters = serde_json::from_slice(&body).map_err(|error| malformed(&error))?;
    let mut request = Request::new(parameters.query);
    request.operation_name = parameters.operation_name;
    request.variables = Variables::from_json(Value::Object(parameters.variables.unwrap_or_default()));
    Ok(request)
}

/// Says where the body is wrong, not what stands there: it may be a password.
fn malformed(error: &serde_json::Error) -> Refusal {
    let place = format!("line {}, column {}", error.line(), error.column());
    let message = match error.classify() {
        serde_json::error::Category::Data => format!(
            "The request must be a JSON object with a string `query` and, as wanted, a string `operationName`, an object \
             `variables` and an object `extensions`, each once. It is not at {place}."
        ),
        _ => format!("The request body is not JSON: see {place}."),
    };
    Refusal::bad_request(StatusCode::BAD_REQUEST, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_one_well_formed_request() {
        let request = parse(Ok(Bytes::from_static(br#"{"query":"{a}","variables":null,"operationName":null,"x":1}"#)));
        assert_eq!(request.map(|it| it.query).ok().as_deref(), Some("{a}"));
    }

    #[test]
    fn refuses_everything_else_without_repeating_it() {
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
            r#"{"query":"{a}","query":"{b}"}"#,
            "{\"query\":\"\u{1}\"}",
        ] {
            let refusal = parse(Ok(Bytes::from(body.to_owned()))).expect_err(body);
            assert!(!format!("{refusal:?}").contains("secret"), "{refusal:?}");
        }
    }
}
