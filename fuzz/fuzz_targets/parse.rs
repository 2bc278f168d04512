//! Checks that no document that passes the nesting limit overflows the parser's stack. `cargo +nightly fuzz run parse`
#![no_main]

use async_graphql::parser::parse_query;
use fieldguard_guard::{limits::nesting, settings::Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if nesting::check(text, &Limits::default()).is_ok() {
        let _ = parse_query(text);
    }
});
