//! `/metrics`: metrics in the text format of Prometheus. They identify no user. [`crate::accounts::metrics`] and
//! [`super::operations`] define them.
//!
//! Most values are read where they are kept, and no recording looks a label up by its text. So this writes the format
//! itself: a library would hold a copy of each value.

use std::{
    fmt::{Display, Write as _},
    time::Duration,
};

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use fieldguard_http::refusal;
use tokio::time::timeout;

use super::HttpState;
use crate::{
    accounts::metrics::Metrics,
    domain::{
        measure::{BOUNDS, Snapshot},
        webhook_event::WebhookBacklog,
    },
};

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// How long the database may take to count the sessions. A scrape shows the other metrics even if it does not answer.
const COUNTING: Duration = Duration::from_millis(500);

/// Shows the metrics, if they are enabled.
pub async fn show(State(state): State<HttpState>) -> Response {
    if !state.metrics {
        return refusal::not_found().await.into_response();
    }
    let mut page = Page::default();
    page.operations(&state);
    page.sign_ins(&state.accounts.metrics());
    page.resources(&state.accounts.metrics());
    page.caches(&state);
    if let Some(sessions) = sessions(&state).await {
        page.number(
            "sessions",
            "gauge",
            "Live sessions, of all replicas. A large number can be 10 seconds old.",
            sessions,
        );
    }
    page.webhooks(&state).await;
    let dropped = (state.dropped_log_lines)();
    page.number("log_lines_dropped_total", "counter", "Log lines that could not be written.", dropped);
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], page.0).into_response()
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

/// The text of the page.
#[derive(Default)]
struct Page(String);

impl Page {
    fn operations(&mut self, state: &HttpState) {
        let operations = &state.operations;
        let help = "Requests to /graphql, by the code of the first error.";
        self.labeled("requests_total", "counter", help, "code", &operations.requests());
        let help = "From the head of a request to its answer, by the type of the operation.";
        self.histograms("request_duration_seconds", help, "type", &operations.durations());
        self.number("operations_running", "gauge", "Operations that are running.", operations.running());
        let denials: Vec<_> = operations.denials().into_iter().collect();
        let help = "Requests in which a field was denied, by field coordinate.";
        self.labeled("denials_total", "counter", help, "coordinate", &denials);
        let help = "Requests that exceeded a limit on requests.";
        self.labeled("limits_exceeded_total", "counter", help, "limit", &operations.limits());
    }

    fn sign_ins(&mut self, metrics: &Metrics) {
        self.number("password_hashes_total", "counter", "Password hashes computed.", metrics.hashes);
        let help = "Password hashes being computed or queued.";
        self.number("password_hashes_pending", "gauge", help, metrics.hashing);
        let help = "Sign-ins that wait for others of the same name or address before they are hashed.";
        self.number("sign_ins_waiting", "gauge", help, metrics.waiting);
        let help = "Sign-ins with a password, by outcome.";
        self.labeled("sign_ins_total", "counter", help, "outcome", &metrics.sign_ins);
        let help = "Attempts refused by a rate limit.";
        self.labeled("rate_limited_total", "counter", help, "what", &metrics.limited);
    }

    fn resources(&mut self, metrics: &Metrics) {
        let pools = &metrics.pools;
        let used = pools.map(|(pool, usage)| (pool, usage.used));
        self.labeled("database_connections_used", "gauge", "Database connections in use.", "pool", &used);
        let idle = pools.map(|(pool, usage)| (pool, usage.idle));
        self.labeled("database_connections_idle", "gauge", "Open database connections not in use.", "pool", &idle);
        let maximum = pools.map(|(pool, usage)| (pool, usage.maximum));
        let help = "The maximum number of open database connections.";
        self.labeled("database_connections_max", "gauge", help, "pool", &maximum);
        let waiting = pools.map(|(pool, usage)| (pool, usage.waiting));
        self.labeled("database_waiting", "gauge", "Callers that wait for a database connection.", "pool", &waiting);
        let durations = pools.map(|(pool, usage)| (pool, usage.durations));
        let help = "How long a statement took, without the wait for a connection.";
        self.histograms("database_duration_seconds", help, "pool", &durations);
        if let Some(age) = metrics.key_age {
            self.number("signing_key_age_seconds", "gauge", "The time since the signing key was created.", age);
        }
        if let Some(age) = metrics.keys_read {
            let help = "The time since the keys were last compared with the database.";
            self.number("keys_read_age_seconds", "gauge", help, age);
        }
    }

