//! A span for each request to `/graphql`, with a child for each step that waits (OpenTelemetry semantic conventions for
//! HTTP and GraphQL servers). It has no document, no variable, no address and no header of the client.

use std::{cell::RefCell, time::Instant};

use async_graphql::{Name, parser::types::OperationType};
use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use fieldguard_http::{endpoint::Finished, request_id::RequestId, trace_context::TraceContext};
use fieldguard_trace::{Step, StepKind, Steps, collect};
use uuid::fmt::Hyphenated;

use crate::{
    domain::id::UserId,
    telemetry::otlp::{
        AttributeValue::{Number, Text},
        Attributes, MAX_ATTRIBUTES, Span, SpanKind, Spans, now,
    },
};

/// What traces need.
#[derive(Clone)]
pub struct Traces {
    /// Where spans wait to be sent.
    pub spans: Spans,
    /// How many requests of 100 are traced if the client does not decide.
    pub percent: u32,
    /// The kind of the database, as the semantic conventions name it.
    pub database: &'static str,
}

tokio::task_local! {
    static OPERATION: RefCell<Operation>;
}

/// What is known of the operation at its end.
#[derive(Default)]
struct Operation {
    name: Option<Name>,
    kind: Option<OperationType>,
    caller: Option<UserId>,
    code: Option<String>,
}

/// Notes who sends the operation, if it is traced.
pub(super) fn note_caller(caller: impl FnOnce() -> Option<UserId>) {
    // Without a scope the request is not traced, here and below.
    let _ = OPERATION.try_with(|operation| operation.borrow_mut().caller = caller());
}

/// Notes the name of the operation, if it is traced.
pub(super) fn note_name(name: Option<&Name>) {
    let _ = OPERATION.try_with(|operation| operation.borrow_mut().name = name.cloned());
}

/// Notes how the operation ended, if it is traced.
pub(super) fn note_end(finished: &Finished<'_>) {
    let _ = OPERATION.try_with(|operation| {
        let mut operation = operation.borrow_mut();
        operation.kind = finished.operation;
        operation.code = finished.code.map(str::to_owned);
    });
}

/// Traces a request.
pub async fn layer(State(traces): State<Traces>, request: Request, next: Next) -> Response {
    let context = TraceContext::of(request.headers());
    let trace_id = trace_id(&traces.spans, context, request.extensions().get());
    if !is_sampled(trace_id, context, traces.percent) {
        return next.run(request).await;
    }
    let method = request.method().clone();
    let (began, at) = (Instant::now(), now());
    let observed = OPERATION.scope(RefCell::default(), async {
        let (response, steps) = collect(next.run(request)).await;
        (response, steps, OPERATION.with(RefCell::take))
    });
    let (response, steps, operation) = observed.await;
    let mut caller = [0; Hyphenated::LENGTH];
    let root = Span {
        trace_id,
        id: traces.spans.id(),
        parent_id: context.map_or(0, |context| context.parent_id),
        name: operation.kind.map_or("graphql", kind),
        kind: SpanKind::Server,
        began: at,
        duration: began.elapsed(),
        attributes: attributes(&method, &response, &operation, &steps, &mut caller),
        has_failed: response.status().is_server_error(),
    };
    traces.add(root, began, &steps);
    response
}

impl Traces {
    fn add(&self, root: Span<'_>, began: Instant, steps: &Steps) {
        let (trace_id, parent_id, at) = (root.trace_id, root.id, root.began);
        let children = steps.recorded.iter().map(|step| Span {
            trace_id,
            id: self.spans.id(),
            parent_id,
            name: step_name(step.kind),
            kind: if matches!(step.kind, StepKind::Statement(_)) { SpanKind::Client } else { SpanKind::Internal },
            began: at + step.began.saturating_duration_since(began),
            duration: step.duration,
            attributes: self.step_attributes(step),
            has_failed: step.has_failed,
        });
        self.spans.add(children.chain([root]));
    }
    fn step_attributes(&self, step: &Step) -> Attributes<'static> {
        let mut attributes = [None; MAX_ATTRIBUTES];
        if let StepKind::Statement(keyword) = step.kind {
            attributes[0] = Some(("db.system.name", Text(self.database)));
            attributes[1] = Some(("db.operation.name", Text(keyword)));
        }
        attributes
    }
}

/// The ID of the trace: that of the client, or else the request ID if it has the form of one, so that the log leads to
/// the trace.
fn trace_id(spans: &Spans, context: Option<TraceContext>, id: Option<&RequestId>) -> u128 {
    let of_request =
        || id.filter(|id| id.as_str().len() == 32).and_then(|id| u128::from_str_radix(id.as_str(), 16).ok());
    let given = context.map(|context| context.trace_id).or_else(of_request).filter(|id| *id != 0);
    given.unwrap_or_else(|| u128::from(spans.id()) << 64 | u128::from(spans.id()))
}

/// Whether the trace is recorded: as the client decided, or else for a fixed part of all trace IDs.
fn is_sampled(trace_id: u128, context: Option<TraceContext>, percent: u32) -> bool {
    context.map_or_else(|| trace_id % 100 < u128::from(percent), |context| context.is_sampled)
}

/// The attributes of the whole request. The text of the caller is written to `caller`.
fn attributes<'a>(
    method: &'a Method,
    response: &Response,
    operation: &'a Operation,
    steps: &Steps,
    caller: &'a mut [u8; Hyphenated::LENGTH],
) -> Attributes<'a> {
    let user = operation.caller.map(|user| &*user.uuid().hyphenated().encode_lower(caller));
    [
        Some(("http.request.method", Text(method.as_str()))),
        Some(("url.path", Text("/graphql"))),
        Some(("http.response.status_code", Number(response.status().as_u16().into()))),
        operation.kind.map(|of| ("graphql.operation.type", Text(kind(of)))),
        operation.name.as_deref().map(|name| ("graphql.operation.name", Text(cut(name)))),
        user.map(|user| ("user.id", Text(user))),
        operation.code.as_deref().map(|code| ("error.type", Text(code))),
        (steps.omitted > 0).then_some(("fieldguard.omitted_steps", Number(steps.omitted))),
    ]
}

/// A client must not be able to fill the collector.
fn cut(name: &str) -> &str {
    name.get(..100).unwrap_or(name)
}

const fn kind(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

const fn step_name(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Statement(keyword) => keyword,
        StepKind::PasswordHash => "password hash",
        StepKind::AuditLog => "audit log",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_decides_and_otherwise_the_trace_id() {
        let context = |is_sampled| Some(TraceContext { trace_id: 1, parent_id: 2, is_sampled });
        assert!(is_sampled(99, context(true), 0) && !is_sampled(0, context(false), 100));
        let sampled = |percent| (0..1_000).filter(|id| is_sampled(*id, None, percent)).count();
        assert_eq!((sampled(0), sampled(5), sampled(100)), (0, 50, 1_000));
    }
}
