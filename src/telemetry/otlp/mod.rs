//! Sends traces and metrics to a collector with OTLP over HTTP, in protobuf (OpenTelemetry Protocol, version 1).
//!
//! The messages are those of `opentelemetry-proto`. The SDK beside it is not used: requests would pay for its contexts
//! and its pipeline, and the metrics are read where they are kept.

mod metrics;
mod spans;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
};
use prost::Message;
use reqwest::{
    Client, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::metrics::Family;
use crate::http_client;
pub use spans::{AttributeValue, Attributes, MAX_ATTRIBUTES, Span, SpanKind, Spans};

/// How often spans are sent, unless many wait.
const SPANS: Duration = Duration::from_secs(1);
/// How often metrics are sent.
const METRICS: Duration = Duration::from_mins(1);
/// How long to wait before the next attempt while the collector takes nothing.
const RETRY: Duration = Duration::from_secs(5);
/// How long the collector may take to answer. Spans wait meanwhile, and are dropped if there are too many.
const ANSWER: Duration = Duration::from_secs(10);

/// Sends to one collector.
pub struct Exporter {
    client: Client,
    traces: Url,
    metrics: Url,
    resource: Resource,
    spans: Spans,
    began: SystemTime,
    /// Whether the last request succeeded. Only changes are logged.
    is_reachable: bool,
}

/// Why the collector did not take something. It does not say where the collector is, or with which headers.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("the collector answers with status {0}")]
    Status(u16),
    #[error("the collector cannot be reached")]
    Connect,
    #[error("the collector does not answer in time")]
    Timeout,
    #[error("the request to the collector failed")]
    Other,
}

/// Why there is no [`Exporter`].
#[derive(Debug, thiserror::Error)]
#[error("the client for OTLP cannot be created")]
pub struct ClientError(#[source] reqwest::Error);

impl Exporter {
    /// An exporter of `spans` and of metrics to the collector at `endpoint`, a URL without a slash at its end. `headers`
    /// are sent with every request.
    ///
    /// # Errors
    ///
    /// If TLS is not available.
    ///
    /// # Panics
    ///
    /// If `endpoint` is no URL, which the configuration refuses.
    pub fn new(endpoint: &str, headers: HeaderMap, spans: Spans) -> Result<Self, ClientError> {
        let client = http_client::builder(endpoint.starts_with("https://"))
            .default_headers(headers)
            .user_agent(concat!("fieldguard/", env!("CARGO_PKG_VERSION")))
            .timeout(ANSWER)
            .build()
            .map_err(ClientError)?;
        let url =
            |signal| Url::parse(&format!("{endpoint}/v1/{signal}")).expect("the configuration has checked the URL");
        Ok(Self {
            client,
            traces: url("traces"),
            metrics: url("metrics"),
            resource: resource(),
            spans,
            began: now(),
            is_reachable: true,
        })
    }

    /// Sends spans every second and the metrics that `read` returns every minute. Never returns.
    pub async fn run(&mut self, read: impl AsyncFn() -> Vec<Family>) -> std::convert::Infallible {
        let mut next_metrics = Instant::now() + METRICS;
        loop {
            if self.is_reachable {
                // A timeout is the usual case: few spans wait.
                let _ = timeout(SPANS, self.spans.are_many()).await;
            } else {
                sleep(RETRY).await;
            }
            self.send_spans().await;
            if Instant::now() >= next_metrics {
                next_metrics = Instant::now() + METRICS;
                self.send_metrics(&read().await).await;
            }
        }
    }

    /// Sends what waits, and the metrics at the end of the process.
    pub async fn finish(&mut self, families: &[Family]) {
        self.send_spans().await;
        self.send_metrics(families).await;
    }

    async fn send_spans(&mut self) {
        let spans = self.spans.take();
        if spans.is_empty() {
            return;
        }
        let request = spans.request(self.resource.clone(), scope());
        let sent = self.send(self.traces.clone(), request).await;
        match &sent {
            Ok(()) => {}
            Err(error) if error.may_be_temporary() => self.spans.put_back(spans),
            Err(_) => self.spans.drop_batch(&spans),
        }
        self.note(&sent);
    }

    async fn send_metrics(&mut self, families: &[Family]) {
        let request = metrics::request(self.resource.clone(), scope(), families, self.began, now());
        let sent = self.send(self.metrics.clone(), request.encode_to_vec()).await;
        self.note(&sent);
    }

    async fn send(&self, to: Url, request: Vec<u8>) -> Result<(), SendError> {
        let post = self.client.post(to).header(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        let response = post.body(request).send().await.map_err(|error| SendError::of(&error))?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(SendError::Status(status.as_u16())) }
    }

    fn note(&mut self, sent: &Result<(), SendError>) {
        match (sent, self.is_reachable) {
            (Err(error), true) => {
                tracing::warn!(%error, "traces and metrics are not sent; further failures are not logged");
            }
            (Ok(()), false) => tracing::info!("traces and metrics are sent again"),
            _ => {}
        }
        self.is_reachable = sent.is_ok();
    }
}

impl SendError {
    /// Whether the same request may succeed later (OTLP specification, "Failures").
    const fn may_be_temporary(&self) -> bool {
        matches!(self, Self::Connect | Self::Timeout | Self::Other | Self::Status(429 | 502 | 503 | 504))
    }

    fn of(error: &reqwest::Error) -> Self {
        match error {
            error if error.is_timeout() => Self::Timeout,
            error if error.is_connect() => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// This process (OpenTelemetry semantic conventions, "Service").
fn resource() -> Resource {
    let instance = Uuid::new_v4().to_string();
    let attributes = vec![
        text("service.name", "fieldguard"),
        text("service.version", env!("CARGO_PKG_VERSION")),
        text("service.instance.id", instance),
    ];
    Resource { attributes, ..Resource::default() }
}

fn scope() -> InstrumentationScope {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    InstrumentationScope { name: "fieldguard".to_owned(), version, ..InstrumentationScope::default() }
}

/// An attribute with a text.
fn text(key: &str, value: impl Into<String>) -> KeyValue {
    let value = AnyValue { value: Some(Value::StringValue(value.into())) };
    KeyValue { key: key.to_owned(), value: Some(value), ..KeyValue::default() }
}

/// The time now, for a span or a metric.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a trace has spans of other servers; nothing is decided by this time")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// Nanoseconds since 1970.
fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
