//! Limits on the cost of a request (`[limits]`).

use std::time::Duration;

/// Limits on requests. Sizes are in bytes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The maximum size of a request body. Default 65,536.
    pub body_bytes: usize,
    /// The maximum size of a GraphQL document. Default 16,384.
    pub document_bytes: usize,
    /// The maximum nesting of brackets in a document. Default 32.
    pub nesting: usize,
    /// The maximum nesting of selection sets, with fragments expanded. Default 64.
    pub set_nesting: usize,
    /// The maximum nesting of fields, with fragments expanded. Default 12.
    pub depth: usize,
    /// The maximum number of selections, with fragments expanded. Default 1,000.
    pub selections: usize,
    /// The maximum number of comparisons to check whether fields can be merged. Default 50,000.
    pub merging: usize,
    /// The maximum number of requested fields, multiplied by page sizes. Default 10,000.
    pub complexity: usize,
    /// The maximum number of aliases. Default 30.
    pub aliases: usize,
    /// The maximum number of root fields. Default 10.
    pub root_fields: usize,
    /// The maximum number of directives. Default 10.
    pub directives: usize,
    /// The maximum nesting of a variable's value. Default 32.
    pub variable_nesting: usize,
    /// The maximum size of a page. Default 100.
    pub page_size: usize,
    /// The maximum run time of an operation. Default 10 seconds.
    pub execution: Duration,
    /// The maximum time of one database access. Default 3.5 seconds.
    pub database: Duration,
    /// The maximum number of errors in a response. Default 20.
    pub errors: usize,
    /// The maximum time to receive the headers of a request. Default 10 seconds.
    pub header_timeout: Duration,
    /// The maximum time to receive the body of a request. Default 10 seconds.
    pub body_timeout: Duration,
    /// The maximum time that a connection may stay idle. Default 60 seconds.
    pub idle_timeout: Duration,
    /// The maximum number of headers of a request. Default 100.
    pub headers: usize,
    /// The maximum size of all headers of a request. Default 16,384.
    pub header_bytes: usize,
    /// The maximum size of a URL, which contains the document in GET requests. Default 8,192.
    pub uri_bytes: usize,
    /// The maximum size of the response to a query. Default 4,194,304.
    pub answer_bytes: usize,
    /// The maximum size of all responses that wait for their clients, over all connections. Default 67,108,864.
    pub pending_answer_bytes: usize,
    /// The maximum number of open connections. Default 10,000.
    pub connections: usize,
    /// The maximum number of registrations from one address per hour. Default 100.
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
            // Handwritten documents need some hundreds. At this limit, the library's error messages take some
            // megabytes.
            merging: 50_000,
            // Allows a page of 100 accounts with 90 fields each, but not a page of 100 within each of 100 items.
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
            // Ten times the size of the introspection response of Fieldguard's own schema.
            answer_bytes: 4_194_304,
            pending_answer_bytes: 67_108_864,
            connections: 10_000,
            registrations_per_hour: 100,
        }
    }
}
