//! Traces and metrics that the server sends to a collector.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use fieldguard_test_macros::on_each_database;
use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{KeyValue, any_value::Value},
    metrics::v1::metric::Data,
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use serde_json::json;

use super::program::{Program, each};
use crate::actor::PASSWORD;

/// A server that sends the trace of every request to `collector`.
fn tracing_all(collector: &str) -> Program {
    Program::new().set("FIELDGUARD_OTLP_ENDPOINT", collector).set("FIELDGUARD_OTLP_TRACES_PERCENT", "100")
}

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What a collector got.
#[derive(Default)]
struct Received {
    spans: Vec<Span>,
    metrics: Vec<ExportMetricsServiceRequest>,
    bytes: Vec<u8>,
    keys: Vec<String>,
    /// The number of requests with spans that it still refuses.
    refusals: usize,
    refused: usize,
}

impl Received {
    fn note(&mut self, headers: &HeaderMap, bytes: &Bytes) {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        self.keys.extend(headers.get("api-key").map(|key| key.to_str().unwrap().to_owned()));
        self.bytes.extend_from_slice(bytes);
    }

    /// The spans of a trace.
    fn trace(&self, id: u128) -> Vec<&Span> {
        self.spans.iter().filter(|span| span.trace_id == id.to_be_bytes()).collect()
    }
}

/// A collector, which notes what it gets.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Received>>);

impl Collector {
    /// Starts it in a thread of its own, because tests wait for the server without a runtime. Returns its address.
    fn start(&self) -> String {
        let routes = Router::new().route("/v1/traces", post(traces)).route("/v1/metrics", post(metrics));
        let routes = routes.with_state(self.clone());
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = format!("http://{}", socket.local_addr().unwrap());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { axum::serve(tokio::net::TcpListener::from_std(socket).unwrap(), routes).await })
        });
        address
    }
}

async fn traces(State(collector): State<Collector>, headers: HeaderMap, bytes: Bytes) -> StatusCode {
    let mut received = collector.0.lock().unwrap();
    if received.refusals > 0 {
        received.refusals -= 1;
        received.refused += 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    received.note(&headers, &bytes);
    let request = ExportTraceServiceRequest::decode(bytes).unwrap();
    let scopes = request.resource_spans.into_iter().flat_map(|spans| spans.scope_spans);
    received.spans.extend(scopes.flat_map(|scope| scope.spans));
    StatusCode::OK
}

async fn metrics(State(collector): State<Collector>, headers: HeaderMap, bytes: Bytes) -> StatusCode {
    let mut received = collector.0.lock().unwrap();
    received.note(&headers, &bytes);
    received.metrics.push(ExportMetricsServiceRequest::decode(bytes).unwrap());
    StatusCode::OK
}

fn attribute<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a Value> {
    attributes.iter().find(|attribute| attribute.key == name)?.value.as_ref()?.value.as_ref()
}

fn text<'a>(span: &'a Span, name: &str) -> &'a str {
    match attribute(&span.attributes, name) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{name} is {other:?} in {span:?}"),
    }
}

#[on_each_database]
async fn requests_are_traced_with_their_statements_and_hashes_and_without_secrets() {
    each(async |program| {
        let collector = Collector::default();
        let program = program
            .set("FIELDGUARD_OTLP_ENDPOINT", &collector.start())
            .set("FIELDGUARD_OTLP_HEADERS", "api-key=the%20key")
            .set("FIELDGUARD_OTLP_TRACES_PERCENT", "0");
        let server = program.serve();
        let bob = server.anonymous().register("bob").await;
        let document = "mutation Enter($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }";
        let variables = json!({ "input": { "username": "bob", "password": PASSWORD } });
        let body = json!({ "query": document, "variables": variables });
        let answer = server.anonymous().request(|request| request.header("traceparent", PARENT).json(&body)).await.ok();
        let own = json!({ "query": "{ me { id } }" });
        let untraced = PARENT.replace("e4736-", "e4737-").replace("-01", "-00");
        bob.request(|request| request.header("traceparent", &untraced).json(&own)).await.ok();
        server.whole_log();

        let received = collector.0.lock().unwrap();
        assert!(received.keys.iter().all(|key| key == "the key") && received.keys.len() >= 2, "{:?}", received.keys);
        let id = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
        let spans = received.trace(id);
        assert_eq!(received.spans.len(), spans.len(), "only the client's trace is recorded");
        let root = spans.iter().find(|span| span.kind() == SpanKind::Server).unwrap();
        assert_eq!(root.parent_span_id, 0x00f0_67aa_0ba9_02b7_u64.to_be_bytes());
        assert_eq!((root.name.as_str(), text(root, "graphql.operation.name")), ("mutation", "Enter"));
        assert_eq!(attribute(&root.attributes, "http.response.status_code"), Some(&Value::IntValue(200)));
        let child = |name: &str| *spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name}"));
        for part in [child("password hash"), child("INSERT"), child("COMMIT")] {
            assert_eq!(part.parent_span_id, root.span_id);
            assert!(part.start_time_unix_nano >= root.start_time_unix_nano);
            assert!(part.end_time_unix_nano <= root.end_time_unix_nano, "{part:?} {root:?}");
        }
        let database = if program.database_url().starts_with("postgres") { "postgresql" } else { "sqlite" };
        assert_eq!(text(child("INSERT"), "db.system.name"), database);
        let token = |name: &str| answer.at(&format!("/data/login/{name}")).as_str().unwrap().to_owned();
        let contains = |text: &str| received.bytes.windows(text.len()).any(|part| part == text.as_bytes());
        for secret in [PASSWORD, &token("accessToken"), &token("refreshToken"), "LoginInput", "bob", "127.0.0.1"] {
            assert!(!contains(secret), "{secret} is sent");
        }
        assert!(contains("fieldguard"));
    })
    .await;
}

