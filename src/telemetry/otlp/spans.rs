//! The spans that wait to be sent.

use std::{
    hash::{BuildHasher, RandomState},
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{InstrumentationScope, KeyValue},
    resource::v1::Resource,
    trace::v1::{self as proto, ResourceSpans, ScopeSpans, Status, span, status::StatusCode},
};
use tokio::sync::Notify;

use super::nanoseconds;

/// How many spans may wait, about 4 MiB. Further ones are dropped and counted.
const CAPACITY: usize = 8_192;

/// How many waiting spans are sent without waiting for more.
const MANY: usize = 2_048;

/// The spans of finished requests. Clones share them.
#[derive(Clone, Default)]
pub struct Spans(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Vec<proto::Span>>,
    are_many: Notify,
    dropped: AtomicU64,
    /// Makes IDs: the keyed hash of a counter looks random, and costs no system call.
    keys: RandomState,
    counter: AtomicU64,
}

/// One span.
#[derive(Debug)]
pub struct Span {
    /// The ID of its trace.
    pub trace_id: u128,
    /// Its own ID.
    pub id: u64,
    /// The ID of the span that it is a part of; 0 for none.
    pub parent_id: u64,
    /// What was done.
    pub name: &'static str,
    /// Who did it for whom.
    pub kind: SpanKind,
    /// When it began.
    pub began: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// What else is known.
    pub attributes: Vec<KeyValue>,
    /// Whether the server failed.
    pub has_failed: bool,
}

/// Who did something for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// This server for a client.
    Server,
    /// Another server for this one.
    Client,
    /// This server for itself.
    Internal,
}

impl Spans {
    /// A new ID, never 0.
    #[must_use]
    pub fn id(&self) -> u64 {
        let Shared { keys, counter, .. } = &*self.0;
        keys.hash_one(counter.fetch_add(1, Ordering::Relaxed)).max(1)
    }

    /// Adds the spans of a request.
    pub fn add(&self, spans: impl Iterator<Item = Span>) {
        let spans: Vec<_> = spans.map(proto::Span::from).collect();
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() + spans.len() > CAPACITY {
            self.drop_all(&spans);
            return;
        }
        let before = waiting.len();
        waiting.extend(spans);
        if before < MANY && waiting.len() >= MANY {
            self.0.are_many.notify_one();
        }
    }

    /// Adds spans that could not be sent, before those that were added meanwhile.
    pub(super) fn put_back(&self, mut unsent: Vec<proto::Span>) {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let free = CAPACITY.saturating_sub(waiting.len());
        if unsent.len() > free {
            self.drop_all(&unsent.split_off(free));
        }
        unsent.append(&mut waiting);
        *waiting = unsent;
    }

    /// Counts spans that are not sent.
    pub(super) fn drop_all(&self, spans: &[proto::Span]) {
        self.0.dropped.fetch_add(u64::try_from(spans.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How many spans were dropped because the collector took them too slowly, or refused them.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Returns when many spans wait.
    pub(super) async fn are_many(&self) {
        self.0.are_many.notified().await;
    }

    /// The waiting spans, which wait no longer.
    pub(super) fn take(&self) -> Vec<proto::Span> {
        mem::take(&mut *self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl From<Span> for proto::Span {
    fn from(span: Span) -> Self {
        let Span { trace_id, id, parent_id, name, kind, began, duration, attributes, has_failed } = span;
        let began = nanoseconds(began);
        let kind = match kind {
            SpanKind::Server => span::SpanKind::Server,
            SpanKind::Client => span::SpanKind::Client,
            SpanKind::Internal => span::SpanKind::Internal,
        };
        let failure = Status { code: StatusCode::Error.into(), ..Status::default() };
        Self {
            trace_id: trace_id.to_be_bytes().to_vec(),
            span_id: id.to_be_bytes().to_vec(),
            parent_span_id: if parent_id == 0 { Vec::new() } else { parent_id.to_be_bytes().to_vec() },
            name: name.to_owned(),
            kind: kind.into(),
            start_time_unix_nano: began,
            end_time_unix_nano: began.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)),
            attributes,
            status: has_failed.then_some(failure),
            ..Self::default()
        }
    }
}

/// The request with these spans.
pub(super) fn request(
    resource: Resource,
    scope: InstrumentationScope,
    spans: Vec<proto::Span>,
) -> ExportTraceServiceRequest {
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() }];
    let spans = ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![spans] }
}

/// The spans of a request.
pub(super) fn of(request: ExportTraceServiceRequest) -> Vec<proto::Span> {
    let scopes = request.resource_spans.into_iter().flat_map(|spans| spans.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(name: &'static str) -> Span {
        Span {
            trace_id: 1,
            id: 2,
            parent_id: 0,
            name,
            kind: SpanKind::Server,
            began: SystemTime::UNIX_EPOCH + Duration::from_secs(1),
            duration: Duration::from_nanos(5),
            attributes: Vec::new(),
            has_failed: false,
        }
    }

    #[test]
    fn spans_over_the_capacity_are_dropped_and_counted() {
        let spans = Spans::default();
        for _ in 0..CAPACITY {
            spans.add([span("a")].into_iter());
        }
        spans.add([span("b"), span("c")].into_iter());
        assert_eq!((spans.dropped(), spans.take().len()), (2, CAPACITY));
        spans.add([span("d")].into_iter());
        let kept = spans.take();
        assert_eq!((kept.len(), kept[0].name.as_str()), (1, "d"));
        assert_eq!((kept[0].start_time_unix_nano, kept[0].end_time_unix_nano), (1_000_000_000, 1_000_000_005));
    }

    #[test]
    fn unsent_spans_wait_before_newer_ones_and_the_newest_are_dropped() {
        let spans = Spans::default();
        let name = |span: &proto::Span| span.name.clone();
        spans.add([span("a"), span("b")].into_iter());
        let unsent = spans.take();
        spans.add([span("c")].into_iter());
        spans.put_back(unsent);
        assert_eq!(spans.take().iter().map(name).collect::<Vec<_>>(), ["a", "b", "c"]);
        spans.add((0..CAPACITY - 1).map(|_| span("c")));
        spans.put_back(vec![span("a").into(), span("b").into()]);
        let kept = spans.take();
        assert_eq!((kept.len(), name(&kept[0]).as_str(), name(&kept[1]).as_str()), (CAPACITY, "a", "c"));
        assert_eq!(spans.dropped(), 1);
    }

    #[test]
    fn ids_differ() {
        let spans = Spans::default();
        let ids: std::collections::BTreeSet<_> = (0..10_000).map(|_| spans.id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(!ids.contains(&0));
    }
}
