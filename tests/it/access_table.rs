//! The access table of the built-in roles in the repository, and the faults that the schema must not have.

use std::path::Path;

use fieldguard::{
    api::{self, CONVENTIONS},
    app::commands::Program,
    domain::rule::Rule,
    guard::{
        registry::{self, Fault},
        testing::compare,
    },
};
use fieldguard_test_macros::on_each_database;

use crate::{app::each, walk::schema::Map};

/// Root fields that cannot fail. Only these may be non-null: if another field fails, a non-null type turns its siblings
/// into null too.
const NEVER_FAIL: &[&str] = &["Query.serverInfo"];

#[on_each_database]
async fn access_table_file_matches_the_built_in_roles() {
    each(async |server| {
        let accounts = server.app.accounts();
        let table = Program::builtin().access_table(&accounts.roles().await.unwrap());
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/access.txt");
        let renew = "d=$(mktemp -d); cargo run -- --data-dir \"$d\" migrate && cargo run -- --data-dir \"$d\" access > tests/access.txt";
        compare(&file, &table.to_string(), renew);
    })
    .await;
}

#[test]
fn schema_passes_the_registry_audit() {
    let (_, faults) = registry::inspect(registry::complete(api::schema(), &CONVENTIONS), |registry| {
        registry::audit(registry, &CONVENTIONS)
    });
    assert!(faults.is_empty(), "{:#?}", faults.iter().map(Fault::to_string).collect::<Vec<_>>());
}

#[test]
fn fields_that_can_be_denied_or_fail_are_nullable() {
    let map = Map::new();
    for row in &map.rows {
        let field = map.field(&row.coordinate);
        let is_open = row.rules.iter().all(Rule::is_public);
        let is_root = map.roots.iter().any(|root| row.coordinate.starts_with(&format!("{root}.")));
        let may_be_required = is_open && (!is_root || NEVER_FAIL.contains(&row.coordinate.as_str()));
        let hint = "make it nullable; if it is an open root field that cannot fail, add it to NEVER_FAIL here";
        assert!(may_be_required || !field.ty.ends_with('!'), "`{}: {}`: {hint}", row.coordinate, field.ty);
    }
}
