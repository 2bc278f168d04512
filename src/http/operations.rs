//! Counts requests to `/graphql`, for [`super::metrics`]. All labels are from fixed lists or from the schema, so no
//! client can add one.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use async_graphql::parser::types::OperationType;
use fieldguard_http::endpoint::Finished;

use crate::domain::measure::{Histogram, Snapshot};

/// The label of a request without errors.
const OK: &str = "OK";

/// The label of codes and limits that only the schema of an adopter has.
const OTHER: &str = "OTHER";

/// `extensions.code` of the first error. The first and the last are not codes.
pub(super) const CODES: [&str; 18] = [
    OK,
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "INVALID_CREDENTIALS",
    "INVALID_CHALLENGE",
    "INVALID_REFRESH_TOKEN",
    "BAD_USER_INPUT",
    "CONFLICT",
    "NOT_FOUND",
    "RATE_LIMITED",
    "SERVICE_UNAVAILABLE",
    "QUERY_TOO_COMPLEX",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_RESOLUTION_FAILURE",
    "BAD_REQUEST",
    "INTERNAL_SERVER_ERROR",
    OTHER,
];

/// `extensions.limit`. The last is none.
pub(super) const LIMITS: [&str; 16] = [
    "aliases",
    "answerBytes",
    "bodyBytes",
    "complexity",
    "depth",
    "directives",
    "documentBytes",
    "executionSeconds",
    "introspectionComplexity",
    "merging",
    "nesting",
    "rootFields",
    "selections",
    "setNesting",
    "variableNesting",
    OTHER,
];

/// The types of operations. Requests that run none have the last.
pub(super) const TYPES: [&str; 3] = ["query", "mutation", "none"];

/// What this process has counted since its start.
#[derive(Default)]
pub struct Operations {
    requests: [AtomicU64; CODES.len()],
    limits: [AtomicU64; LIMITS.len()],
    durations: [Histogram; TYPES.len()],
    /// Only requests with a denial take the lock.
    denials: Mutex<BTreeMap<String, u64>>,
    running: AtomicI64,
}

/// A running operation. Counted until dropped.
pub(super) struct Running<'a>(&'a AtomicI64);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Operations {
    pub(super) fn begin(&self) -> Running<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(&self.running)
    }

    pub(super) fn finished(&self, request: &Finished<'_>) {
        let count = |counts: &[AtomicU64], index: usize| counts[index].fetch_add(1, Ordering::Relaxed);
        count(&self.requests, request.code.map_or(0, |code| place(&CODES, code)));
        if let Some(limit) = request.limit {
            count(&self.limits, place(&LIMITS, limit));
        }
        let kind = match request.operation {
            Some(OperationType::Query) => 0,
            Some(OperationType::Mutation) => 1,
            Some(OperationType::Subscription) | None => 2,
        };
        self.durations[kind].record(request.duration);
        if !request.denied.is_empty() {
            let mut denials = self.denials.lock().unwrap_or_else(PoisonError::into_inner);
            for coordinate in request.denied {
                *denials.entry(coordinate.clone()).or_default() += 1;
            }
        }
    }

    pub(super) fn requests(&self) -> [(&'static str, u64); CODES.len()] {
        std::array::from_fn(|index| (CODES[index], self.requests[index].load(Ordering::Relaxed)))
    }

    pub(super) fn limits(&self) -> [(&'static str, u64); LIMITS.len()] {
        std::array::from_fn(|index| (LIMITS[index], self.limits[index].load(Ordering::Relaxed)))
    }

    pub(super) fn durations(&self) -> [(&'static str, Snapshot); TYPES.len()] {
        std::array::from_fn(|index| (TYPES[index], self.durations[index].snapshot()))
    }

    pub(super) fn denials(&self) -> BTreeMap<String, u64> {
        self.denials.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn running(&self) -> u64 {
        u64::try_from(self.running.load(Ordering::Relaxed)).unwrap_or_default()
    }
}

/// The index of `label` in `labels`; the last for an unknown one.
fn place(labels: &[&str], label: &str) -> usize {
    labels.iter().position(|known| *known == label).unwrap_or(labels.len() - 1)
}

#[cfg(test)]
mod tests {
    use fieldguard_api::error::Code;
    use fieldguard_guard::code;

    use super::*;

    #[test]
    fn every_code_of_this_server_has_a_label() {
        for code in code::Code::ALL {
            assert!(CODES[1..].contains(&code.as_str()), "{code:?}");
        }
        for item in <Code as async_graphql::resolver_utils::EnumType>::items() {
            assert!(CODES[1..].contains(&item.value.as_str()), "{}", item.name);
        }
    }

    #[test]
    fn unknown_labels_are_counted_together() {
        assert_eq!((place(&CODES, "CONFLICT"), place(&CODES, "MY_OWN"), place(&CODES, "")), (7, 17, 17));
    }
}
