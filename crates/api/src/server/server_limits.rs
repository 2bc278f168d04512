//! `ServerLimits`: the limits on requests.

use async_graphql::SimpleObject;
use fieldguard_guard::guarded;

use crate::settings::Limits;

/// The limits on requests. A request that exceeds a limit is refused before any of it runs.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ServerLimits {
    /// The maximum size of a request body in bytes.
    body_bytes: usize,
    /// The maximum size of a document in bytes.
    document_bytes: usize,
    /// The maximum depth of nested brackets in a document.
    nesting: usize,
    /// The maximum depth of nested selection sets. A fragment counts wherever it is spread.
    set_nesting: usize,
    /// The maximum depth of nested fields.
    depth: usize,
    /// The maximum number of selections. A fragment counts wherever it is spread.
    selections: usize,
    /// The maximum work of checking whether fields can be merged, in comparisons. Each selection set counts with its fields and their arguments. A fragment counts wherever it is spread.
    merging: usize,
    /// The maximum complexity of an operation. Each field counts 1, or its `@cost`, times the sizes of the lists it is in. The size of a list is `first` or `last` (20 by default), or the number of entries in an argument, or its `@listSize`, or 5. An argument with `@cost` adds its cost for each of its entries.
    complexity: usize,
    /// The maximum number of aliases.
    aliases: usize,
    /// The maximum number of root fields.
    root_fields: usize,
    /// The maximum number of directives in a document.
    directives: usize,
    /// The maximum depth of the values of variables.
    variable_nesting: usize,
    /// The maximum size of a page, in items.
    page_size: usize,
    /// The maximum time of an operation in seconds. An operation that computes longer is refused with `QUERY_TOO_COMPLEX`; one that waits longer for the database or for a password hash fails with `SERVICE_UNAVAILABLE`.
    execution_seconds: f64,
    /// The maximum size of the response to a query in bytes.
    answer_bytes: usize,
    /// The maximum number of errors in a response.
    errors: usize,
    /// The maximum number of accounts that can be created from one IP address in an hour. Further calls of `register` are refused with `RATE_LIMITED` and `retryAfter`.
    registrations_per_hour: u32,
}

impl ServerLimits {
    pub(crate) fn new(documents: &Limits, registrations_per_hour: u32) -> Self {
        Self {
            body_bytes: documents.body_bytes,
            document_bytes: documents.document_bytes,
            nesting: documents.nesting,
            set_nesting: documents.set_nesting,
            depth: documents.depth,
            selections: documents.selections,
            merging: documents.merging,
            complexity: documents.complexity,
            aliases: documents.aliases,
            root_fields: documents.root_fields,
            directives: documents.directives,
            variable_nesting: documents.variable_nesting,
            page_size: documents.page_size,
            execution_seconds: documents.execution.as_secs_f64(),
            answer_bytes: documents.answer_bytes,
            errors: documents.errors,
            registrations_per_hour,
        }
    }
}
