//! `fieldguard explain`: lists the fields that a role is denied in a front end's documents, without a server.

use std::fs;

use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use super::program::{Program, RunResult};

const ME: &str = "query Me {\n  me { ...Card }\n}\n";
const CARD: &str = "fragment Card on User {\n  username\n  email\n}\n";
const ADMIN: &str = "query Overview {\n  hello: admin {\n    message\n  }\n  users(filter: { email: \"a@example.org\" }) { totalCount }\n}\n";

fn with_files(files: &[(&str, &str)]) -> Program {
    let program = Program::migrated();
    let sources = program.directory().join("src/pages");
    fs::create_dir_all(&sources).unwrap();
    for (name, text) in files {
        fs::write(sources.join(name), text).unwrap();
    }
    program
}

fn explain(program: &Program, role: &str, more: &[&str]) -> RunResult {
    program.run(&[&["explain", "--as", role], more].concat())
}

#[test]
fn denied_fields_are_listed_with_file_and_line() {
    let program = with_files(&[("me.graphql", ME), ("card.graphql", CARD), ("admin.graphql", ADMIN)]);
    let ended = explain(&program, "user", &["src/**/*.graphql"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let lines: Vec<_> = ended.out.lines().collect();
    assert_eq!(
        lines,
        [
            "src/pages/admin.graphql:2:3: Overview: `user` is denied `hello`: `Query.admin` requires the role `admin`.",
            "src/pages/admin.graphql:5:3: Overview: `user` is denied `users`: `Query.users` requires the permission `users:read`.",
            "1 of 2 operations select fields that `user` is denied.",
        ]
    );

    let ended = explain(&program, "admin", &["src/**/*.graphql"]);
    assert_eq!((ended.code, &*ended.out), (Some(0), "0 of 2 operations select fields that `admin` is denied.\n"));

    let ended = explain(&program, "anonymous", &["src/pages/me.graphql", "src/pages/card.graphql", "--format", "json"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let expected = json!([{
        "file": "src/pages/me.graphql", "line": 2, "column": 3, "operation": "Me", "path": ["me"], "argument": null,
        "coordinate": "Query.me", "rule": "@auth",
    }]);
    assert_eq!(serde_json::from_str::<Value>(&ended.out).unwrap(), expected);
}

#[tokio::test]
async fn denied_fields_in_fragments_have_the_position_in_the_fragment() {
    let users = "query Users { users(first: 1) { totalCount } ...Overview }";
    let overview = "\n\nfragment Overview on Query {\n  admin { message }\n}\n";
    let program = with_files(&[("users.graphql", users), ("overview.graphql", overview)]);
    let sql =
        "INSERT INTO role_permissions (role_id, permission) SELECT id, 'users:read' FROM roles WHERE name = 'user'";
    let database = Database::connect(program.database_url()).await.unwrap();
    database.execute_unprepared(sql).await.unwrap();
    database.close().await.unwrap();
    let ended = explain(&program, "user", &["src/pages/users.graphql", "src/pages/*.graphql"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let place =
        "src/pages/overview.graphql:4:3: Users: `user` is denied `admin`: `Query.admin` requires the role `admin`.\n";
    assert!(ended.out.starts_with(place), "{}", ended.out);
}

#[test]
fn invalid_files_and_documents_are_reported_with_their_position() {
    let program = with_files(&[
        ("unknown.graphql", "query A {\n  me { nothing }\n}"),
        ("missing.graphql", "query B { me { ...Nowhere } }"),
        ("broken.graphql", "query C { me { id }"),
        ("schema.graphql", "type A { b: String }"),
    ]);
    for (file, message) in [
        ("unknown", "src/pages/unknown.graphql:2:8: A: Unknown field \"nothing\" on type \"User\"."),
        ("missing", "src/pages/missing.graphql:1:16: B: Unknown fragment"),
        ("broken", "src/pages/broken.graphql:1:1: the definition that begins here has no end"),
        ("schema", "src/pages/schema.graphql:1:1: expected an operation or a fragment"),
        ("none", "no file matches `src/pages/none.graphql`"),
    ] {
        let ended = explain(&program, "user", &[&format!("src/pages/{file}.graphql")]);
        assert_eq!((ended.code, &*ended.out), (Some(2), ""), "{file}: {ended:?}");
        assert!(ended.err.contains(message), "{file}: {}", ended.err);
    }
    let ended = explain(&program, "ghost", &["src/pages/unknown.graphql"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("no role `ghost`"), "{}", ended.err);
}
