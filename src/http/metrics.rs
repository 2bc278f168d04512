//! `/metrics`: metrics in the text format of Prometheus. They identify no user. [`crate::accounts::metrics`] and
//! [`super::operations`] define them.

use std::{borrow::Cow, time::Duration};

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::any_service,
};
use fieldguard_http::refusal;
use tokio::time::timeout;

use super::HttpState;
use crate::{
    accounts::metrics::Metrics,
    domain::{mail::MailBacklog, measure::Snapshot, webhook_event::WebhookBacklog},
    telemetry::metrics::{Family, Kind, Sample, Value, text},
};

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// How long the database may take to count the sessions. A scrape shows the other metrics even if it does not answer.
const COUNTING: Duration = Duration::from_millis(500);

/// Marks a request that came over a listener for metrics alone.
#[derive(Clone)]
pub struct OnOwnListener;

/// The routes of a listener for metrics alone, which shows those of the server with this router.
pub fn alone(router: Router) -> Router {
    let shown = router.layer(Extension(OnOwnListener));
    Router::new().route("/metrics", any_service(shown)).fallback(refusal::not_found)
}

/// Shows the metrics, if they are enabled or have a listener of their own.
pub async fn show(State(state): State<HttpState>, own: Option<Extension<OnOwnListener>>) -> Response {
    if !state.metrics && own.is_none() {
        return refusal::not_found().await.into_response();
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text(&families(&state).await)).into_response()
}

/// The metrics now.
pub async fn families(state: &HttpState) -> Vec<Family> {
    let mut page = Page::default();
    page.operations(state);
    page.sign_ins(&state.accounts.metrics());
    page.resources(&state.accounts.metrics());
    page.caches(state);
    if let Some(sessions) = sessions(state).await {
        page.number(
            "sessions",
            Kind::Gauge,
            "Live sessions, of all replicas. A large number can be 10 seconds old.",
            sessions,
        );
    }
    if let Some(tls) = &state.settings.tls {
        let until = u64::try_from(tls.certificate().validity().end().timestamp()).unwrap_or_default();
        let help = "When the TLS certificate expires, in seconds since the Unix epoch.";
        page.number("tls_certificate_expiry_timestamp_seconds", Kind::Gauge, help, until);
    }
    page.webhooks(state).await;
    page.mails(state).await;
    let dropped = (state.dropped_log_lines)();
    page.number("log_lines_dropped_total", Kind::Counter, "Log lines that could not be written.", dropped);
    let dropped = state.traces.as_ref().map_or(0, |traces| traces.spans.dropped());
    let help = "Spans of traces that the collector took too slowly or refused.";
    page.number("trace_spans_dropped_total", Kind::Counter, help, dropped);
    page.0
}

/// The number of live sessions. The query is not canceled, because its connection would be closed.
async fn sessions(state: &HttpState) -> Option<u64> {
    let accounts = state.accounts.clone();
    let counting = tokio::spawn(async move { accounts.session_count().await });
    timeout(COUNTING, counting).await.ok()?.ok()?.ok()
}

/// The webhook events that wait or were given up.
async fn backlog(state: &HttpState) -> Option<(WebhookBacklog, u64)> {
    let accounts = state.accounts.clone();
    let counting = tokio::spawn(async move { accounts.webhook_backlog().await });
    timeout(COUNTING, counting).await.ok()?.ok()?.ok()
}

/// The mails that wait.
async fn mail_backlog(state: &HttpState) -> Option<(MailBacklog, u64)> {
    let accounts = state.accounts.clone();
    let counting = tokio::spawn(async move { accounts.mail_backlog().await });
    timeout(COUNTING, counting).await.ok()?.ok()?.ok()
}

/// The metrics, in their order on the page.
#[derive(Default)]
struct Page(Vec<Family>);

impl Page {
    fn operations(&mut self, state: &HttpState) {
        let operations = &state.operations;
        let help = "Requests to /graphql, by the code of the first error.";
        self.labeled("requests_total", Kind::Counter, help, "code", operations.requests());
        let help = "From the head of a request to its answer, by the type of the operation.";
        self.histograms("request_duration_seconds", help, "type", operations.durations());
        self.number("operations_running", Kind::Gauge, "Operations that are running.", operations.running());
        let help = "Requests in which a field was denied, by field coordinate.";
        self.labeled("denials_total", Kind::Counter, help, "coordinate", operations.denials());
        let help = "Requests that exceeded a limit on requests.";
        self.labeled("limits_exceeded_total", Kind::Counter, help, "limit", operations.limits());
    }

    fn sign_ins(&mut self, metrics: &Metrics) {
        self.number("password_hashes_total", Kind::Counter, "Password hashes computed.", metrics.hashes);
        let help = "Password hashes being computed or queued.";
        self.number("password_hashes_pending", Kind::Gauge, help, count(metrics.hashing));
        let help = "Sign-ins that wait for others of the same name or address before they are hashed.";
        self.number("sign_ins_waiting", Kind::Gauge, help, count(metrics.waiting));
        let help = "Sign-ins with a password, by outcome.";
        self.labeled("sign_ins_total", Kind::Counter, help, "outcome", metrics.sign_ins);
        let help = "Attempts refused by a rate limit.";
        self.labeled("rate_limited_total", Kind::Counter, help, "what", metrics.limited);
    }

