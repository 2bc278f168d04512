//! Fields of a log line for people: `name=value`, in quotes where it could be taken for more than one field.

use std::fmt::{self, Debug, Display};

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use super::sanitized;

/// Writes the fields of events and spans.
pub(super) struct Text;

impl<'writer> FormatFields<'writer> for Text {
    fn format_fields<R: RecordFields>(&self, to: Writer<'writer>, fields: R) -> fmt::Result {
        let mut line = Line { to, separator: "", result: Ok(()) };
        fields.record(&mut line);
        line.result
    }
}

struct Line<'writer> {
    to: Writer<'writer>,
    separator: &'static str,
    result: fmt::Result,
}

impl Line<'_> {
    /// Writes a field whose value cannot be taken for several fields.
    fn plain(&mut self, name: &str, value: impl Display) {
        let separator = std::mem::replace(&mut self.separator, " ");
        self.result = self.result.and(write!(self.to, "{separator}{name}={value}"));
    }
}

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let value = sanitized(value);
        match field.name() {
            "message" => {
                let separator = std::mem::replace(&mut self.separator, " ");
                self.result = self.result.and(write!(self.to, "{separator}{value}"));
            }
            name if value.contains([' ', '=', '"']) || value.is_empty() => {
                self.plain(name, format_args!("\"{}\"", value.replace('"', "\\\"")));
            }
            name => self.plain(name, value),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field.name(), value);
    }
}
