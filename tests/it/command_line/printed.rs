//! `fieldguard schema`, `access` and `migrate`.

use fieldguard_test_macros::on_each_database;
use serde_json::Value;

use super::program::Program;

#[test]
fn schema_is_printed_without_a_database() {
    let program = Program::new().set("FIELDGUARD_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none");
    assert_eq!(program.run(&["schema"]).ok(), include_str!("../../../schema.graphql"));
    assert!(!program.directory().join("data").exists());
}

#[test]
fn schema_is_printed_as_a_role_sees_it() {
    let program = Program::migrated();
    let [anonymous, user, admin] =
        ["anonymous", "user", "admin"].map(|role| program.run(&["schema", "--as", role]).ok());
    assert!(anonymous.contains("login(") && !anonymous.contains("\tme:"), "{anonymous}");
    assert!(user.contains("\tme:") && !user.contains("AdminOverview"), "{user}");
    assert!(admin.contains("AdminOverview"));

    let ended = program.run(&["schema", "--as", "ghost\u{1b}[2J"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains("there is no role `ghost\\u{1b}[2J`"), "{ended:?}");
}

#[test]
fn access_table_is_printed_in_every_format() {
    let program = Program::migrated();
    let table = program.run(&["access"]).ok();
    assert!(table.starts_with("coordinate "), "{table}");
    let heading: Vec<_> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(heading, ["coordinate", "rule", "anonymous", "admin", "user"]);

    let csv = program.run(&["access", "--role", "user", "--format", "csv"]).ok();
    assert!(csv.starts_with("coordinate,rule,user\n"), "{csv}");
    assert!(csv.contains("\nUser.email,\"@auth(permission: \"\"users:read\"\", orSelf: true)\",SELF\n"), "{csv}");

    let json = program.run(&["access", "--role", "anonymous", "--format", "json"]).ok();
    let json: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(json.len(), table.lines().count() - 1);
    let me = json.iter().find(|row| row["coordinate"] == "Query.me").unwrap();
    assert_eq!(me["access"]["anonymous"], "DENIED");

    let ended = program.run(&["access", "--role", "ghost"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("there is no role `ghost`"), "{ended:?}");
    assert_eq!(program.run(&["access", "--format", "xml"]).code, Some(2));
}

#[on_each_database]
async fn migrate_is_idempotent() {
    super::program::each(async |program| {
        program.run(&["migrate"]).ok();
        program.run(&["migrate"]).ok();
        program.serve();
    })
    .await;
}
