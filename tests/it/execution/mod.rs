//! Execution by the GraphQL specification: values are validated before anything runs, and fields with the same response
//! key run once.

mod arguments;
mod merged_fields;
