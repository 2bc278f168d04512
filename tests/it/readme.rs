//! README says what is true. Its commands are run by `.ci/readme.sh`.

use fieldguard::config::markdown_table;

const README: &str = include_str!("../../README.md");

#[test]
fn has_the_table_of_settings() {
    assert!(README.contains(markdown_table().trim_end()), "replace the table in README.md by:\n{}", markdown_table());
}

#[test]
fn shows_the_apollo_client_that_is_tested() {
    assert!(README.contains(include_str!("../../examples/apollo/client.mjs")), "README shows another client");
}
