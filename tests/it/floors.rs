//! The floors of the building (`src/lib.rs`): which names the sources of each may not speak of. Comments and strings may
//! name whatever they like.

mod tokens;

use std::path::{Path, PathBuf};

use self::tokens::tokens;

/// Crates that each floor never mentions.
const CRATES: &[(&str, &[&str])] = &[
    ("domain", &["sea_orm", "sqlx", "async_graphql", "async_graphql_axum", "axum", "tokio", "argon2", "jsonwebtoken"]),
    ("store", &["async_graphql", "async_graphql_axum", "axum", "argon2", "jsonwebtoken"]),
    ("auth", &["sea_orm", "sqlx", "async_graphql", "async_graphql_axum", "axum"]),
    ("accounts", &["sea_orm", "sqlx", "async_graphql", "async_graphql_axum", "axum", "argon2", "jsonwebtoken"]),
    ("graphql", &["sea_orm", "sqlx", "async_graphql_axum", "axum", "argon2", "jsonwebtoken"]),
    ("http", &["sea_orm", "sqlx", "argon2", "jsonwebtoken"]),
];

/// Modules of ours that each floor never mentions: what is beside or above it, or further below than it may reach. A file
/// that stands on no floor (`main.rs` is a crate of its own) has no line here.
const MODULES: &[(&str, &[&str])] = &[
    ("domain", &["store", "auth", "accounts", "graphql", "http", "app", "cli", "config", "telemetry"]),
    ("store", &["auth", "accounts", "graphql", "http", "app", "cli", "config", "telemetry"]),
    ("auth", &["store", "accounts", "graphql", "http", "app", "cli", "config", "telemetry"]),
    ("accounts", &["graphql", "http", "app", "cli", "config", "telemetry"]),
    ("graphql", &["store", "auth", "http", "app", "cli", "config", "telemetry"]),
    ("http", &["store", "auth", "app", "cli", "config", "telemetry"]),
    ("config", &["app", "cli"]),
    ("cli", &["app"]),
    ("telemetry", &["app", "cli"]),
];

/// What `text`, the source at `path` below `src`, mentions that its floor must not, each with its line.
fn trespasses(path: &Path, text: &str) -> Vec<(usize, String)> {
    let modules: Vec<_> = path.with_extension("").iter().map(|it| it.to_str().unwrap().to_owned()).collect();
    let named = |table: &[(&str, &'static [&'static str])]| {
        table.iter().find(|(floor, _)| *floor == modules[0]).map_or(&[] as &[&str], |(_, names)| names)
    };
    let (crates, ours) = (named(CRATES), named(MODULES));
    let depth = modules.iter().filter(|it| *it != "mod").count();
    let tokens = tokens(text);
    let external = tokens.iter().filter(|it| crates.contains(&it.text)).map(|it| (it.line, it.text.to_owned()));
    let internal = tokens::of_our_crate(&tokens, depth).into_iter();
    let internal = internal.filter(|it| ours.contains(&it.text)).map(|it| (it.line, format!("crate::{}", it.text)));
    external.chain(internal).collect()
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_floor_speaks_of_what_it_must_not_know() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    for (floor, _) in CRATES {
        assert!(files.iter().any(|it| it.starts_with(root.join(floor))), "there is no floor src/{floor}");
    }
    let mut found = Vec::new();
    for file in files {
        let path = file.strip_prefix(&root).unwrap();
        for (line, name) in trespasses(path, &std::fs::read_to_string(&file).unwrap()) {
            found.push(format!("src/{}:{line}: mentions `{name}`", path.display()));
        }
    }
    let hint = "sources reach beyond their floor (see src/lib.rs and tests/it/floors.rs)";
    assert!(found.is_empty(), "{hint}:\n{}", found.join("\n"));
}

#[test]
fn a_trespass_is_found_however_it_is_written() {
    for (path, text, expected) in [
        ("graphql/viewer.rs", "use a::b;\nuse sea_orm::Entity;", Some((2, "sea_orm"))),
        ("graphql/viewer.rs", "use async_graphql::Object;\nuse crate::{accounts, domain::user};", None),
        ("graphql/viewer.rs", "// sea_orm\n/* axum /* */ sea_orm */ /// crate::store", None),
        ("graphql/viewer.rs", r##"let a = "sea_orm \" axum"; let b = r#"axum " axum"#;"##, None),
        ("graphql/viewer.rs", "fn f<'a>(_: &'a str) { ':'; '\"'; axum::serve() }", Some((1, "axum"))),
        ("graphql/viewer.rs", "use crate::{\n    accounts::{store, b},\n    store,\n};", Some((3, "crate::store"))),
        ("graphql/viewer.rs", "fn f() { crate::store::users::find() }", Some((1, "crate::store"))),
        ("graphql/viewer.rs", "use fieldguard::auth;", Some((1, "crate::auth"))),
        ("graphql/types/user.rs", "use super::super::super::store;", Some((1, "crate::store"))),
        ("graphql/mod.rs", "use super::{auth, domain};", Some((1, "crate::auth"))),
        ("graphql/types/user.rs", "use super::store;", None),
        ("store/users/mod.rs", "use crate::accounts;", Some((1, "crate::accounts"))),
        ("store/mod.rs", "use sea_orm::Entity;", None),
        ("accounts/login.rs", "use async_graphql_axum::rest;", Some((1, "async_graphql_axum"))),
        ("http/mod.rs", "use crate::app::App;", Some((1, "crate::app"))),
        ("app/mod.rs", "use crate::{store, graphql};", None),
        ("main.rs", "use fieldguard::app;", None),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(line, name)| (line, name.to_owned())).collect();
        assert_eq!(trespasses(Path::new(path), text), expected, "{path}: {text}");
    }
}