#[tokio::test]
async fn the_caller_and_the_error_are_part_of_the_trace() {
    let collector = Collector::default();
    let server = tracing_all(&collector.start()).serve();
    let bob = server.anonymous().register("bob").await;
    let body = json!({ "query": "query List { users(first: 1) { nodes { id } } }" });
    let request = |request: reqwest::RequestBuilder| request.header("x-request-id", "f".repeat(32)).json(&body);
    assert_eq!(bob.request(request).await.codes(), ["FORBIDDEN"]);
    let body = json!({ "query": "{ unknown }" });
    bob.request(|request| request.header("x-request-id", "e".repeat(32)).json(&body)).await;
    let expired = server.anonymous().bearing("no token");
    expired.request(|request| request.header("x-request-id", "d".repeat(32)).json(&body)).await;
    server.whole_log();

    let received = collector.0.lock().unwrap();
    let of = |digit: &str| {
        let spans = received.trace(u128::from_str_radix(&digit.repeat(32), 16).unwrap());
        spans.into_iter().find(|span| span.kind() == SpanKind::Server).unwrap().clone()
    };
    let denied = of("f");
    assert_eq!((text(&denied, "user.id"), text(&denied, "error.type")), (bob.id.as_str(), "FORBIDDEN"));
    assert_eq!((denied.name.as_str(), text(&denied, "graphql.operation.name")), ("query", "List"));
    assert_eq!(text(&of("e"), "error.type"), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!((text(&of("d"), "error.type"), of("d").name.as_str()), ("UNAUTHENTICATED", "graphql"));
}

#[tokio::test]
async fn metrics_are_sent_with_the_names_of_the_page() {
    let collector = Collector::default();
    let server = tracing_all(&collector.start()).serve();
    server.anonymous().register("bob").await;
    let page = reqwest::get(server.url("/metrics")).await.unwrap().text().await.unwrap();
    server.whole_log();

    let received = collector.0.lock().unwrap();
    let scopes = received.metrics[0].resource_metrics[0].scope_metrics.iter();
    let metrics: Vec<_> = scopes.flat_map(|scope| &scope.metrics).collect();
    let names: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(metrics.iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>(), names);
    let find = |name: &str| metrics.iter().find(|metric| metric.name == name).unwrap().data.as_ref().unwrap();
    let Data::Sum(requests) = find("fieldguard_requests_total") else { panic!("no counter") };
    assert!(requests.is_monotonic);
    let ok = requests
        .data_points
        .iter()
        .find(|point| attribute(&point.attributes, "code") == Some(&Value::StringValue("OK".to_owned())));
    assert!(format!("{ok:?}").contains("AsInt(1)"), "{ok:?}");
    let Data::Histogram(durations) = find("fieldguard_request_duration_seconds") else { panic!("no histogram") };
    assert_eq!(durations.data_points.iter().map(|point| point.count).sum::<u64>(), 1);
}

#[tokio::test]
async fn a_collector_that_is_gone_is_logged_once_and_disturbs_nothing() {
    let server = tracing_all("http://127.0.0.1:1/path").serve();
    server.anonymous().register("bob").await;
    let log = server.whole_log();
    assert_eq!(log.matches("traces and metrics are not sent").count(), 1, "{log}");
    assert!(!log.contains("127.0.0.1:1/"), "{log}");
}

#[tokio::test]
async fn spans_that_a_busy_collector_refuses_are_sent_later() {
    let collector = Collector::default();
    collector.0.lock().unwrap().refusals = 1;
    let server = tracing_all(&collector.start()).serve();
    server.anonymous().register("bob").await;
    while collector.0.lock().unwrap().refused == 0 {
        tokio::task::yield_now().await;
    }
    let log = server.whole_log();
    let received = collector.0.lock().unwrap();
    assert_eq!(received.spans.iter().filter(|span| span.kind() == SpanKind::Server).count(), 1, "{log}");
}

#[test]
fn wrong_settings_stop_the_start_and_name_the_key() {
    for (set, key, part) in [
        (&[("FIELDGUARD_OTLP_ENDPOINT", "collector:4318")][..], "otlp.endpoint", "must be an `http://`"),
        (&[("FIELDGUARD_OTLP_HEADERS", "api-key=secret")], "otlp.headers", "needs `otlp.endpoint`"),
        (&[("FIELDGUARD_OTLP_HEADERS", "secret")], "otlp.headers", "must have the form"),
        (&[("FIELDGUARD_OTLP_TRACES_PERCENT", "101")], "otlp.traces_percent", "between 0 and 100"),
    ] {
        let program = set.iter().fold(Program::new(), |program, (name, value)| program.set(name, value));
        let run = program.run(&["serve"]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.err.contains(key) && run.err.contains(part) && !run.err.contains("secret"), "{}", run.err);
    }
}