    fn resources(&mut self, metrics: &Metrics) {
        let pools = &metrics.pools;
        let used = pools.map(|(pool, usage)| (pool, count(usage.used)));
        self.labeled("database_connections_used", Kind::Gauge, "Database connections in use.", "pool", used);
        let idle = pools.map(|(pool, usage)| (pool, count(usage.idle)));
        self.labeled("database_connections_idle", Kind::Gauge, "Open database connections not in use.", "pool", idle);
        let maximum = pools.map(|(pool, usage)| (pool, count(usage.maximum)));
        let help = "The maximum number of open database connections.";
        self.labeled("database_connections_max", Kind::Gauge, help, "pool", maximum);
        let waiting = pools.map(|(pool, usage)| (pool, count(usage.waiting)));
        self.labeled("database_waiting", Kind::Gauge, "Callers that wait for a database connection.", "pool", waiting);
        let durations = pools.map(|(pool, usage)| (pool, usage.durations));
        let help = "How long a statement took, without the wait for a connection.";
        self.histograms("database_duration_seconds", help, "pool", durations);
        if let Some(age) = metrics.key_age {
            self.number("signing_key_age_seconds", Kind::Gauge, "The time since the signing key was created.", age);
        }
        if let Some(age) = metrics.keys_read {
            let help = "The time since the keys were last compared with the database.";
            self.number("keys_read_age_seconds", Kind::Gauge, help, age);
        }
    }

    async fn webhooks(&mut self, state: &HttpState) {
        let help = "Attempts to deliver webhook events, by outcome.";
        self.labeled("webhook_deliveries_total", Kind::Counter, help, "outcome", state.accounts.metrics().webhooks);
        if let Some((backlog, waited)) = backlog(state).await {
            let states = [("pending", backlog.pending), ("dead", backlog.dead)];
            let help = "Webhook events that wait or were given up, of all replicas.";
            self.labeled("webhook_events", Kind::Gauge, help, "state", states);
            let help = "How long the oldest pending webhook event has waited.";
            self.number("webhook_oldest_pending_seconds", Kind::Gauge, help, waited);
        }
    }

    async fn mails(&mut self, state: &HttpState) {
        let help = "Attempts to send mails, by outcome.";
        self.labeled("mail_deliveries_total", Kind::Counter, help, "outcome", state.accounts.metrics().mails);
        if let Some((backlog, waited)) = mail_backlog(state).await {
            self.number("mails_pending", Kind::Gauge, "Mails that wait, of all replicas.", backlog.pending);
            let help = "How long the oldest pending mail has waited.";
            self.number("mail_oldest_pending_seconds", Kind::Gauge, help, waited);
        }
    }

    fn caches(&mut self, state: &HttpState) {
        let metrics = state.accounts.metrics();
        let [tokens, principals, accounts] = metrics.caches;
        let caches = [("documents", state.executor.document_cache_use()), tokens, principals, accounts];
        let hits = caches.map(|(cache, (hits, _))| (cache, hits));
        self.labeled("cache_hits_total", Kind::Counter, "Lookups that a cache answered.", "cache", hits);
        let misses = caches.map(|(cache, (_, misses))| (cache, misses));
        self.labeled("cache_misses_total", Kind::Counter, "Lookups that a cache did not answer.", "cache", misses);
        let help = "How old the rights of a caller were when the cache of principals answered.";
        let samples = vec![Sample { of: "".into(), value: Value::Durations(metrics.staleness) }];
        self.0.push(Family { name: "principal_age_seconds", kind: Kind::Histogram, help, label: None, samples });
    }

    fn number(&mut self, name: &'static str, kind: Kind, help: &'static str, value: u64) {
        let samples = vec![Sample { of: "".into(), value: Value::Number(value) }];
        self.0.push(Family { name, kind, help, label: None, samples });
    }

    fn labeled<L: Into<Cow<'static, str>>>(
        &mut self,
        name: &'static str,
        kind: Kind,
        help: &'static str,
        label: &'static str,
        values: impl IntoIterator<Item = (L, u64)>,
    ) {
        let sample = |(of, value): (L, u64)| Sample { of: of.into(), value: Value::Number(value) };
        let samples = values.into_iter().map(sample).collect();
        self.0.push(Family { name, kind, help, label: Some(label), samples });
    }

    fn histograms(
        &mut self,
        name: &'static str,
        help: &'static str,
        label: &'static str,
        values: impl IntoIterator<Item = (&'static str, Snapshot)>,
    ) {
        let sample = |(of, value): (&'static str, Snapshot)| Sample { of: of.into(), value: Value::Durations(value) };
        let samples = values.into_iter().map(sample).collect();
        self.0.push(Family { name, kind: Kind::Histogram, help, label: Some(label), samples });
    }
}

/// A count of things in memory.
fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
