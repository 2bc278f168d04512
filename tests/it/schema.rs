//! `schema.graphql` matches the schema of the server.

use std::path::Path;

use fieldguard::{app::commands::Program, guard::testing::compare};

#[test]
fn schema_file_matches_the_printed_schema() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    compare(&file, &Program::builtin().schema(None), "cargo run -- schema > schema.graphql");
}
