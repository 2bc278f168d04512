//! Parses the configuration file (TOML 1.1) into settings. It checks tables and types; the keys check the values.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};
use zeroize::Zeroizing;

use super::error::{Problem, printable, suggestion};
use super::key::Key;
use super::sources::{File, Origin, Setting};
use super::table::keys;
use super::value::Kind;

/// The settings in `file`, and the problems with the rest of it.
pub(super) fn settings(file: &File) -> (Vec<Setting>, Vec<Problem>) {
    let mut reading = Reading { file, settings: Vec::new(), problems: Vec::new() };
    match DeTable::parse(&file.text) {
        Ok(table) => reading.table("", table.get_ref()),
        // The error's `Display` would show the line, which may contain a secret.
        Err(error) => {
            let line = error.span().map_or(1, |span| reading.line(span.start));
            let place = format!("{} line {line}", printable(&file.name));
            reading.problems.push(Problem::new(format!("{place} is not valid TOML: {}", printable(error.message()))));
        }
    }
    (reading.settings, reading.problems)
}

struct Reading<'a> {
    file: &'a File,
    settings: Vec<Setting>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let path =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            let origin = Origin::File { name: self.file.name.clone(), line: self.line(name.span().start) };
            match (keys().iter().find(|key| key.path() == path), value.get_ref()) {
                (Some(key), _) => self.setting(key, value, origin),
                (None, DeValue::Table(table)) if is_table(&path) => self.table(&path, table),
                (None, _) => self.unknown(&path, &origin),
            }
        }
    }

    fn setting(&mut self, key: &'static Key, value: &Spanned<DeValue<'_>>, origin: Origin) {
        match text(key.kind(), value.get_ref()) {
            Ok(text) => self.settings.push(Setting { key, text, origin }),
            Err(reason) => self.problems.push(Problem::at(key, &origin, reason)),
        }
    }

    fn unknown(&mut self, path: &str, origin: &Origin) {
        let Origin::File { name, line } = origin else { return };
        let place = format!("`{}` ({} line {line})", printable(path), printable(name));
        let reason = if is_table(path) {
            format!("is a table: write `[{path}]` and its settings below")
        } else {
            format!("is not a setting{}", suggestion(path, keys().iter().map(Key::path)))
        };
        self.problems.push(Problem::new(format!("{place} {reason}")));
    }

    fn line(&self, offset: usize) -> usize {
        self.file.text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
    }
}

fn is_table(path: &str) -> bool {
    keys().iter().any(|key| key.path().strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

fn text(kind: Kind, value: &DeValue<'_>) -> Result<Zeroizing<String>, String> {
    match (kind, value) {
        (Kind::Text | Kind::TextOrList, DeValue::String(text)) => Ok(Zeroizing::new(text.to_string())),
        (Kind::Number, DeValue::Integer(number)) => i64::from_str_radix(number.as_str(), number.radix())
            .map(|number| Zeroizing::new(number.to_string()))
            .map_err(|_| "is too large".to_owned()),
        (Kind::Boolean, DeValue::Boolean(value)) => Ok(Zeroizing::new(value.to_string())),
        (Kind::List | Kind::TextOrList, DeValue::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
            let texts = texts.filter(|all| all.iter().all(|text| !text.contains(',')));
            let texts = texts.ok_or_else(|| "must be a list of quoted strings without commas".to_owned())?;
            Ok(Zeroizing::new(texts.join(",")))
        }
        (Kind::Table, DeValue::Table(entries)) => {
            let plain = |text: &str| !text.contains([',', '=']);
            let entry = |(name, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| {
                let (name, value) = (name.get_ref(), value.get_ref().as_str()?);
                (plain(name) && plain(value)).then(|| format!("{name}={value}"))
            };
            let entries: Option<Vec<_>> = entries.iter().map(entry).collect();
            let entries = entries.ok_or_else(|| "must be a table of strings without commas and `=`".to_owned())?;
            Ok(Zeroizing::new(entries.join(",")))
        }
        (Kind::Table, other) => Err(format!("must be a table, such as {{ name = \"…\" }}, not {}", name(other))),
        (Kind::List, other) => Err(format!("must be a list, such as [\"…\", \"…\"], not {}", name(other))),
        (Kind::TextOrList, other) => Err(format!("must be a string in quotes or a list of them, not {}", name(other))),
        (Kind::Text, other) => Err(format!("must be a string in quotes, not {}", name(other))),
        (Kind::Boolean, other) => Err(format!("must be `true` or `false` without quotes, not {}", name(other))),
        (Kind::Number, other) => Err(format!("must be a whole number without quotes, not {}", name(other))),
    }
}

fn name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
