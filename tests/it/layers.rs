//! The layers (`src/lib.rs`). What is a crate of its own knows only the crates it depends on, and [`crates`] holds those to a
//! list. Of the layers that are still modules of one crate, the sources are read: which names each may not speak of. Comments
//! and strings may name whatever they like.

mod crates;
mod tokens;

use std::path::{Path, PathBuf};

use self::tokens::tokens;

/// Crates that each layer never mentions.
const CRATES: &[(&str, &[&str])] = &[
    ("graphql", &["sea_orm", "sqlx", "axum", "argon2", "jsonwebtoken", "fieldguard_auth", "fieldguard_store"]),
    ("http", &["sea_orm", "sqlx", "argon2", "jsonwebtoken", "fieldguard_auth", "fieldguard_store"]),
];

/// Modules of ours that each layer never mentions: what is beside or above it, or further below than it may reach. A file
/// that stands in no layer (`main.rs` is a crate of its own) has no line here.
const MODULES: &[(&str, &[&str])] = &[
    ("graphql", &["store", "auth", "http", "app", "cli", "config", "telemetry"]),
    ("http", &["store", "auth", "app", "cli", "config", "telemetry"]),
    ("config", &["app", "cli"]),
    ("cli", &["app"]),
    ("telemetry", &["app", "cli"]),
];

/// What `text`, the source at `path` below `src`, mentions that its layer must not, each with its line.
fn trespasses(path: &Path, text: &str) -> Vec<(usize, String)> {
    let modules: Vec<_> = path.with_extension("").iter().map(|it| it.to_str().unwrap().to_owned()).collect();
    let named = |table: &[(&str, &'static [&'static str])]| {
        table.iter().find(|(layer, _)| *layer == modules[0]).map_or(&[] as &[&str], |(_, names)| names)
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
fn modules_mention_only_lower_layers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    for (layer, _) in CRATES {
        assert!(files.iter().any(|it| it.starts_with(root.join(layer))), "there is no layer src/{layer}");
    }
    let mut found = Vec::new();
    for file in files {
        let path = file.strip_prefix(&root).unwrap();
        for (line, name) in trespasses(path, &std::fs::read_to_string(&file).unwrap()) {
            found.push(format!("src/{}:{line}: mentions `{name}`", path.display()));
        }
    }
    let hint = "sources reach beyond their layer (see src/lib.rs and tests/it/layers.rs)";
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
        ("graphql/viewer.rs", "use fieldguard_store::users;", Some((1, "fieldguard_store"))),
        ("http/mod.rs", "use crate::app::App;", Some((1, "crate::app"))),
        ("app/mod.rs", "use crate::{store, graphql};", None),
        ("main.rs", "use fieldguard::app;", None),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(line, name)| (line, name.to_owned())).collect();
        assert_eq!(trespasses(Path::new(path), text), expected, "{path}: {text}");
    }
}
