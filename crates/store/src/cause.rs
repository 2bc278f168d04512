//! The causes of database and system errors, in words for the log and the operator.

use std::{fmt, io};

use sea_orm::sqlx;

use super::Error;

/// The cause of a database error, for the log and the operator. It contains no SQL, value, path or URL.
pub struct Cause {
    text: String,
    code: Option<String>,
    /// Whether the failed statement certainly had no effect. False if no answer came, and for errors that PostgreSQL or
    /// a pooler can send after the work was done.
    is_definite: bool,
}

impl Cause {
    /// A failure that certainly had no effect.
    pub(super) fn definite(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: None, is_definite: true }
    }

    /// A failure whose effect is unknown.
    pub(super) fn open(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: None, is_definite: false }
    }

    /// Whether the failed statement certainly had no effect.
    pub(super) const fn is_definite(&self) -> bool {
        self.is_definite
    }

    /// A row whose content this program did not write.
    pub(super) fn unreadable() -> Error {
        Error::Database(Self::definite("a stored value has an unexpected form"))
    }

    /// Whether a full disk may be the cause. SQLite reports one with several codes, some of which have other causes
    /// too.
    pub(super) fn may_be_full_disk(&self) -> bool {
        self.sqlite_code().is_some_and(|code| matches!(code & 0xff, 10 | 13 | 14))
    }

    fn sqlite_code(&self) -> Option<u32> {
        self.code.as_deref().filter(|code| code.len() < 5).and_then(|code| code.parse().ok())
    }

    /// The database's message with its code, or a clearer text for SQLite's vague ones.
    pub(super) fn of_answer(error: &dyn sqlx::error::DatabaseError, is_definite: bool) -> Self {
        let mut cause = Self { text: error.message().to_owned(), code: error.code().map(Into::into), is_definite };
        let clearer = match cause.sqlite_code().map(|code| code & 0xff) {
            Some(5 | 6) => "another process holds a lock on it",
            Some(8) => "it is read-only",
            Some(11) => "the file is damaged",
            Some(13) => "no space left on device",
            _ => error.message(),
        };
        cause.text = cause.code.as_ref().map_or_else(|| clearer.to_owned(), |code| format!("{clearer} (code {code})"));
        cause
    }

    /// The driver's message for a failure without an answer from the database.
    pub(super) fn of_driver(error: &sqlx::Error, is_definite: bool) -> Self {
        let text = match error {
            sqlx::Error::Io(error) => in_words(error),
            sqlx::Error::Tls(error) => format!("TLS failed: {error}"),
            sqlx::Error::PoolTimedOut => "no connection became free in time".to_owned(),
            sqlx::Error::PoolClosed => "the connections are closed".to_owned(),
            other => other.to_string(),
        };
        Self { text, code: None, is_definite }
    }
}

impl std::error::Error for Cause {}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The system's message without its number, as part of a sentence: `permission denied (running as uid 1000)`.
#[must_use]
pub fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error ").next().unwrap_or_default();
    // In a sentence the first letter is lower case, unless the word is an acronym.
    let mut letters = text.chars();
    let first = letters.next().map(|letter| {
        let is_word = letters.clone().next().is_some_and(char::is_lowercase);
        if is_word { letter.to_lowercase().to_string() } else { letter.to_string() }
    });
    let text = first.unwrap_or_default() + letters.as_str();
    if error.kind() == io::ErrorKind::PermissionDenied {
        return format!("{text} (running as uid {})", rustix::process::geteuid().as_raw());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_errors_read_as_part_of_a_sentence() {
        let words = |number| in_words(&io::Error::from_raw_os_error(number));
        let uid = rustix::process::geteuid().as_raw();
        assert_eq!(words(13), format!("permission denied (running as uid {uid})"));
        assert_eq!(words(28), "no space left on device");
        assert_eq!(words(21), "is a directory");
        assert_eq!(in_words(&io::Error::other("TLS is missing")), "TLS is missing");
        assert_eq!(in_words(&io::Error::other("")), "");
    }
}
