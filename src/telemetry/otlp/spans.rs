//! The spans that wait to be sent, as protobuf (`opentelemetry/proto/trace/v1/trace.proto`). They are written as such when
//! their request ends: an object for each, with its strings, would cost the request several times as much.

use std::{
    hash::{BuildHasher, RandomState},
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use opentelemetry_proto::tonic::{
    common::v1::InstrumentationScope,
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans},
};
use prost::{
    Message,
    encoding::{WireType, encode_key, encode_varint, encoded_len_varint},
};
use tokio::sync::Notify;

use super::nanoseconds;

/// How many bytes of spans may wait. Further spans are dropped and counted.
const CAPACITY: usize = 4 * 1_024 * 1_024;

/// How many waiting bytes are sent without waiting for more.
const MANY: usize = CAPACITY / 8;

/// The number of the field `spans` in `ScopeSpans`.
const SPANS: u32 = 2;

/// The spans of finished requests. Clones share them.
#[derive(Clone, Default)]
pub struct Spans(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Batch>,
    are_many: Notify,
    dropped: AtomicU64,
    /// Makes IDs: the keyed hash of a counter looks random, and costs no system call.
    keys: RandomState,
    counter: AtomicU64,
}

/// Spans, each as a field of `ScopeSpans`.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    spans: u64,
}

/// One span.
#[derive(Debug)]
pub struct Span<'a> {
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
    pub attributes: Attributes<'a>,
    /// Whether the server failed.
    pub has_failed: bool,
}

/// The names of attributes with their values. In an array, so that a span needs no memory of its own.
pub type Attributes<'a> = [Option<(&'static str, AttributeValue<'a>)>; MAX_ATTRIBUTES];

/// How many attributes a span can have.
pub const MAX_ATTRIBUTES: usize = 8;

/// The value of an attribute.
#[derive(Debug, Clone, Copy)]
pub enum AttributeValue<'a> {
    /// A text.
    Text(&'a str),
    /// A number.
    Number(u32),
}

/// Who did something for whom, with the number in `SpanKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// This server for itself.
    Internal = 1,
    /// This server for a client.
    Server = 2,
    /// Another server for this one.
    Client = 3,
}

impl Spans {
    /// A new ID, never 0.
    #[must_use]
    pub fn id(&self) -> u64 {
        let Shared { keys, counter, .. } = &*self.0;
        keys.hash_one(counter.fetch_add(1, Ordering::Relaxed)).max(1)
    }

    /// Adds the spans of a request.
    pub fn add<'a>(&self, spans: impl Iterator<Item = Span<'a>>) {
        let mut added = Batch::default();
        for span in spans {
            added.push(&span);
        }
        let mut waiting = self.waiting();
        if waiting.bytes.len() + added.bytes.len() > CAPACITY {
            drop(waiting);
            return self.drop_batch(&added);
        }
        let before = waiting.bytes.len();
        waiting.append(&added);
        if before < MANY && waiting.bytes.len() >= MANY {
            self.0.are_many.notify_one();
        }
    }

    /// Adds spans that could not be sent, before those that were added meanwhile. If there is not enough space, the newer
    /// ones are dropped.
    pub(super) fn put_back(&self, mut unsent: Batch) {
        let mut waiting = self.waiting();
        if unsent.bytes.len() + waiting.bytes.len() > CAPACITY {
            self.drop_batch(&waiting);
        } else {
            unsent.append(&waiting);
        }
        *waiting = unsent;
    }

    /// Counts spans that are not sent.
    pub(super) fn drop_batch(&self, batch: &Batch) {
        self.0.dropped.fetch_add(batch.spans, Ordering::Relaxed);
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
    pub(super) fn take(&self) -> Batch {
        mem::take(&mut *self.waiting())
    }

    fn waiting(&self) -> MutexGuard<'_, Batch> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch {
    pub(super) const fn is_empty(&self) -> bool {
        self.spans == 0
    }

    /// `ExportTraceServiceRequest` with these spans.
    pub(super) fn request(&self, resource: Resource, scope: InstrumentationScope) -> Vec<u8> {
        // Parts of a message that follow each other are one message (Protocol Buffers, "Encoding").
        let scope = ScopeSpans { scope: Some(scope), ..ScopeSpans::default() }.encode_to_vec();
        let mut spans = ResourceSpans { resource: Some(resource), ..ResourceSpans::default() }.encode_to_vec();
        let mut request = Vec::with_capacity(self.bytes.len() + 1_024);
        put_head(2, scope.len() + self.bytes.len(), &mut spans);
        spans.extend(scope);
        put_head(1, spans.len() + self.bytes.len(), &mut request);
        request.extend(spans);
        request.extend_from_slice(&self.bytes);
        request
    }

    fn append(&mut self, other: &Self) {
        self.bytes.extend_from_slice(&other.bytes);
        self.spans += other.spans;
    }

    fn push(&mut self, span: &Span<'_>) {
        let encoded = span.encoded();
        put(SPANS, &encoded, &mut self.bytes);
        self.spans += 1;
    }
}

