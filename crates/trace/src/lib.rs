//! The steps of a request that wait: for the database, for a password hash, for the audit log. Each layer records its own
//! steps, and the layer that handles the request collects them for a trace. Outside of [`collect`], recording does nothing.
//!
//! ```
//! use std::time::Instant;
//!
//! use fieldguard_trace::{StepKind, collect, record};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let (answer, steps) = collect(async {
//!     let began = Instant::now();
//!     record(StepKind::PasswordHash, began, false);
//!     42
//! })
//! .await;
//! assert_eq!((answer, steps.recorded.len()), (42, 1));
//! # });
//! ```

use std::{
    cell::RefCell,
    future::Future,
    time::{Duration, Instant},
};

/// How many steps of one request are kept. A client chooses how many there are.
const MAX_STEPS: usize = 100;

tokio::task_local! {
    static STEPS: RefCell<Steps>;
}

/// The steps of one request, in the order in which they ended.
#[derive(Debug, Default)]
pub struct Steps {
    /// The first 100 steps.
    pub recorded: Vec<Step>,
    /// The number of further steps.
    pub omitted: u32,
}

/// One step.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What it waited for.
    pub kind: StepKind,
    /// When it began.
    pub began: Instant,
    /// How long it took.
    pub duration: Duration,
    /// Whether it failed.
    pub has_failed: bool,
}

/// What a step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// A statement of the database, by its first keyword, such as `SELECT`.
    Statement(&'static str),
    /// A password hash, with the wait for a thread.
    PasswordHash,
    /// The commit of audit events that belong to no change, with the wait for others.
    AuditLog,
}

/// Runs `work` and returns its output with the steps that were recorded meanwhile, in the same task.
pub async fn collect<F: Future>(work: F) -> (F::Output, Steps) {
    let observed = async {
        let output = work.await;
        (output, STEPS.with(RefCell::take))
    };
    STEPS.scope(RefCell::default(), observed).await
}

/// Records a step that ends now, if the request is traced.
pub fn record(kind: StepKind, began: Instant, has_failed: bool) {
    // Without a scope, no trace collects the steps.
    let _ = STEPS.try_with(|steps| {
        let mut steps = steps.borrow_mut();
        if steps.recorded.len() < MAX_STEPS {
            steps.recorded.push(Step { kind, began, duration: began.elapsed(), has_failed });
        } else {
            steps.omitted = steps.omitted.saturating_add(1);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn steps_belong_to_the_request_that_took_them() {
        let take = async |kind| {
            tokio::task::yield_now().await;
            record(kind, Instant::now(), false);
        };
        let (one, other) = tokio::join!(
            collect(take(StepKind::PasswordHash)),
            collect(async {
                take(StepKind::AuditLog).await;
                take(StepKind::Statement("SELECT")).await;
            }),
        );
        let kinds = |steps: &Steps| steps.recorded.iter().map(|step| step.kind).collect::<Vec<_>>();
        assert_eq!(kinds(&one.1), [StepKind::PasswordHash]);
        assert_eq!(kinds(&other.1), [StepKind::AuditLog, StepKind::Statement("SELECT")]);
        // This one is not collected.
        record(StepKind::AuditLog, Instant::now(), false);
    }

    #[tokio::test]
    async fn a_request_keeps_a_limited_number_of_steps() {
        let ((), steps) = collect(async {
            for _ in 0..MAX_STEPS + 3 {
                record(StepKind::PasswordHash, Instant::now(), true);
            }
        })
        .await;
        assert_eq!((steps.recorded.len(), steps.omitted), (MAX_STEPS, 3));
        assert!(steps.recorded[0].has_failed);
    }
}
