//! `/metrics`: metrics in the text format of Prometheus. They identify no user. [`crate::accounts::metrics`] defines
//! them.

use std::fmt::Write as _;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use fieldguard_http::refusal;

use super::HttpState;
use crate::accounts::metrics::Metrics;

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Shows the metrics, if they are enabled.
pub async fn show(State(state): State<HttpState>) -> Response {
    if !state.metrics {
        return refusal::not_found().await.into_response();
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text(&state.accounts.metrics(), (state.dropped_log_lines)()))
        .into_response()
}

fn text(metrics: &Metrics, dropped_log_lines: u64) -> String {
    let mut text = String::new();
    let hashes = [(String::new(), metrics.hashes)];
    let hashing = [(String::new(), metrics.hashing as u64)];
    let by = |label: &str, values: &[(&str, u64)]| -> Vec<_> {
        values.iter().map(|(value, count)| (format!("{{{label}=\"{value}\"}}"), *count)).collect()
    };
    family(&mut text, "password_hashes_total", "counter", "Password hashes computed.", &hashes);
    family(&mut text, "password_hashes_pending", "gauge", "Password hashes being computed or queued.", &hashing);
    let waiting = [(String::new(), metrics.waiting as u64)];
    let help = "Sign-ins that wait for others of the same name or address before they are hashed.";
    family(&mut text, "sign_ins_waiting", "gauge", help, &waiting);
    let sign_ins = by("outcome", &metrics.sign_ins);
    family(&mut text, "sign_ins_total", "counter", "Sign-ins with a password, by outcome.", &sign_ins);
    let limited = by("what", &metrics.limited);
    family(&mut text, "rate_limited_total", "counter", "Attempts refused by a rate limit.", &limited);
    let dropped = [(String::new(), dropped_log_lines)];
    family(&mut text, "log_lines_dropped_total", "counter", "Log lines that could not be written.", &dropped);
    text
}

fn family(text: &mut String, name: &str, kind: &str, help: &str, samples: &[(String, u64)]) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# HELP fieldguard_{name} {help}\n# TYPE fieldguard_{name} {kind}");
    for (labels, value) in samples {
        let _ = writeln!(text, "fieldguard_{name}{labels} {value}");
    }
}
