//! CORS: requests from pages of other origins.

use super::raw::{Raw, request};
use crate::app::Server;

const ALLOWED: &str = "https://app.example.org";

async fn server() -> Server {
    Server::with(|config| config.cors.origins = ALLOWED.parse().unwrap()).await
}

fn preflight(origin: &str) -> String {
    let headers = format!(
        "origin: {origin}\r\naccess-control-request-method: POST\r\n\
         access-control-request-headers: authorization,content-type\r\n"
    );
    request("OPTIONS", "/graphql", &headers)
}

#[tokio::test]
async fn allowed_origin_can_send_requests_and_read_answers() {
    let server = server().await;
    let reply = Raw::ask(&server, preflight(ALLOWED)).await;
    assert_eq!(reply.status, 204);
    assert_eq!(reply.header("access-control-allow-origin"), Some(ALLOWED));
    assert_eq!(reply.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(reply.header("access-control-allow-headers"), Some("authorization, content-type"));
    assert_eq!(reply.header("access-control-max-age"), Some("7200"));
    assert!(reply.head.contains("\r\nvary: origin\r\n"), "{}", reply.head);

    // Errors are readable as well. Otherwise the page would see only a network error.
    for path in ["/graphql?query=%7B__typename%7D", "/graphql", "/nothing"] {
        let reply = Raw::ask(&server, request("GET", path, &format!("origin: {ALLOWED}\r\n"))).await;
        assert_eq!(reply.header("access-control-allow-origin"), Some(ALLOWED), "{path}");
        assert_eq!(reply.header("access-control-expose-headers"), Some("x-request-id, retry-after, www-authenticate"));
        assert!(reply.head.contains("\r\nvary: origin\r\n"), "{}", reply.head);
    }
}

#[tokio::test]
async fn preflight_allows_the_headers_that_libraries_of_an_allowed_page_send() {
    let server = server().await;
    let names = "apollo-require-preflight,apollographql-client-name,apollographql-client-version,baggage,sentry-trace,traceparent,x-requested-with";
    let ask = async |origin: &str, names: &str| {
        let headers = format!(
            "origin: {origin}\r\naccess-control-request-method: POST\r\naccess-control-request-headers: {names}\r\n"
        );
        Raw::ask(&server, request("OPTIONS", "/graphql", &headers)).await
    };
    let reply = ask(ALLOWED, names).await;
    assert_eq!(reply.header("access-control-allow-headers"), Some(names.replace(',', ", ").as_str()));
    assert!(reply.head.contains("access-control-request-headers"), "{}", reply.head);
    for (origin, names, status) in [(ALLOWED, "a b", 204), ("https://evil.example", names, 403)] {
        let reply = ask(origin, names).await;
        let allowed = reply.header("access-control-allow-headers");
        assert_eq!((reply.status, allowed.is_some_and(|allowed| allowed.contains(names))), (status, false));
    }
}

#[tokio::test]
async fn apps_and_preview_deployments_are_allowed_if_they_are_configured() {
    let origins = "capacitor://localhost,https://*.preview.example.org";
    let server = Server::with(|config| config.cors.origins = origins.parse().unwrap()).await;
    for (origin, status) in [
        ("capacitor://localhost", 204),
        ("https://pr-7.preview.example.org", 204),
        ("https://preview.example.org", 403),
        ("https://a.b.preview.example.org", 403),
        ("http://pr-7.preview.example.org", 403),
        ("https://pr-7.preview.example.org.evil.example", 403),
        ("https://*.preview.example.org", 403),
        ("tauri://localhost", 403),
    ] {
        let reply = Raw::ask(&server, preflight(origin)).await;
        let allowed = reply.header("access-control-allow-origin");
        assert_eq!((reply.status, allowed), (status, (status == 204).then_some(origin)), "{origin}");
    }
}

#[tokio::test]
async fn other_origins_get_no_cors_headers() {
    let server = server().await;
    for origin in [
        "null",
        "https://evil.example",
        "http://app.example.org",
        "https://app.example.org.evil.example",
        "https://app.example.org:444",
        "https://APP.example.org",
        "*",
        "",
        "https://app.example.org\r\norigin: https://app.example.org",
    ] {
        for request_bytes in [preflight(origin), request("GET", "/healthz", &format!("origin: {origin}\r\n"))] {
            let reply = Raw::ask(&server, request_bytes).await;
            assert!(!reply.head.contains("\r\naccess-control-"), "{origin}: {reply:?}");
            assert!(reply.head.contains("\r\nvary: origin\r\n"), "{origin}: {reply:?}");
        }
        assert_eq!(Raw::ask(&server, preflight(origin)).await.status, 403);
    }
}

#[tokio::test]
async fn no_origin_is_allowed_by_default() {
    let server = Server::start().await;
    let reply = Raw::ask(&server, preflight("http://127.0.0.1:4000")).await;
    assert!(reply.status == 403 && !reply.head.contains("\r\naccess-control-"), "{reply:?}");
}
