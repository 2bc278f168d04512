//! The sources of settings and their precedence. Only this module reads the environment of the process.

use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::database_url::DatabaseUrl;
use super::error::{ConfigErrors, Problem, printable, suggestion};
use super::file;
use super::key::Key;
use super::service_links::is_service_link;
use super::table::keys;

/// The file in the working directory that is read if no other is named. It need not exist.
pub const DEFAULT_FILE_NAME: &str = "fieldguard.toml";

const PREFIX: &str = "FIELDGUARD_";
/// Names the configuration file, so it cannot be set in that file.
const FILE_VARIABLE: &str = "FIELDGUARD_CONFIG";
/// Platforms such as Cloud Run and Heroku set it to the port that they send requests to.
const PORT_VARIABLE: &str = "PORT";
/// Variables that only the tests of Fieldguard and of its adopters read.
const TEST_PREFIX: &str = "FIELDGUARD_TEST_";
/// Larger than any configuration. A wrong file is refused before it fills the memory.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Larger than any secret.
const MAX_SECRET_BYTES: usize = 64 * 1024;

/// Where a setting was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It was not set.
    Default,
    /// In the configuration file.
    File {
        /// The file.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// In an environment variable.
    Environment,
    /// In a file that an environment variable names.
    SecretFile,
    /// On the command line.
    Flag,
    /// On the command line, as `--port`.
    Port,
    /// In the environment, as `PORT`.
    PortVariable,
    /// By systemd, which opened the sockets.
    Sockets,
}

impl Origin {
    /// The source of `key`, as its author wrote it: `FIELDGUARD_LISTEN`, `--listen`.
    #[must_use]
    pub fn of(&self, key: &Key) -> String {
        match self {
            Self::Default => "default".to_owned(),
            Self::File { name, line } => format!("{} line {line}", printable(name)),
            Self::Environment => key.variable().to_owned(),
            Self::SecretFile => key.secret_variable().unwrap_or_default().to_owned(),
            Self::Flag => format!("--{}", key.flag()),
            Self::Port => "--port".to_owned(),
            Self::PortVariable => PORT_VARIABLE.to_owned(),
            Self::Sockets => "LISTEN_FDS".to_owned(),
        }
    }
}

/// The content of a configuration file or of a file with a secret.
#[derive(Clone)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its content.
    pub text: Zeroizing<String>,
}

/// The settings given as command-line flags.
#[derive(Clone, Default)]
pub struct Flags {
    /// The configuration file (`--config`).
    pub file: Option<PathBuf>,
    /// The port of `listen` (`--port`).
    pub port: Option<u16>,
    /// The settings with their text.
    pub values: Vec<(&'static Key, Zeroizing<String>)>,
}

// Values may be secrets.
impl std::fmt::Debug for Flags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<_> = self.values.iter().map(|(key, _)| key).collect();
        f.debug_struct("Flags")
            .field("file", &self.file)
            .field("port", &self.port)
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}

/// All sources of settings besides the defaults.
#[derive(Clone, Default)]
pub struct Sources {
    /// The configuration file.
    pub file: Option<File>,
    /// Environment variables. Those that do not start with `FIELDGUARD_` are ignored, and so are those that Kubernetes
    /// sets for a Service `fieldguard`.
    pub environment: Vec<(String, Zeroizing<String>)>,
    /// Files with one secret each, by the environment variable that names the file, such as
    /// `FIELDGUARD_TOKEN_SECRET_FILE`.
    pub secrets: Vec<(String, File)>,
    /// The port to listen on, on every address, if `listen` is not set (`PORT`).
    pub port: Option<String>,
    /// Flags of the command line.
    pub flags: Flags,
}

/// A setting with its text and source.
pub(super) struct Setting {
    pub(super) key: &'static Key,
    pub(super) text: Zeroizing<String>,
    pub(super) origin: Origin,
}

impl Setting {
    /// Whether this is a secret in the configuration file.
    pub(super) fn is_secret_in_file(&self) -> bool {
        let is_secret = match self.text.parse::<DatabaseUrl>() {
            Ok(url) if self.key.path() == "database_url" => url.is_secret(),
            _ => self.key.secret_variable().is_some(),
        };
        is_secret && matches!(self.origin, Origin::File { .. })
    }
}

impl Sources {
    /// The sources of this process: `flags`, its environment, and the configuration file. That is the file named by a
    /// flag or variable, or [`DEFAULT_FILE_NAME`] if it exists.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or a variable is not UTF-8.
    pub fn of_process(flags: Flags) -> Result<Self, ConfigErrors> {
        let (environment, mut problems) = fieldguard_variables(std::env::vars_os());
        let variable =
            environment.iter().find(|(name, _)| name == FILE_VARIABLE).map(|(_, file)| Path::new(file.as_str()));
        let file = read(flags.file.as_deref().or(variable)).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let (secrets, environment) = take_secrets(environment, &mut problems);
        let port = std::env::var_os(PORT_VARIABLE).filter(|port| !port.is_empty());
        let port = port.map(|port| port.to_string_lossy().into_owned());
        let sources = Self { file, environment, secrets, port, flags };
        if problems.is_empty() { Ok(sources) } else { Err(ConfigErrors::new(problems)) }
    }

