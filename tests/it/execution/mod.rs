//! How documents run, as the GraphQL specification asks: values are held to their types before anything runs, and fields of
//! one response key run once.

mod arguments;
mod merged_fields;
