//! What documents are held to.

use std::time::Duration;

/// What documents are held to on one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// What a caller may learn of the schema.
    pub introspection: Introspection,
    /// What a document may cost.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self { introspection: Introspection::Role, limits: Limits::default() }
    }
}

/// What a caller may learn of the schema by introspection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Introspection {
    /// Nothing.
    Off,
    /// What the caller can reach.
    Role,
    /// Everything.
    Full,
}

/// What a request may cost. Each is a maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body. The transport holds requests to it.
    pub body_bytes: usize,
    /// Bytes of a document.
    pub document_bytes: usize,
    /// Depth to which brackets nest in a document's text.
    pub nesting: usize,
    /// Depth of selection sets, through fragments too.
    pub set_nesting: usize,
    /// Depth of fields.
    pub depth: usize,
    /// Selections, with every fragment counted wherever it is spread.
    pub selections: usize,
    /// Work of finding out whether fields of one name can be merged.
    pub merging: usize,
    /// Fields asked for, with pages multiplied out.
    pub complexity: usize,
    /// Aliases.
    pub aliases: usize,
    /// Fields of the root type.
    pub root_fields: usize,
    /// Directives in a document.
    pub directives: usize,
    /// Depth of variable values.
    pub variable_nesting: usize,
    /// Items of a page.
    pub page_size: usize,
    /// Time an operation may run.
    pub execution: Duration,
    /// Bytes of the answer to a query. The transport holds answers to it.
    pub answer_bytes: usize,
    /// Errors in one answer.
    pub errors: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 65_536,
            document_bytes: 16_384,
            nesting: 32,
            set_nesting: 64,
            depth: 12,
            selections: 1_000,
            merging: 50_000,
            // A page of 100 items with 90 fields each is let through, a page of 100 within each of 100 is not.
            complexity: 10_000,
            aliases: 30,
            root_fields: 10,
            directives: 10,
            variable_nesting: 32,
            page_size: 100,
            execution: Duration::from_secs(10),
            answer_bytes: 4_194_304,
            errors: 20,
        }
    }
}

/// How many items a page has where neither the document nor the schema says so.
pub const DEFAULT_PAGE_SIZE: usize = 20;
