//! The address of the database, which may hold a password. Does not open it; what else may stand in the address is up to
//! the driver.

use std::path::Path;

use super::secret::{REDACTED, Secret};
use super::value::{Kind, Value};

/// Parameters of a database's URL that hold no secret; whatever is not listed is redacted.
const HARMLESS: [&str; 7] = ["application_name", "cache", "dbname", "host", "mode", "port", "sslmode"];

/// The address of a database, `sqlite:…` or `postgres://…`. Its password is never shown.
#[derive(Clone)]
pub struct DatabaseUrl(Secret);

impl DatabaseUrl {
    /// The SQLite database in the file `path`.
    #[must_use]
    pub fn sqlite(path: &Path) -> Self {
        // The driver decodes percent signs and cuts at a question mark.
        let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F");
        Self(Secret::new(format!("sqlite:{path}")))
    }

    /// The whole address, for the driver.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What a person calls the database: the file of SQLite, or the address of a server without its secrets.
    #[must_use]
    pub fn label(&self) -> String {
        let shown = self.redacted();
        let Some(path) = shown.strip_prefix("sqlite:") else { return shown };
        path.strip_prefix("//").unwrap_or(path).to_owned()
    }

    /// The address without its secrets, to be shown.
    #[must_use]
    pub fn redacted(&self) -> String {
        let url = self.expose();
        // The last `@`, wherever it is: a password may hold `/`, `?` and `@` unescaped, and hiding too much is harmless.
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

    fn parse(text: &str) -> Result<Self, String> {
        let place =
            ["sqlite:", "postgres://", "postgresql://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
        match place {
            Some("") => Err("names no database".to_owned()),
            Some(_) if text.chars().any(char::is_control) => Err("contains a control character".to_owned()),
            Some(_) => Ok(Self(Secret::new(text.to_owned()))),
            None => Err("starts neither with `sqlite:` nor with `postgres://`".to_owned()),
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
    fn the_database_keeps_its_secrets() {
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
    fn a_directory_may_have_any_name() {
        assert_eq!(DatabaseUrl::sqlite(Path::new("50%/a?b.db")).expose(), "sqlite:50%25/a%3Fb.db");
    }
}
