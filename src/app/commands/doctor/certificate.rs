//! The TLS certificate, if the server speaks TLS itself.

use chrono::{DateTime, Utc};

use super::Finding;
use crate::{app::tls, config::Config};

const CHECK: &str = "certificate";

pub(super) fn check(config: &Config, now: DateTime<Utc>) -> Vec<Finding> {
    let certificate = match tls::read(config) {
        Err(problem) => return vec![Finding::problem(CHECK, problem.to_string())],
        Ok(None) => return Vec::new(),
        Ok(Some(certificate)) => certificate,
    };
    let until = *certificate.validity().end();
    let warnings = tls::warnings(config, &certificate, now);
    if warnings.is_empty() {
        return vec![Finding::ok(CHECK, format!("valid until {}", until.date_naive()))];
    }
    let is_refused = until < now;
    warnings
        .into_iter()
        .map(|text| if is_refused { Finding::problem(CHECK, text) } else { Finding::warning(CHECK, text) })
        .collect()
}
