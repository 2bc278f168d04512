//! The `#[guarded]` attribute macro.
