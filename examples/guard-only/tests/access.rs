//! Compares the access table with the file, and the server with the table.

use std::path::Path;

use fieldguard_guard::{
    caller::Caller,
    testing::{Walk, compare},
};
use guard_only::{Member, access_table, executor};

#[test]
fn the_access_table_matches_the_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("access.txt");
    let renew = "cargo run -p guard-only -- access > examples/guard-only/access.txt";
    compare(&file, &access_table().to_string(), renew);
}

#[tokio::test]
async fn every_field_follows_its_rule() {
    let executor = executor().expect("the schema is whole");
    let member = |token| Member::named(token).map_or_else(Caller::default, Caller::from);
    let walk = Walk::new(&executor).caller("anonymous", Caller::default()).mutations();
    let walk = walk.caller("member", member("ann")).caller("librarian", member("lee"));
    walk.argument("Mutation.renew(title:)", "\"Middlemarch\"").run().await.assert_whole();
}