impl Span<'_> {
    /// The message `Span`, with the numbers of its fields.
    fn encoded(&self) -> Vec<u8> {
        let mut to = Vec::with_capacity(512);
        let began = nanoseconds(self.began);
        let duration = u64::try_from(self.duration.as_nanos()).unwrap_or(u64::MAX);
        put(1, &self.trace_id.to_be_bytes(), &mut to);
        put(2, &self.id.to_be_bytes(), &mut to);
        if self.parent_id != 0 {
            put(4, &self.parent_id.to_be_bytes(), &mut to);
        }
        put(5, self.name.as_bytes(), &mut to);
        encode_key(6, WireType::Varint, &mut to);
        encode_varint(self.kind as u64, &mut to);
        for (field, time) in [(7, began), (8, began.saturating_add(duration))] {
            encode_key(field, WireType::SixtyFourBit, &mut to);
            to.extend(time.to_le_bytes());
        }
        for (name, value) in self.attributes.into_iter().flatten() {
            put_attribute(name, value, &mut to);
        }
        if self.has_failed {
            // `Status` with `STATUS_CODE_ERROR`.
            put(15, &[3 << 3, 2], &mut to);
        }
        to
    }
}

/// The field `attributes` of `Span`: a `KeyValue` with the key and an `AnyValue`.
fn put_attribute(key: &str, value: AttributeValue<'_>, to: &mut Vec<u8>) {
    let value_bytes = match value {
        AttributeValue::Text(text) => field_len(text.len()),
        AttributeValue::Number(number) => 1 + encoded_len_varint(number.into()),
    };
    put_head(9, field_len(key.len()) + field_len(value_bytes), to);
    put(1, key.as_bytes(), to);
    put_head(2, value_bytes, to);
    match value {
        AttributeValue::Text(text) => put(1, text.as_bytes(), to),
        AttributeValue::Number(number) => {
            encode_key(3, WireType::Varint, to);
            encode_varint(number.into(), to);
        }
    }
}

/// A field with bytes, a text or a message.
fn put(field: u32, value: &[u8], to: &mut Vec<u8>) {
    put_head(field, value.len(), to);
    to.extend_from_slice(value);
}

fn put_head(field: u32, len: usize, to: &mut Vec<u8>) {
    encode_key(field, WireType::LengthDelimited, to);
    encode_varint(len as u64, to);
}

