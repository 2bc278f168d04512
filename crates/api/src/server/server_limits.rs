//! `ServerLimits`: what a request may cost.

use async_graphql::Object;
use fieldguard_guard::guarded;

use crate::settings::Limits;

/// What a request may cost. A request beyond a limit is refused before any of it is done.
pub struct ServerLimits {
    pub(crate) documents: Limits,
    pub(crate) registrations_per_hour: u32,
}

/// What a request may cost. A request beyond a limit is refused before any of it is done.
#[guarded(public)]
#[Object]
impl ServerLimits {
    /// The most bytes a request body may have.
    async fn body_bytes(&self) -> usize {
        self.documents.body_bytes
    }

    /// The most bytes a document may have.
    async fn document_bytes(&self) -> usize {
        self.documents.document_bytes
    }

    /// How deep brackets may nest in the text of a document.
    async fn nesting(&self) -> usize {
        self.documents.nesting
    }

    /// How deep selection sets may nest, every fragment counted wherever it is spread.
    async fn set_nesting(&self) -> usize {
        self.documents.set_nesting
    }

    /// How deep fields may nest.
    async fn depth(&self) -> usize {
        self.documents.depth
    }

    /// The most selections, every fragment counted wherever it is spread.
    async fn selections(&self) -> usize {
        self.documents.selections
    }

    /// The most comparisons it may take to find out whether the fields of a document can be merged. Each selection set counts
    /// with its fields, every fragment counted wherever it is spread, and with the arguments of these fields.
    async fn merging(&self) -> usize {
        self.documents.merging
    }

    /// How much an operation may ask for. Each field counts 1, or what `@cost` says, as often as the lists it stands in may have
    /// entries: as `first` or `last` says, or 20 where neither is given; as many as an argument lists; or what `@listSize`
    /// says, or 5. An argument with `@cost` adds that where it is given, as
    /// often as it has entries.
    async fn complexity(&self) -> usize {
        self.documents.complexity
    }

    /// The most aliases.
    async fn aliases(&self) -> usize {
        self.documents.aliases
    }

    /// The most fields of the root type.
    async fn root_fields(&self) -> usize {
        self.documents.root_fields
    }

    /// The most directives in a document.
    async fn directives(&self) -> usize {
        self.documents.directives
    }

    /// How deep the values of variables may nest.
    async fn variable_nesting(&self) -> usize {
        self.documents.variable_nesting
    }

    /// The most items a page may have.
    async fn page_size(&self) -> usize {
        self.documents.page_size
    }

    /// The most seconds an operation may run. One that computes for most of them is refused with `QUERY_TOO_COMPLEX`. One that waits for the database or for a password hash fails with `SERVICE_UNAVAILABLE`.
    async fn execution_seconds(&self) -> f64 {
        self.documents.execution.as_secs_f64()
    }

    /// The size of the answer to a query, in bytes.
    async fn answer_bytes(&self) -> usize {
        self.documents.answer_bytes
    }

    /// The most errors one answer carries.
    async fn errors(&self) -> usize {
        self.documents.errors
    }

    /// The most accounts that can be made from one address in an hour. Beyond it, `register` is answered with `RATE_LIMITED` and `retryAfter`.
    async fn registrations_per_hour(&self) -> u32 {
        self.registrations_per_hour
    }
}
