//! Who can change and read the files with secrets.

use super::Finding;
use crate::{app::exposure, config::Config};

const CHECK: &str = "files";

pub(super) fn check(config: &Config) -> Vec<Finding> {
    match exposure::find(config) {
        Err(error) => vec![Finding::problem(CHECK, error.to_string())],
        Ok(readable) if readable.is_empty() => vec![Finding::ok(CHECK, "other users can't read or change secrets")],
        Ok(readable) => readable.iter().map(|path| Finding::warning(CHECK, path.to_string())).collect(),
    }
}