/// The length of a field below 16 whose value has `len` bytes.
const fn field_len(len: usize) -> usize {
    1 + encoded_len_varint(len as u64) + len
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        common::v1::{AnyValue, KeyValue, any_value::Value},
        trace::v1::{self as proto, Status, status::StatusCode},
    };

    use super::*;

    fn span(name: &'static str) -> Span<'static> {
        Span {
            trace_id: 1,
            id: 2,
            parent_id: 0,
            name,
            kind: SpanKind::Server,
            began: SystemTime::UNIX_EPOCH + Duration::from_secs(1),
            duration: Duration::from_nanos(5),
            attributes: [None; MAX_ATTRIBUTES],
            has_failed: false,
        }
    }

    fn with_text<'a>(name: &'static str, text: &'a str) -> Span<'a> {
        let mut attributes = [None; MAX_ATTRIBUTES];
        attributes[0] = Some(("text", AttributeValue::Text(text)));
        Span { attributes, ..span(name) }
    }

    /// The spans as a collector reads them.
    fn read(batch: &Batch) -> Vec<proto::Span> {
        let scope = InstrumentationScope { name: "test".to_owned(), ..InstrumentationScope::default() };
        let request = batch.request(Resource { dropped_attributes_count: 7, ..Resource::default() }, scope);
        let mut request = ExportTraceServiceRequest::decode(request.as_slice()).unwrap();
        assert_eq!(request.resource_spans.len(), 1);
        let mut of_resource = request.resource_spans.remove(0);
        assert_eq!(of_resource.resource.unwrap().dropped_attributes_count, 7);
        assert_eq!(of_resource.scope_spans.len(), 1);
        let of_scope = of_resource.scope_spans.remove(0);
        assert_eq!(of_scope.scope.unwrap().name, "test");
        of_scope.spans
    }

    fn names(batch: &Batch) -> Vec<String> {
        read(batch).into_iter().map(|span| span.name).collect()
    }

    #[test]
    fn a_collector_reads_what_was_added() {
        let spans = Spans::default();
        let long = "x".repeat(300);
        let mut whole = Span { trace_id: u128::MAX - 1, id: u64::MAX, parent_id: 3, ..with_text("whole", &long) };
        whole.attributes[7] = Some(("number", AttributeValue::Number(70_000)));
        spans.add([span("plain"), Span { kind: SpanKind::Client, has_failed: true, ..whole }].into_iter());
        let attribute = |key: &str, value| KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(value) }),
            ..KeyValue::default()
        };
        let plain = proto::Span {
            trace_id: 1_u128.to_be_bytes().to_vec(),
            span_id: 2_u64.to_be_bytes().to_vec(),
            name: "plain".to_owned(),
            kind: proto::span::SpanKind::Server.into(),
            start_time_unix_nano: 1_000_000_000,
            end_time_unix_nano: 1_000_000_005,
            ..proto::Span::default()
        };
        let whole = proto::Span {
            trace_id: (u128::MAX - 1).to_be_bytes().to_vec(),
            span_id: vec![0xff; 8],
            parent_span_id: 3_u64.to_be_bytes().to_vec(),
            name: "whole".to_owned(),
            kind: proto::span::SpanKind::Client.into(),
            attributes: vec![
                attribute("text", Value::StringValue(long.clone())),
                attribute("number", Value::IntValue(70_000)),
            ],
            status: Some(Status { code: StatusCode::Error.into(), ..Status::default() }),
            ..plain.clone()
        };
        assert_eq!(read(&spans.take()), [plain, whole]);
        assert_eq!(SpanKind::Internal as i32, proto::span::SpanKind::Internal as i32);
    }

    #[test]
    fn spans_over_the_capacity_are_dropped_and_counted() {
        let spans = Spans::default();
        let long = "x".repeat(CAPACITY / 4);
        for _ in 0..3 {
            spans.add([with_text("a", &long)].into_iter());
        }
        spans.add([with_text("b", &long), span("c")].into_iter());
        assert_eq!((spans.dropped(), names(&spans.take()).len()), (2, 3));
        spans.add([span("d")].into_iter());
        assert_eq!(names(&spans.take()), ["d"]);
    }

    #[test]
    fn unsent_spans_wait_before_newer_ones_and_the_newest_are_dropped() {
        let spans = Spans::default();
        let long = "x".repeat(CAPACITY / 2);
        spans.add([span("a"), span("b")].into_iter());
        let unsent = spans.take();
        spans.add([span("c")].into_iter());
        spans.put_back(unsent);
        assert_eq!(names(&spans.take()), ["a", "b", "c"]);
        spans.add([with_text("a", &long)].into_iter());
        let unsent = spans.take();
        spans.add([with_text("b", &long)].into_iter());
        spans.put_back(unsent);
        assert_eq!((spans.dropped(), names(&spans.take())), (1, vec!["a".to_owned()]));
    }

    #[test]
    fn ids_differ() {
        let spans = Spans::default();
        let ids: std::collections::BTreeSet<_> = (0..10_000).map(|_| spans.id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(!ids.contains(&0));
    }
}
