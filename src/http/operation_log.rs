//! One log line for each operation, at the level `debug` of the target `fieldguard::operations`. It has no variables
//! and no document, which may contain passwords. Unless the level is enabled, this does nothing.

use std::time::Instant;

use async_graphql::{Name, Request, Value};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use fieldguard_guard::{caller::Caller, execute::Answer};
use tracing::Level;

use crate::domain::principal::Principal;

/// The target of the lines, for `log.level`.
const TARGET: &str = "fieldguard::operations";

/// Longer operation names are left out: a client must not be able to fill the log.
const NAME_BYTES: usize = 100;

/// What is known of an operation before it runs.
pub(super) struct Line {
    began: Instant,
    document: String,
    principal: Option<String>,
    request_id: String,
}

impl Line {
    /// The beginning of the line, if it will be logged.
    pub(super) fn begin(request: &Request, caller: &Caller, request_id: &str) -> Option<Self> {
        tracing::enabled!(target: TARGET, Level::DEBUG).then(|| Self {
            began: Instant::now(),
            document: hash(&request.query),
            principal: caller.principal::<Principal>().map(|principal| principal.user().to_string()),
            request_id: request_id.to_owned(),
        })
    }

    pub(super) fn write(self, answer: &Answer) {
        let Self { began, document, principal, request_id } = self;
        let microseconds = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (name, principal, code) = (name(answer), principal.as_deref(), code(answer));
        tracing::debug!(target: TARGET, request_id, name, document, principal, code, microseconds, "operation");
    }
}

fn code(answer: &Answer) -> &str {
    let Some(error) = answer.response.errors.first() else { return "OK" };
    match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
        Some(Value::String(code)) => code,
        _ => "OTHER",
    }
}

/// The name of the operation, if it ran and the name is not too long.
fn name(answer: &Answer) -> Option<&str> {
    answer.name.as_ref().map(Name::as_str).filter(|name| name.len() <= NAME_BYTES)
}

/// The SHA-256 of the document, as persisted queries and `sha256sum` spell it.
fn hash(document: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, document.as_bytes()).as_ref())
}
