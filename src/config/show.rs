//! Prints the effective settings as a configuration file, each with its source and with secrets redacted.

use std::fmt::Write;

use super::Config;
use super::key::Key;
use super::table::keys;
use super::value::Kind;

impl Config {
    /// The settings in TOML, for `config show`. Settings without a value are comments.
    #[must_use]
    pub fn show(&self) -> String {
        let mut shown = String::new();
        let mut table = "";
        for key in keys() {
            let (this, name) = key.path().rsplit_once('.').unwrap_or(("", key.path()));
            if this != table {
                table = this;
                let _ = write!(shown, "\n[{table}]\n");
            }
            let _ = writeln!(shown, "{}", self.line(key, name));
            if name == "database_url" {
                let _ = writeln!(shown, "# The database in use is {}", self.database_label());
            }
        }
        shown
    }

    fn line(&self, key: &Key, name: &str) -> String {
        match (key.show(self), self.derived(key)) {
            (Some(text), _) => format!("{name} = {} # {}", in_toml(key, text), self.origin(key).of(key)),
            (None, Some(text)) => format!("# {name} = {} # derived", in_toml(key, text)),
            (None, None) => format!("# {name} is not set"),
        }
    }

    /// The value that is used if the setting is not set.
    fn derived(&self, key: &Key) -> Option<String> {
        match key.path() {
            "public_url" => Some(self.base_url()),
            "playground" => Some(self.playground().to_string()),
            "metrics" => Some(self.metrics().to_string()),
            "token.issuer" => self.issuer(),
            _ => None,
        }
    }
}

fn in_toml(key: &Key, text: String) -> String {
    match key.kind() {
        Kind::Number | Kind::Boolean => text,
        Kind::TextOrList if text.contains(',') => in_list(&text),
        Kind::Text | Kind::TextOrList => toml::Value::String(text).to_string(),
        Kind::Table => in_table(&text),
        Kind::List => in_list(&text),
    }
}

fn in_list(text: &str) -> String {
    toml::Value::Array(text.split(',').map(Into::into).collect()).to_string()
}

/// The table in one line.
fn in_table(text: &str) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned());
    let entries = text.split(',').filter_map(|entry| entry.split_once('='));
    let entries: Vec<_> = entries.map(|(name, value)| format!("{} = {}", quoted(name), quoted(value))).collect();
    format!("{{ {} }}", entries.join(", "))
}
