//! Methods, media types and headers.

use super::raw::{Raw, post, request, with_body};
use crate::app::Server;

#[tokio::test]
async fn get_executes_queries() {
    let server = Server::start().await;
    let path = "/graphql?query=query+A%7Ba:__typename%7D+query+B(%24x:Boolean!)%7B__typename+serverInfo%40skip(if:%24x)\
                %7Bversion%7D%7D&operationName=B&variables=%7B%22x%22:true%7D&extensions=%7B%7D";
    let reply = Raw::ask(&server, request("GET", path, "")).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"data":{"__typename":"Query"}}"#));
    let mut raw = Raw::connect(&server).await;
    raw.send(request("HEAD", path, "connection: close\r\n")).await;
    let head = raw.closed().await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "{head}");
    let user = server.user("bob").await;
    let bearer = format!("authorization: Bearer {}\r\n", user.token.unwrap());
    let reply = Raw::ask(&server, request("GET", "/graphql?query=%7Bme%7Busername%7D%7D", &bearer)).await;
    assert_eq!(reply.body, r#"{"data":{"me":{"username":"bob"}}}"#);
}

#[tokio::test]
async fn paths_answer_other_methods_with_allow() {
    let server = Server::start().await;
    for (path, allow) in [("/graphql", "GET,HEAD,POST,OPTIONS"), ("/healthz", "GET,HEAD,OPTIONS")] {
        for method in ["PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
            let reply = Raw::ask(&server, request(method, path, "")).await;
            assert_eq!((reply.status, reply.code().as_str()), (405, "BAD_REQUEST"), "{reply:?}");
            assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
        }
        let reply = Raw::ask(&server, request("OPTIONS", path, "")).await;
        assert_eq!(reply.status, 204);
        assert_eq!(reply.header("allow").map(|value| value.replace(' ', "")).as_deref(), Some(allow));
    }
    for (method, path) in [("OPTIONS", "*"), ("CONNECT", "x:80"), ("GET", "/nothing"), ("GET", "//graphql")] {
        let reply = Raw::ask(&server, request(method, path, "")).await;
        assert!((400..500).contains(&reply.status), "{method} {path}: {reply:?}");
    }
}

#[tokio::test]
async fn errors_have_the_media_type_that_the_client_accepts() {
    let server = Server::start().await;
    let kind = "content-type: application/json\r\n";
    for (accept, status, answered) in [
        ("application/graphql-response+json", 400, "application/graphql-response+json; charset=utf-8"),
        ("application/json", 200, "application/json; charset=utf-8"),
    ] {
        let headers = format!("{kind}accept: {accept}\r\n");
        let invalid = Raw::ask(&server, with_body(&headers, r#"{"query":"{ nothing }"}"#)).await;
        assert_eq!((invalid.status, invalid.code().as_str()), (status, "GRAPHQL_VALIDATION_FAILED"));
        assert_eq!(invalid.header("content-type"), Some(answered));
        for body in ["", "[]", "{", "{}", r#"[{"query":"{__typename}"}]"#, r#"{"query":null}"#] {
            let malformed = Raw::ask(&server, with_body(&headers, body)).await;
            assert_eq!((malformed.status, malformed.code().as_str()), (400, "BAD_REQUEST"), "{body}");
            assert_eq!(malformed.header("content-type"), Some(answered));
        }
    }
    let reply = Raw::ask(&server, with_body(&format!("{kind}accept: text/html\r\n"), "{}")).await;
    assert_eq!((reply.status, reply.code().as_str()), (406, "BAD_REQUEST"));
}

#[tokio::test]
async fn answers_forbid_caching_and_sniffing_and_have_a_request_id() {
    let server = Server::start().await;
    for request_bytes in [
        post("{ __typename }"),
        post("{"),
        request("GET", "/graphql", ""),
        request("PUT", "/graphql", ""),
        request("OPTIONS", "/graphql", ""),
        request("GET", "/nothing", ""),
        request("GET", "/healthz", ""),
        request("GET", "/graphql?query=%7B__typename%7D", "authorization: Bearer x\r\n"),
    ] {
        let reply = Raw::ask(&server, &request_bytes).await;
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{request_bytes}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{request_bytes}");
        assert!(reply.header("x-request-id").is_some_and(|id| id.len() == 32), "{request_bytes}");
        assert_eq!(reply.header("server"), None);
    }
}

#[tokio::test]
async fn request_id_or_trace_id_of_the_client_is_kept() {
    let server = Server::start().await;
    let trace = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
    for (headers, id) in [
        ("x-request-id: of.a-proxy_1\r\n".to_owned(), "of.a-proxy_1"),
        (trace.to_owned(), "4bf92f3577b34da6a3ce929d0e0e4736"),
        (format!("x-request-id: <b>\r\n{trace}"), "4bf92f3577b34da6a3ce929d0e0e4736"),
    ] {
        let reply = Raw::ask(&server, request("GET", "/healthz", &headers)).await;
        assert_eq!(reply.header("x-request-id"), Some(id), "{headers}");
    }
}

#[tokio::test]
async fn trailing_slash_byte_order_mark_and_empty_operation_name_are_accepted() {
    let server = Server::start().await;
    for (path, body) in [
        ("/graphql/", r#"{ "query": "{ __typename }" }"#),
        ("/graphql", "\u{feff}{ \"query\": \"{ __typename }\" }"),
        ("/graphql", r#"{ "query": "{ __typename }", "operationName": "" }"#),
    ] {
        let request = reqwest::Client::new().post(server.url(path)).header("content-type", "application/json");
        let answer = request.body(body).send().await.unwrap().text().await.unwrap();
        assert!(answer.contains(r#""__typename":"Query""#), "{path} {body}: {answer}");
    }
}
