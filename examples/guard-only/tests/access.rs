//! Who may use which field: what the table says, and what the server does.

use std::path::Path;

use fieldguard_guard::{
    caller::Caller,
    testing::{Walk, compare},
};
use guard_only::{Member, access_table, executor};

#[test]
fn the_table_is_in_the_repository() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("access.txt");
    let renew = "cargo run -p guard-only -- access > examples/guard-only/access.txt";
    compare(&file, &access_table().to_string(), renew);
}

#[tokio::test]
async fn every_field_answers_as_its_rule_says() {
    let executor = executor().expect("the schema is whole");
    let member = |token| Member::named(token).map_or_else(Caller::default, Caller::from);
    let walk = Walk::new(&executor).caller("anonymous", Caller::default()).mutations();
    let walk = walk.caller("member", member("ann")).caller("librarian", member("lee"));
    walk.argument("Mutation.renew(title:)", "\"Middlemarch\"").run().await.assert_whole();
}
