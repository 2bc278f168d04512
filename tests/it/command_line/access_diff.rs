//! `fieldguard access diff`: compares two access tables for scripts.

use std::fs;

use fieldguard_test_macros::on_each_database;
use serde_json::Value;

use super::program::{Program, RunResult, each};
use crate::database::add_role;

fn diff(program: &Program, line: &str) -> RunResult {
    program.run(&["access", "diff"].into_iter().chain(line.split(' ')).collect::<Vec<_>>())
}

#[on_each_database]
async fn added_role_is_widened_and_removed_role_is_narrowed() {
    each(async |program| {
        program.run(&["migrate"]).ok();
        let old = program.run(&["access", "--format", "json"]).ok();
        fs::write(program.directory().join("old.json"), &old).unwrap();
        for line in ["old.json", "old.json old.json"] {
            let same = diff(&program, line);
            assert_eq!((same.code, same.out.as_str()), (Some(0), "Nothing widened, nothing narrowed.\n"), "{same:?}");
        }
        add_role(program.database(), "support", "Helps people.", &["users:read"]).await;
        let widened = diff(&program, "old.json");
        assert_eq!(widened.code, Some(1), "{widened:?}");
        let lines: Vec<_> = widened.out.lines().collect();
        assert!(lines[0].starts_with("change   coordinate ") && lines[0].ends_with("before  after"), "{widened:?}");
        let users = lines.iter().find(|line| line.contains("Query.users ")).unwrap();
        let cells: Vec<_> = users.split_whitespace().collect();
        assert_eq!(cells, ["widened", "Query.users", "support", "-", "ALLOWED"]);
        assert!(
            lines[1..].iter().all(|line| line.starts_with("widened  ") && line.contains(" support ")),
            "{widened:?}"
        );

        let new = program.run(&["access", "--format", "json"]).ok();
        let narrowed = program.run_with(&["access", "diff", "-", "old.json", "--format", "json"], &new);
        assert_eq!(narrowed.code, Some(0), "{narrowed:?}");
        let changes: Value = serde_json::from_str(&narrowed.out).unwrap();
        assert_eq!((changes["widened"].as_array().unwrap().len(), &changes["rules"]), (0, &Value::Array(vec![])));
        let one = changes["narrowed"]
            .as_array()
            .unwrap()
            .iter()
            .find(|change| change["coordinate"] == "Query.users")
            .unwrap();
        assert_eq!(
            one,
            &serde_json::json!({ "coordinate": "Query.users", "role": "support", "before": "ALLOWED", "after": null })
        );
        // Nothing changed for existing roles.
        assert_eq!(diff(&program, "old.json --role user").code, Some(0));
    })
    .await;
}

#[test]
fn changed_decisions_and_rules_are_listed_by_field() {
    let program = Program::new();
    let line = |access: &str, rule: &str| {
        format!(
            r#"[{{ "coordinate": "User.email", "rule": "{rule}", "access": {{ "user": "{access}", "admin": "ALLOWED" }} }}]"#
        )
    };
    let write = |name: &str, text: &str| fs::write(program.directory().join(name), text).unwrap();
    write("denied", &line("DENIED", "@auth(role: \\\"x\\\")"));
    write("own", &line("SELF", "@auth(role: \\\"x\\\", orSelf: true)"));
    write("other", &line("SELF", "@auth"));
    for (tables, code, cells) in [
        ("denied own", 1, "widened,User.email,user,DENIED,SELF"),
        ("own denied", 0, "narrowed,User.email,user,SELF,DENIED"),
        ("own other", 0, r#"rule,User.email,-,"@auth(role: ""x"", orSelf: true)",@auth"#),
    ] {
        let ended = diff(&program, &format!("{tables} --format csv"));
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert!(ended.out.starts_with("change,coordinate,role,before,after\n"), "{ended:?}");
        assert!(ended.out.lines().any(|line| line == cells), "{ended:?}");
    }
    assert!(!program.directory().join("data").exists(), "comparing two files creates no database");
}

#[test]
fn invalid_table_is_an_error() {
    let program = Program::new();
    program.run(&["migrate"]).ok();
    let write = |name: &str, text: &str| fs::write(program.directory().join(name), text).unwrap();
    let table = program.run(&["access", "--format", "json"]).ok();
    write("good", &table);
    write("empty", "");
    write("csv", "coordinate,rule,user\n");
    write("cut", &table[..table.len() / 2]);
    for (line, why) in [
        ("missing good", "cannot read `missing`"),
        ("good missing", "cannot read `missing`"),
        ("empty good", "`empty` is not an access table"),
        ("good csv", "`csv` is not an access table"),
        ("cut", "`cut` is not an access table"),
        ("good --role ghost", "no role `ghost`"),
    ] {
        let ended = diff(&program, line);
        assert!(ended.code == Some(2) && ended.err.contains(why) && ended.out.is_empty(), "{line}: {ended:?}");
    }
    let lost = Program::new().set("FIELDGUARD_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none");
    fs::write(lost.directory().join("good"), &table).unwrap();
    assert_eq!(diff(&lost, "good").code, Some(2), "an unreachable database is an error");
    assert_eq!(program.run(&["access", "diff"]).code, Some(2));
}
