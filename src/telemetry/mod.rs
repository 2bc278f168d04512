//! Logging to standard error. Standard output is for the output of commands. Logging neither blocks nor stops the
//! process: see [`Lines`].
//!
//! Never log, at any level: passwords, hashes, access and refresh tokens, `Authorization` and `Cookie` headers,
//! variables and documents of requests, SQL with its values, the database URL. A log line says who did what, and the
//! outcome. This module escapes control characters and cuts long values, but it cannot recognize secrets.

mod json;
mod lines;
pub mod metrics;
pub mod otlp;
pub mod security;
mod text;

use std::{
    borrow::Cow,
    io::IsTerminal,
    sync::OnceLock,
    time::{Duration, Instant},
};

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::JsonFields;

pub use lines::Lines;

use crate::config::{Filter, Log, LogFormat};

/// Longer than any useful value. A client must not be able to fill the disk.
const MAX_CHARACTERS: usize = 1_000;

/// Starts logging as `log` says. Does nothing if the process has a subscriber already, as a program that embeds this
/// library may.
pub fn init(log: &Log) {
    let color = std::io::stderr().is_terminal();
    if tracing::subscriber::set_global_default(subscriber(log, color, stderr)).is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
}

/// Writes a line to standard error, in order with the log lines and at any log level. If standard error cannot be
/// written, the line is dropped.
pub fn print_line(line: &str) {
    stderr().send(format!("{line}\n").as_bytes());
}

/// Waits, at most for `patience`, until all earlier lines and security events are written.
pub fn flush(patience: Duration) {
    let deadline = Instant::now() + patience;
    for lines in [stderr()].into_iter().chain(security::lines()) {
        let _ = lines.flush(deadline.saturating_duration_since(Instant::now()));
    }
}

/// How many lines and security events were dropped because they could not be written.
#[must_use]
pub fn dropped_lines() -> u64 {
    stderr().dropped() + security::lines().map_or(0, Lines::dropped)
}

fn stderr() -> &'static Lines {
    static STDERR: OnceLock<Lines> = OnceLock::new();
    STDERR.get_or_init(Lines::to_stderr)
}

/// Logs a panic as one line. The message is logged only if it was fixed at build time, because a formatted one may
/// contain secrets.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("the server panicked");
    tracing::error!(place, "{message}");
}

fn subscriber<W>(log: &Log, color: bool, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt().with_env_filter(filter(&log.level)).with_writer(writer);
    // The library reports a line that it cannot format with `eprintln!`, which panics if standard error is closed.
    let builder = builder.log_internal_errors(false);
    match log.format {
        LogFormat::Json => Box::new(builder.fmt_fields(JsonFields::new()).event_format(json::Json).finish()),
        LogFormat::Text => {
            // Otherwise the library's default applies: colors, unless `NO_COLOR` is set.
            let builder = if color { builder } else { builder.with_ansi(false) };
            Box::new(builder.fmt_fields(text::Text).finish())
        }
    }
}

/// The filter for `level`, without the database driver's log of statements, which contains values, and without the
/// migrator's message at every start that there is nothing to do.
fn filter(level: &Filter) -> EnvFilter {
    let statements = "sqlx::query=off".parse().expect("a fixed directive is well-formed");
    let filter = EnvFilter::builder().with_regex(false).parse_lossy(level.as_str());
    let migrator = "sea_orm_migration=warn".parse().expect("a fixed directive is well-formed");
    filter.add_directive(statements).add_directive(migrator)
}

/// Escapes control characters and text direction marks in `value`, and cuts it to [`MAX_CHARACTERS`].
pub(crate) fn sanitized(value: &str) -> Cow<'_, str> {
    // Nearly every value.
    if value.len() <= MAX_CHARACTERS && value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(value);
    }
    let mut clean = String::with_capacity(value.len().min(MAX_CHARACTERS));
    for (count, c) in value.chars().enumerate() {
        if count == MAX_CHARACTERS {
            clean.push('…');
            break;
        }
        if c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            clean.extend(c.escape_default());
        } else {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    fn logged(format: LogFormat, log: impl FnOnce()) -> String {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let writer = Arc::clone(&lines);
        let settings = Log { format, ..Log::default() };
        tracing::subscriber::with_default(subscriber(&settings, false, move || Tee(Arc::clone(&writer))), log);
        let bytes = lines.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    struct Tee(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Tee {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    const HOSTILE: &str = "ada\u{1b}[2J\n2026 INFO forged\u{9b}31m\u{202e}\r\u{7f}";

    #[test]
    fn text_cannot_be_forged() {
        let line = logged(LogFormat::Text, || {
            let _around = tracing::info_span!("request", from = %HOSTILE).entered();
            tracing::info!(name = %HOSTILE, quoted = HOSTILE, "signed in {HOSTILE}");
        });
        assert_eq!(line.matches('\n').count(), 1, "{line:?}");
        assert!(line.ends_with('\n') && line.contains("name=\"ada\\u{1b}[2J\\n2026"), "{line:?}");
        assert!(!line.trim_end().contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
    }

    #[test]
    fn json_has_one_object_per_line() {
        let line = logged(LogFormat::Json, || {
            let _around = tracing::info_span!("request", request_id = "r1", from = %HOSTILE).entered();
            tracing::info!(name = %HOSTILE, count = 3, ok = true, "signed in {HOSTILE}");
        });
        assert!(!line.trim_end().contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&line["request_id"], &line["count"], &line["ok"]), (&"r1".into(), &3.into(), &true.into()));
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], format!("signed in {}", sanitized(HOSTILE)));
    }

    #[test]
    fn a_field_cannot_imitate_another() {
        let line = logged(LogFormat::Text, || tracing::info!(name = %"bob\" admin=true", plain = "x", "hello"));
        assert!(line.contains("hello name=\"bob\\\" admin=true\" plain=x"), "{line}");
        let line = logged(LogFormat::Json, || tracing::info!(level = "ERROR", target = "x", "hello"));
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn long_values_are_cut() {
        let long = "x".repeat(100_000);
        for format in [LogFormat::Text, LogFormat::Json] {
            let line = logged(format, || tracing::info!(value = %long, "hello"));
            assert!(line.len() < 2 * MAX_CHARACTERS && line.contains('…'), "{}", line.len());
        }
    }

    #[test]
    fn statements_are_never_logged() {
        let settings = Log { level: Filter::default(), ..Log::default() };
        assert!(filter(&settings.level).to_string().contains("sqlx::query=off"));
    }
}
