//! The command that creates the first administrator, in a form that can be pasted into another shell, in any directory.

use std::{
    borrow::Cow,
    env,
    path::{Path, absolute},
};

use crate::{
    config::{Config, Origin, keys},
    store::Location,
};

/// The program's name when it is installed.
pub(super) const NAME: &str = "fieldguard";

/// This program's name or, if it was started by a path, its absolute path.
pub(super) fn program() -> String {
    let Some(typed) = env::args_os().next() else { return NAME.to_owned() };
    let path = Path::new(&typed);
    if path.components().count() == 1 { path.display().to_string() } else { shown(path) }
}

/// The command line, with the configuration file and the database of `config`. It contains no secret: if the PostgreSQL
/// URL is not in the configuration file, it says where the server got it from.
pub(super) fn command(config: &Config, program: &str) -> String {
    let mut words = vec![program.to_owned()];
    words.extend(config.file().into_iter().flat_map(|file| ["--config".to_owned(), shown(file)]));
    words.extend(database(config));
    words.extend(["admin", "create", "ada"].map(str::to_owned));
    let line = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    match place_of_url(config) {
        Some(place) => format!("{line} (with the same {place} as the server)"),
        None => line,
    }
}

/// The flags that name the database, if it is a file.
fn database(config: &Config) -> Vec<String> {
    match (config.database(), &config.database_url) {
        (Location::File(path), Some(_)) => vec!["--database-url".to_owned(), format!("sqlite:{}", shown(&path))],
        (Location::File(_), None) => vec!["--data-dir".to_owned(), shown(&config.data_dir)],
        _ => Vec::new(),
    }
}

/// Where the PostgreSQL URL was set, if outside the configuration file.
fn place_of_url(config: &Config) -> Option<String> {
    let key = keys().iter().find(|key| key.path() == "database_url")?;
    let origin = config.origin(key);
    let is_outside = matches!(origin, Origin::Environment | Origin::SecretFile | Origin::Flag);
    (is_outside && matches!(config.database(), Location::Postgres(_))).then(|| origin.of(key))
}

fn shown(path: &Path) -> String {
    absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Quotes the word for a shell (POSIX Shell Command Language, section 2.2).
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_data_directory_and_no_secret() {
        let mut config = Config::default();
        config.data_dir = "/srv/my data".into();
        assert_eq!(command(&config, NAME), "fieldguard --data-dir '/srv/my data' admin create ada");
        config.database_url = "sqlite:/srv/it's.db".parse().ok();
        assert_eq!(command(&config, NAME), r"fieldguard --database-url 'sqlite:/srv/it'\''s.db' admin create ada");
        config.database_url = "postgres://ann:hunter2@db/fg".parse().ok();
        assert_eq!(command(&config, NAME), "fieldguard admin create ada");
    }
}
