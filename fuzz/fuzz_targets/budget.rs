//! Checks the budget of any document that the parser accepts. `cargo +nightly fuzz run budget`
#![no_main]

use async_graphql::parser::parse_query;
use fieldguard_guard::{limits::{budget, nesting}, settings::Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let limits = Limits::default();
    if nesting::check(text, &limits).is_ok()
        && let Ok(document) = parse_query(text)
    {
        let _ = budget::check(&document, &limits);
    }
});
