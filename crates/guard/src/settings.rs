//! Settings for introspection and limits.

use std::time::Duration;

use fieldguard_policy::permission::Permission;

/// The settings of one server for documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// What introspection shows to a caller.
    pub introspection: Introspection,
    /// The permission with which a caller sees the whole schema where others see their part.
    pub schema_permission: Option<Permission>,
    /// The limits on documents.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self { introspection: Introspection::Role, schema_permission: None, limits: Limits::default() }
    }
}

/// What introspection shows to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Introspection {
    /// Nothing.
    Off,
    /// The part of the schema that the caller sees.
    Role,
    /// The whole schema.
    Full,
}

/// The limits on a request. Each is a maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body. The transport enforces it.
    pub body_bytes: usize,
    /// Bytes of a document.
    pub document_bytes: usize,
    /// Nesting of brackets in a document's text.
    pub nesting: usize,
    /// Nesting of selection sets, including those of fragments.
    pub set_nesting: usize,
    /// Nesting of fields.
    pub depth: usize,
    /// Selections. A fragment counts once per spread.
    pub selections: usize,
    /// Work to check whether fields with the same name can be merged.
    pub merging: usize,
    /// Cost of all fields, multiplied by page sizes.
    pub complexity: usize,
    /// Aliases.
    pub aliases: usize,
    /// Fields of the root type.
    pub root_fields: usize,
    /// Directives in a document.
    pub directives: usize,
    /// Nesting of variable values.
    pub variable_nesting: usize,
    /// Items per page.
    pub page_size: usize,
    /// Execution time of an operation.
    pub execution: Duration,
    /// Bytes of the answer to a query. The transport enforces it.
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
            // Allows a page of 100 items with 90 fields each, but not a page of 100 items that each contain a page of
            // 100.
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

/// The page size if neither the document nor the schema sets one.
pub const DEFAULT_PAGE_SIZE: usize = 20;
