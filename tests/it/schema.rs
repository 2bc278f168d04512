//! `schema.graphql` is the schema the server has.

use std::path::Path;

use fieldguard::{app::commands::Program, guard::testing::compare};

#[test]
fn the_printed_schema_is_in_the_repository() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    compare(&file, &Program::builtin().schema(None), "cargo run -- schema > schema.graphql");
}
