//! Malformed HTTP requests, and the headers of every answer.

use reqwest::{Client, Method, header::HeaderMap};

use super::program::Program;

const GOOD: &str = r#"{"query":"{ serverInfo { version } }"}"#;

#[track_caller]
fn check_headers(headers: &HeaderMap) {
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn invalid_headers_are_answered_with_their_status() {
    let server = Program::new().serve();
    let anonymous = server.anonymous();
    for (name, value, status, code) in [
        ("content-type", "application/json", 200, None),
        ("content-type", "text/plain", 415, Some("BAD_REQUEST")),
        ("content-type", "application/x-www-form-urlencoded", 415, Some("BAD_REQUEST")),
        ("content-type", "application/json; charset=utf-16", 415, Some("BAD_REQUEST")),
        ("accept", "text/html", 406, Some("BAD_REQUEST")),
        ("authorization", "Bearer nonsense", 401, Some("UNAUTHENTICATED")),
        ("authorization", "Basic YTpi", 401, Some("UNAUTHENTICATED")),
        ("authorization", "Bearer", 401, Some("UNAUTHENTICATED")),
    ] {
        let answer = anonymous
            .request(|request| {
                let request =
                    if name == "content-type" { request } else { request.header("content-type", "application/json") };
                request.header(name, value).body(GOOD)
            })
            .await;
        assert_eq!(answer.status, status, "{name}: {value}");
        assert_eq!(answer.at("/errors/0/extensions/code").as_str(), code, "{name}: {value}");
        assert_eq!(answer.json.get("data").is_some(), status == 200, "{name}: {value}");
        check_headers(&answer.headers);
        let challenge = answer.headers.get("www-authenticate").map(|value| value.to_str().unwrap());
        assert_eq!(challenge, (status == 401).then_some(r#"Bearer error="invalid_token""#), "{name}: {value}");
    }
    let answer = anonymous.request(|request| request.body(GOOD)).await;
    assert_eq!(answer.status, 415, "no content type at all");
}

#[tokio::test]
async fn unsupported_methods_are_answered_with_allowed_methods() {
    let server = Program::new().serve();
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let response = Client::new().request(method.clone(), server.url("/graphql")).send().await.unwrap();
        assert_eq!(response.status(), 405, "{method}");
        assert!(response.headers()["allow"].to_str().unwrap().contains("POST"), "{method}");
        check_headers(response.headers());
    }
}
