//! Checks that the nesting check never panics or loops. `cargo +nightly fuzz run scan`
#![no_main]

use fieldguard_guard::{limits::nesting, settings::Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = nesting::check(text, &Limits::default());
});
