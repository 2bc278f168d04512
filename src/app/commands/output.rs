//! Prints the output of commands to standard output: columns for people, JSON for programs. Names and texts in the
//! database may come from anyone, so control characters and text direction marks never reach the terminal.

use std::fmt::Write as _;
use std::io;
use std::io::IsTerminal as _;
use std::io::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use crate::{
    app::Error,
    cli::ListFormat,
    telemetry::{self, sanitized},
};

/// Prints the text unchanged.
pub(super) fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Error::Output)
}

/// Prints a value, indented.
pub(super) fn print_json(value: &Value) -> Result<(), Error> {
    print(&(escaped(&format!("{value:#}")) + "\n"))
}

/// A value on one line.
pub(super) fn json_line(value: &Value) -> String {
    escaped(&value.to_string()) + "\n"
}

/// Prints a note for the operator to standard error.
pub(super) fn note(text: &str) {
    telemetry::print_line(&format!("note: {text}"));
}

/// Reports on a terminal that a table is done. Prints nothing if standard error is not a terminal, as in a scheduled
/// job.
#[expect(clippy::print_stderr, reason = "it is for the person at the terminal, not for programs that read the output")]
pub(super) fn progress(table: &str, rows: u64) {
    if io::stderr().is_terminal() {
        eprintln!("{table}: {rows} rows");
    }
}

/// A line of cells, each padded to its width in `widths`, without trailing spaces.
pub(super) fn line<S: AsRef<str>>(cells: &[S], widths: &[usize]) -> String {
    let widths = widths.iter().copied().chain(std::iter::repeat(0));
    let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{:width$}", sanitized(cell.as_ref())));
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
}

/// Lines of cells, each column as wide as its widest cell.
pub(super) fn aligned<S: AsRef<str>>(rows: &[Vec<S>]) -> String {
    let mut widths = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(sanitized(cell.as_ref()).chars().count());
        }
    }
    rows.iter().map(|row| line(row, &widths)).collect()
}

/// A time in human-readable form.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A list that is printed while it is read, since it may not fit into memory.
pub(super) struct List {
    format: ListFormat,
    widths: &'static [usize],
    is_empty: bool,
}

impl List {
    /// Begins the list. `header` names the columns, and `widths` are their widths, for people.
    pub(super) fn begin(format: ListFormat, header: &[&str], widths: &'static [usize]) -> Result<Self, Error> {
        match format {
            ListFormat::Table => print(&line(header, widths))?,
            ListFormat::Json => print("[")?,
        }
        Ok(Self { format, widths, is_empty: true })
    }

    /// Prints more entries, each as cells and as JSON.
    pub(super) fn print(&mut self, entries: impl IntoIterator<Item = (Vec<String>, Value)>) -> Result<(), Error> {
        let mut text = String::new();
        for (cells, value) in entries {
            match self.format {
                ListFormat::Table => text += &line(&cells, self.widths),
                ListFormat::Json => {
                    text += if self.is_empty { "\n  " } else { ",\n  " };
                    text += &escaped(&format!("{value:#}")).replace('\n', "\n  ");
                }
            }
            self.is_empty = false;
        }
        print(&text)
    }

    /// Ends the list.
    pub(super) fn end(self) -> Result<(), Error> {
        match (self.format, self.is_empty) {
            (ListFormat::Table, _) => Ok(()),
            (ListFormat::Json, true) => print("]\n"),
            (ListFormat::Json, false) => print("\n]\n"),
        }
    }
}

/// Escapes characters in JSON that a terminal would obey. They occur only in strings, where JSON can escape them.
fn escaped(json: &str) -> String {
    let mut clean = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || sanitized(c.encode_utf8(&mut [0; 4])).starts_with(c) {
            clean.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(clean, "\\u{:04x}", u32::from(c));
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_aligned_and_sanitized() {
        let rows = [vec!["name", "text"], vec!["a\u{1b}[2J", "b\u{202e}"], vec!["é", ""]];
        assert_eq!(aligned(&rows), "name        text\na\\u{1b}[2J  b\\u{202e}\né\n");
    }

    #[test]
    fn escaped_json_is_equal_and_has_no_terminal_controls() {
        let value = json!({ "a": "x\u{9b}2J\u{202e}\u{7f}\n\"é" });
        let text = escaped(&format!("{value:#}"));
        assert!(!text.contains(|c: char| c != '\n' && c.is_control() || c == '\u{202e}'), "{text:?}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
