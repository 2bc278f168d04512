//! Parses the command line and runs it; decides nothing itself.

fn main() {}