    async fn webhooks(&mut self, state: &HttpState) {
        let help = "Attempts to deliver webhook events, by outcome.";
        self.labeled("webhook_deliveries_total", "counter", help, "outcome", &state.accounts.metrics().webhooks);
        if let Some((backlog, waited)) = backlog(state).await {
            let states = [("pending", backlog.pending), ("dead", backlog.dead)];
            let help = "Webhook events that wait or were given up, of all replicas.";
            self.labeled("webhook_events", "gauge", help, "state", &states);
            let help = "How long the oldest pending webhook event has waited.";
            self.number("webhook_oldest_pending_seconds", "gauge", help, waited);
        }
    }

    fn caches(&mut self, state: &HttpState) {
        let metrics = state.accounts.metrics();
        let [tokens, principals, accounts] = metrics.caches;
        let caches = [("documents", state.executor.document_cache_use()), tokens, principals, accounts];
        let hits = caches.map(|(cache, (hits, _))| (cache, hits));
        self.labeled("cache_hits_total", "counter", "Lookups that a cache answered.", "cache", &hits);
        let misses = caches.map(|(cache, (_, misses))| (cache, misses));
        self.labeled("cache_misses_total", "counter", "Lookups that a cache did not answer.", "cache", &misses);
        let help = "How old the rights of a caller were when the cache of principals answered.";
        self.head("principal_age_seconds", "histogram", help);
        self.buckets("principal_age_seconds", "", &metrics.staleness);
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(self.0, "# HELP fieldguard_{name} {help}\n# TYPE fieldguard_{name} {kind}");
    }

    fn number(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.head(name, kind, help);
        let _ = writeln!(self.0, "fieldguard_{name} {value}");
    }

    /// No value of a label has a character that must be escaped: all are fixed or names of the schema.
    fn labeled(&mut self, name: &str, kind: &str, help: &str, label: &str, samples: &[(impl Display, impl Display)]) {
        self.head(name, kind, help);
        for (of, value) in samples {
            let _ = writeln!(self.0, "fieldguard_{name}{{{label}=\"{of}\"}} {value}");
        }
    }

    fn histograms(&mut self, name: &str, help: &str, label: &str, samples: &[(&str, Snapshot)]) {
        self.head(name, "histogram", help);
        for (of, snapshot) in samples {
            self.buckets(name, &format!("{label}=\"{of}\""), snapshot);
        }
    }

    fn buckets(&mut self, name: &str, label: &str, snapshot: &Snapshot) {
        let separator = if label.is_empty() { "" } else { "," };
        let bounds = BOUNDS.iter().map(|bound| in_seconds(*bound)).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(snapshot.cumulative) {
            let _ = writeln!(self.0, "fieldguard_{name}_bucket{{{label}{separator}le=\"{bound}\"}} {count}");
        }
        let braces = if label.is_empty() { String::new() } else { format!("{{{label}}}") };
        let (sum, count) = (in_seconds(snapshot.microseconds), snapshot.cumulative[BOUNDS.len()]);
        let _ = writeln!(self.0, "fieldguard_{name}_sum{braces} {sum}\nfieldguard_{name}_count{braces} {count}");
    }
}

fn in_seconds(microseconds: u64) -> String {
    Duration::from_micros(microseconds).as_secs_f64().to_string()
}
