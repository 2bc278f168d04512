//! The crate layers: which workspace crates each crate depends on, and which external crates it must not depend on.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// Each workspace crate with the workspace crates it depends on.
const WORKSPACE_CRATES: &[(&str, &[&str])] = &[
    ("fieldguard-policy", &[]),
    ("fieldguard-domain", &["fieldguard-policy"]),
    ("fieldguard-listener", &[]),
    ("fieldguard-trace", &[]),
    ("fieldguard-migration", &[]),
    ("fieldguard-macros", &[]),
    ("fieldguard-guard", &["fieldguard-macros", "fieldguard-policy"]),
    ("fieldguard-http", &["fieldguard-guard", "fieldguard-listener"]),
    ("guard-only", &["fieldguard-guard", "fieldguard-http", "fieldguard-listener"]),
    ("fieldguard-store", &["fieldguard-domain", "fieldguard-migration", "fieldguard-trace"]),
    ("fieldguard-auth", &["fieldguard-domain", "fieldguard-trace"]),
    ("fieldguard-accounts", &["fieldguard-auth", "fieldguard-domain", "fieldguard-store", "fieldguard-trace"]),
    ("fieldguard-api", &["fieldguard-accounts", "fieldguard-domain", "fieldguard-guard"]),
    (
        "fieldguard",
        &[
            "fieldguard-accounts",
            "fieldguard-api",
            "fieldguard-auth",
            "fieldguard-domain",
            "fieldguard-guard",
            "fieldguard-http",
            "fieldguard-listener",
            "fieldguard-store",
            "fieldguard-trace",
        ],
    ),
];

/// External crates that a layer must not depend on.
const FORBIDDEN_CRATES: &[(&str, &[&str])] = &[
    ("fieldguard-guard", &["argon2", "aws-lc-rs", "axum", "jsonwebtoken", "sea-orm", "sqlx", "uuid"]),
    ("fieldguard-api", &["argon2", "axum", "jsonwebtoken", "sea-orm", "sqlx"]),
    ("fieldguard-http", &["argon2", "jsonwebtoken", "sea-orm", "sqlx"]),
    ("fieldguard-domain", &["argon2", "async-graphql", "axum", "jsonwebtoken", "sea-orm", "sqlx", "tokio", "tracing"]),
    ("fieldguard-store", &["argon2", "async-graphql", "axum", "jsonwebtoken"]),
    ("fieldguard-auth", &["async-graphql", "axum", "sea-orm", "sqlx"]),
    ("fieldguard-accounts", &["argon2", "async-graphql", "axum", "jsonwebtoken", "sea-orm", "sqlx"]),
];

/// The dependencies of each workspace package, without dev-dependencies and build-dependencies.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let of = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter().filter(|dependency| dependency["kind"].is_null());
        let names = all.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect();
        (package["name"].as_str().unwrap().to_owned(), names)
    };
    metadata["packages"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn crates_depend_only_on_lower_layers() {
    let mut found = dependencies();
    found.remove("fieldguard-test-macros");
    let workspace_crates = |names: &BTreeSet<String>| -> BTreeSet<String> {
        names.iter().filter(|name| name.starts_with("fieldguard-")).cloned().collect()
    };
    let found: BTreeMap<_, _> = found.iter().map(|(name, all)| (name.clone(), workspace_crates(all))).collect();
    let expected = WORKSPACE_CRATES
        .iter()
        .map(|(name, all)| ((*name).to_owned(), all.iter().map(|name| (*name).to_owned()).collect()));
    assert_eq!(found, expected.collect());
}

#[test]
fn crates_do_not_depend_on_libraries_of_other_layers() {
    let found = dependencies();
    assert_eq!(found["fieldguard-policy"], BTreeSet::new(), "the rules have no dependencies");
    for (layer, foreign) in FORBIDDEN_CRATES {
        let known = foreign.iter().filter(|name| found[*layer].contains(**name)).collect::<Vec<_>>();
        assert!(known.is_empty(), "{layer} depends on {known:?}");
    }
}
