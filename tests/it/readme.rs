//! README and the book match the code. `.ci/readme.sh` runs their examples, and `.ci/docs.sh` compares the generated
//! pages with the built binary.

use std::{collections::BTreeSet, fs, path::Path};

use fieldguard::{config::markdown_table, domain::permission};

const README: &str = include_str!("../../README.md");
const APOLLO_CLIENT: &str = include_str!("../../docs/src/guides/apollo-client.md");
const CONFIGURATION: &str = include_str!("../../docs/src/reference/configuration.md");
const PERMISSIONS: &str = include_str!("../../docs/src/reference/permissions.md");
const SUMMARY: &str = include_str!("../../docs/src/SUMMARY.md");

#[test]
fn readme_has_at_most_150_lines() {
    assert!(README.lines().count() <= 150, "README is too long: move a part into docs/src");
}

#[test]
fn configuration_page_has_the_table_of_settings() {
    assert!(CONFIGURATION.contains(markdown_table().trim_end()), "run docs/generate.sh with the built binary");
}

#[test]
fn configuration_page_has_the_default_file() {
    assert!(CONFIGURATION.contains(include_str!("../../fieldguard.default.toml")), "run docs/generate.sh");
}

#[test]
fn permissions_page_has_every_permission() {
    let named = |line: &str| line.strip_prefix("| `").and_then(|rest| rest.split('`').next()).map(str::to_owned);
    let shown: BTreeSet<_> = PERMISSIONS.lines().filter_map(named).collect();
    let known: BTreeSet<_> = permission::builtin().iter().map(|permission| permission.name().to_owned()).collect();
    assert_eq!(shown, known);
}

#[test]
fn apollo_page_shows_the_client_that_is_tested() {
    assert!(APOLLO_CLIENT.contains(include_str!("../../examples/apollo/client.mjs")), "the page shows another client");
}

#[test]
fn summary_names_every_page() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src");
    for directory in ["guides", "reference", "explanation"] {
        for page in fs::read_dir(pages.join(directory)).expect("the book has the directory") {
            let name = page.expect("it can be read").file_name().into_string().expect("names are UTF-8");
            let link = format!("({directory}/{name})");
            assert!(SUMMARY.contains(&link), "docs/src/SUMMARY.md lacks {link}");
        }
    }
}
