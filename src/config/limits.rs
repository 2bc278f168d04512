//! Limits on what a request may cost (`[limits]`). Says how much; whoever applies a limit decides how it is counted.

use std::time::Duration;

/// Limits on requests; sizes in bytes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The size of a request's body. Default 65,536.
    pub body_bytes: usize,
    /// The size of a GraphQL document. Default 16,384.
    pub document_bytes: usize,
    /// How deep brackets may nest in a document. Default 32.
    pub nesting: usize,
    /// How deep selection sets may nest, fragments expanded. Default 64.
    pub set_nesting: usize,
    /// How deep fields may nest, fragments expanded. Default 12.
    pub depth: usize,
    /// How many selections there may be, fragments expanded. Default 1,000.
    pub selections: usize,
    /// How many comparisons it may take to find out whether fields can be merged. Default 50,000.
    pub merging: usize,
    /// How many fields may be asked for, pages multiplied out. Default 10,000.
    pub complexity: usize,
    /// How many aliases there may be. Default 30.
    pub aliases: usize,
    /// How many root fields there may be. Default 10.
    pub root_fields: usize,
    /// How many directives there may be. Default 10.
    pub directives: usize,
    /// How deep a variable's value may nest. Default 32.
    pub variable_nesting: usize,
    /// How many entries a page of a list may have. Default 100.
    pub page_size: usize,
    /// How long an operation may run. Default 10 seconds.
    pub execution: Duration,
    /// How long one use of the database may take. Default 3.5 s.
    pub database: Duration,
    /// How many errors an answer may list. Default 20.
    pub errors: usize,
    /// How long a client may take to send its headers. Default 10 seconds.
    pub header_timeout: Duration,
    /// How long a client may take to send a body. Default 10 seconds.
    pub body_timeout: Duration,
    /// How long a connection may stay unused. Default 60 seconds.
    pub idle_timeout: Duration,
    /// How many headers a request may have. Default 100.
    pub headers: usize,
    /// The size of all headers of a request together. Default 16,384.
    pub header_bytes: usize,
    /// The size of a URL, which with GET holds the document. Default 8,192.
    pub uri_bytes: usize,
    /// The size of the answer to a query. Default 4,194,304.
    pub answer_bytes: usize,
    /// How many bytes of answers may wait for clients to take them, over all connections. Default 67,108,864.
    pub pending_answer_bytes: usize,
    /// How many connections may be open. Default 10,000.
    pub connections: usize,
    /// How many accounts may be made from one address in an hour. Default 100.
    pub registrations_per_hour: u32,
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
            // A document of people's has some hundreds; with this much, the library's complaints take some megabytes.
            merging: 50_000,
            // A page of 100 accounts with 90 fields each is let through, a page of 100 within each of 100 is not.
            complexity: 10_000,
            aliases: 30,
            root_fields: 10,
            directives: 10,
            variable_nesting: 32,
            page_size: 100,
            execution: Duration::from_secs(10),
            database: Duration::from_millis(3_500),
            errors: 20,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(1),
            headers: 100,
            header_bytes: 16_384,
            uri_bytes: 8_192,
            // Ten times what introspection of Fieldguard's own schema answers.
            answer_bytes: 4_194_304,
            pending_answer_bytes: 67_108_864,
            connections: 10_000,
            registrations_per_hour: 100,
        }
    }
}