    /// The settings in ascending precedence, and the unknown ones.
    pub(super) fn settings(self) -> (Vec<Setting>, Vec<Problem>) {
        let (mut settings, mut problems) = self.file.as_ref().map(file::settings).unwrap_or_default();
        for (name, text) in self.environment {
            match keys().iter().find(|key| key.variable() == name) {
                Some(key) => settings.push(Setting { key, text, origin: Origin::Environment }),
                None => problems.extend(unknown_variable(&name, &text)),
            }
        }
        for (name, file) in self.secrets {
            let Some(key) = key_of_secret(&name) else { continue };
            if settings.iter().any(|setting| setting.key.path() == key.path() && setting.origin == Origin::Environment)
            {
                problems.push(Problem::new(format!(
                    "`{}` and `{name}` (environment) are both set; remove one",
                    key.variable()
                )));
            }
            settings.push(Setting { key, text: file.text, origin: Origin::SecretFile });
        }
        let flags = self.flags.values.into_iter();
        settings.extend(flags.map(|(key, text)| Setting { key, text, origin: Origin::Flag }));
        if self.flags.port.is_none() && !settings.iter().any(|setting| setting.key.path() == "listen") {
            settings.extend(self.port.map(|port| every_address(&port)));
        }
        (settings, problems)
    }
}

/// `listen` for a platform that sends requests to `port` from other machines.
fn every_address(port: &str) -> Setting {
    let key = keys().iter().find(|key| key.path() == "listen").expect("`listen` is a setting");
    Setting { key, text: Zeroizing::new(format!("0.0.0.0:{port}")), origin: Origin::PortVariable }
}

fn key_of_secret(variable: &str) -> Option<&'static Key> {
    keys().iter().find(|key| key.secret_variable() == Some(variable))
}

type Variables = Vec<(String, Zeroizing<String>)>;

/// Reads the files that variables name. Returns the other variables too.
fn take_secrets(environment: Variables, problems: &mut Vec<Problem>) -> (Vec<(String, File)>, Variables) {
    let (named, rest): (Variables, Variables) =
        environment.into_iter().partition(|(name, _)| key_of_secret(name).is_some());
    let mut secrets = Vec::new();
    for (name, path) in named {
        match read_secret(&name, Path::new(path.as_str())) {
            Ok(file) => secrets.push((name, file)),
            Err(problem) => problems.push(problem),
        }
    }
    (secrets, rest)
}

/// The content of the file, without the line end that editors add.
fn read_secret(variable: &str, path: &Path) -> Result<File, Problem> {
    let name = path.display().to_string();
    let refused = |reason: &str| Problem::new(format!("the file `{}` ({variable}) {reason}", printable(&name)));
    // Allocated at full size: a string that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_SECRET_BYTES + 1));
    let read =
        std::fs::File::open(path).and_then(|file| file.take(MAX_SECRET_BYTES as u64 + 1).read_to_string(&mut text));
    match read {
        Err(error) => Err(refused(&format!("cannot be read: {error}"))),
        Ok(_) if text.len() > MAX_SECRET_BYTES => Err(refused("must not be larger than 64 KiB")),
        Ok(_) => {
            let end = text.strip_suffix('\n').map_or(text.len(), |text| text.strip_suffix('\r').unwrap_or(text).len());
            text.truncate(end);
            Ok(File { name, text })
        }
    }
}

fn unknown_variable(name: &str, value: &str) -> Option<Problem> {
    let rest = name.strip_prefix(PREFIX)?;
    if name.starts_with(TEST_PREFIX) || name == FILE_VARIABLE || is_service_link(rest, value) {
        return None;
    }
    let hint = suggestion(name, keys().iter().map(Key::variable));
    Some(Problem::new(format!("`{}` is not a setting (environment){hint}", printable(name))))
}

/// The variables of this program that have a value. An empty one counts as unset: composed files and CI write
/// `${NAME:-}` for a value that is often missing.
fn fieldguard_variables(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> (Vec<(String, Zeroizing<String>)>, Vec<Problem>) {
    let (mut variables, mut problems) = (Vec::new(), Vec::new());
    for (name, value) in all {
        let is_set = |name: &&str| name.starts_with(PREFIX) && !value.is_empty();
        let Some(name) = name.to_str().filter(is_set) else { continue };
        match value.into_string() {
            Ok(value) => variables.push((name.to_owned(), Zeroizing::new(value))),
            Err(_) => problems.push(Problem::new(format!("`{}` (environment) is not valid UTF-8", printable(name)))),
        }
    }
    (variables, problems)
}

fn read(named: Option<&Path>) -> Result<Option<File>, Problem> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE_NAME));
    let name = path.display().to_string();
    let mut text = Zeroizing::new(String::new());
    match std::fs::File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)) {
        Ok(_) if text.len() as u64 > MAX_FILE_BYTES => {
            Err(Problem::new(format!("the configuration file `{}` must not be larger than 1 MiB", printable(&name))))
        }
        Ok(_) => Ok(Some(File { name, text })),
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(error) => {
            Err(Problem::new(format!("the configuration file `{}` cannot be read: {error}", printable(&name))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_variables_are_unset() {
        let all =
            [("FIELDGUARD_LISTEN", ""), ("FIELDGUARD_CONFIG", ""), ("FIELDGUARD_LOG_LEVEL", "off"), ("PATH", "x")];
        let (found, problems) = fieldguard_variables(all.into_iter().map(|(name, value)| (name.into(), value.into())));
        assert_eq!(problems, []);
        assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["FIELDGUARD_LOG_LEVEL"]);
    }
}
