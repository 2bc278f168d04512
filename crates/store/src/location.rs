//! The location of a database: a value, not a URL, so that no character of a path is parsed as syntax.

use std::{
    fmt,
    path::{Path, PathBuf, absolute},
    str::FromStr,
};

use super::Error;

/// The location of a database.
///
/// `FromStr` parses a URL:
///
/// - `sqlite:PATH` or `sqlite://PATH`. The path is taken literally: `%3F` is three characters of a name. A relative path
///   is resolved against the working directory. Parameters, and therefore every `?`, are refused; [`Location::file`]
///   takes any path.
/// - `sqlite::memory:`
/// - `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, or the same with `postgresql`.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// An SQLite database in memory, for tests.
    Memory,
    /// An SQLite database in the file at this path, which [`Location::file`] makes absolute.
    File(PathBuf),
    /// A PostgreSQL database, by its URL, which may hold a password.
    Postgres(String),
}

impl Location {
    /// An SQLite database in a file. A relative path is resolved against the current working directory.
    #[must_use]
    pub fn file(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        // Without a working directory the path stays relative, and opening it reports the cause.
        Self::File(absolute(path).unwrap_or_else(|_| path.to_owned()))
    }

    /// The path of an SQLite database file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Memory | Self::Postgres(_) => None,
        }
    }
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let Some(rest) = url.strip_prefix("sqlite:") else {
            return Err(Error::Url("A database URL must begin with `sqlite:` or `postgres://`."));
        };
        match rest.strip_prefix("//").unwrap_or(rest) {
            ":memory:" => Ok(Self::Memory),
            "" => Err(Error::Url("The SQLite URL must name a file, such as `sqlite://data/fieldguard.db`.")),
            path if path.contains('?') || path.starts_with("file:") => Err(Error::Url(
                "The SQLite URL must be a path without parameters, such as `sqlite://data/fieldguard.db`.",
            )),
            path => Ok(Self::file(path)),
        }
    }
}

/// Hides the path and the URL, which may contain a password.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "Memory",
            Self::File(_) => "File",
            Self::Postgres(_) => "Postgres",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_urls_name_files_literally() {
        for (url, path) in [
            ("sqlite:///var/lib/fieldguard.db", "/var/lib/fieldguard.db"),
            ("sqlite:/var/lib/fieldguard.db", "/var/lib/fieldguard.db"),
            ("sqlite:///q%3Fmark/50%/a#b c/é.db", "/q%3Fmark/50%/a#b c/é.db"),
        ] {
            assert_eq!(url.parse::<Location>().unwrap().path(), Some(Path::new(path)), "{url}");
        }
        let here = std::env::current_dir().unwrap();
        for (url, path) in [
            ("sqlite://data/fieldguard.db", "data/fieldguard.db"),
            ("sqlite:fieldguard.db", "fieldguard.db"),
            ("sqlite:data/file:x", "data/file:x"),
        ] {
            assert_eq!(url.parse::<Location>().unwrap().path(), Some(&*here.join(path)), "{url}");
        }
        for url in ["sqlite::memory:", "sqlite://:memory:"] {
            assert_eq!(url.parse::<Location>().unwrap(), Location::Memory, "{url}");
        }
    }

    #[test]
    fn urls_that_name_no_database_are_refused() {
        for url in ["sqlite:", "sqlite://", "sqlite://a.db?mode=ro", "sqlite:file:a.db", "mysql://db/x", "data/x.db"] {
            assert!(matches!(url.parse::<Location>(), Err(Error::Url(_))), "{url}");
        }
    }

    #[test]
    fn any_path_is_taken_literally() {
        let here = std::env::current_dir().unwrap();
        for path in ["q?mark/a.db", "50%25/a.db", "a#b/a.db", "file:a.db", ":memory:", "sqlite:a.db", "é ü/a.db"] {
            assert_eq!(Location::file(path).path(), Some(&*here.join(path)), "{path}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let url = "postgres://u:hunter2@host/x".parse::<Location>().unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
