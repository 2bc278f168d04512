//! The settings as a Markdown table for the documentation.

use super::Config;
use super::key::Key;
use super::table::keys;

/// All settings in Markdown: key, environment variable, default, meaning. The flag is left out, because it is the key
/// with hyphens.
#[must_use]
pub fn markdown_table() -> String {
    let head = "| key | environment variable | default | meaning |\n|---|---|---|---|\n";
    let defaults = Config::default();
    head.to_owned() + &keys().iter().map(|key| row(key, &defaults)).collect::<String>()
}

fn row(key: &Key, defaults: &Config) -> String {
    let default = key.show(defaults).map(|text| format!("`{text}`")).unwrap_or_default();
    format!("| `{}` | `{}` | {default} | {} |\n", key.path(), key.variable(), key.help())
}
