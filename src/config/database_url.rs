//! The URL of the database, which may contain a password. This module does not connect. The driver parses the rest of a
//! PostgreSQL URL.

use super::secret::{REDACTED, Secret};
use super::value::{Kind, Value};
use crate::store::Location;

/// URL parameters without secrets. All others are redacted.
const HARMLESS: [&str; 7] = ["application_name", "cache", "dbname", "host", "mode", "port", "sslmode"];

/// The URL of a database, `sqlite:PATH` or `postgres://…`. Its password is never shown.
#[derive(Clone)]
pub struct DatabaseUrl {
    text: Secret,
    location: Location,
}

impl DatabaseUrl {
    /// The whole URL, for the driver.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Whether it contains a password or another secret.
    pub(super) fn is_secret(&self) -> bool {
        self.redacted() != self.expose()
    }

    /// Where the database is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The URL without its secrets, for display.
    #[must_use]
    pub fn redacted(&self) -> String {
        let url = self.expose();
        // The last `@`, wherever it is: a password may contain unescaped `/`, `?` and `@`, and redacting too much does
        // no harm.
        let (start, rest) = match (url.find("://"), url.rfind('@')) {
            (Some(scheme), Some(at)) if scheme + 3 <= at => {
                let user = &url[scheme + 3..at];
                let end = user.find([':', '/', '?']).unwrap_or(user.len());
                let hidden = if end < user.len() { format!(":{REDACTED}") } else { String::new() };
                (format!("{}{hidden}", &url[..scheme + 3 + end]), &url[at..])
            }
            _ => (String::new(), url),
        };
        let Some((place, query)) = rest.split_once('?') else { return start + rest };
        let parameters: Vec<_> = query.split('&').map(redacted_parameter).collect();
        format!("{start}{place}?{}", parameters.join("&"))
    }
}

fn redacted_parameter(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, _)) if HARMLESS.contains(&name) => parameter.to_owned(),
        Some((name, _)) => format!("{name}={REDACTED}"),
        None => REDACTED.to_owned(),
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl Value for DatabaseUrl {
    const PLACEHOLDER: &'static str = "URL";
    const KIND: Kind = Kind::Text;
    const ECHO: bool = false;
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        let place =
            ["sqlite:", "postgres://", "postgresql://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
        match place {
            None => Err("must start with `sqlite:` or `postgres://`".to_owned()),
            Some("" | "//") => Err("must name a database".to_owned()),
            Some(_) if text.chars().any(char::is_control) => Err("must not contain control characters".to_owned()),
            Some(_) => match text.parse() {
                Ok(location) => Ok(Self { text: Secret::new(text.to_owned()), location }),
                Err(_) => Err("must be `sqlite:` and a path without `?`; for other paths, set `data_dir`".to_owned()),
            },
        }
    }

    fn show(&self) -> Option<String> {
        Some(self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_redacted() {
        for (url, shown) in [
            ("sqlite:data/fieldguard.db", "sqlite:data/fieldguard.db"),
            ("postgres://db.example.org/fieldguard", "postgres://db.example.org/fieldguard"),
            ("postgres://ann@db/fg?sslmode=require", "postgres://ann@db/fg?sslmode=require"),
            ("postgres://ann:hunter2@db/fg", "postgres://ann:[redacted]@db/fg"),
            ("postgres://ann:hunter2/p?q@hunter2@db/fg", "postgres://ann:[redacted]@db/fg"),
            ("postgres://:hunter2@db/fg", "postgres://:[redacted]@db/fg"),
            ("postgres:///fg?host=/run&password=hunter2", "postgres:///fg?host=/run&password=[redacted]"),
            ("postgres://db/fg?password=hunter2@b", "postgres://db:[redacted]@b"),
            ("postgres:///fg?hunter2", "postgres:///fg?[redacted]"),
        ] {
            let url = DatabaseUrl::parse(url).unwrap();
            assert_eq!(url.redacted(), shown);
            assert_eq!(format!("{url:?}"), shown);
        }
    }

    #[test]
    fn urls_without_a_database_are_refused() {
        for url in ["mysql://db", "sqlite:", "sqlite:x.db?mode=ro", "fieldguard.db", "sqlite:a\u{1b}b"] {
            let reason = DatabaseUrl::parse(url).unwrap_err();
            assert!(!reason.contains("db?") && !reason.contains("mysql"), "{reason}");
        }
    }
}
