//! The program `sea-orm-cli` runs.
fn main() {}
