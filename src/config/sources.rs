//! Where settings are written, and which place wins. The one place that reads the environment of the process.

use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::{ConfigErrors, Problem, printable, suggestion};
use super::file;
use super::key::Key;
use super::table::keys;

/// The file that is read from the working directory, where it exists and no other is named.
pub const DEFAULT_FILE_NAME: &str = "fieldguard.toml";

const PREFIX: &str = "FIELDGUARD_";
/// Names the configuration file and so cannot stand in it.
const FILE_VARIABLE: &str = "FIELDGUARD_CONFIG";
/// Variables that only the tests of Fieldguard and of its adopters read.
const TEST_PREFIX: &str = "FIELDGUARD_TEST_";
/// More than any configuration; a file of another kind is refused before it fills the memory.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Where a setting was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere.
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
    /// On the command line.
    Flag,
}

impl Origin {
    /// The place, in the words of the person who wrote `key` there: `FIELDGUARD_LISTEN`, `--listen`.
    #[must_use]
    pub fn of(&self, key: &Key) -> String {
        match self {
            Self::Default => "default".to_owned(),
            Self::File { name, line } => format!("{} line {line}", printable(name)),
            Self::Environment => key.variable().to_owned(),
            Self::Flag => format!("--{}", key.flag()),
        }
    }
}

/// A configuration file that was read.
#[derive(Clone)]
pub struct File {
    /// Its name, for messages.
    pub name: String,
    /// What is in it, in TOML.
    pub text: Zeroizing<String>,
}

/// The settings among the flags of a command line.
#[derive(Clone, Default)]
pub struct Flags {
    /// The configuration file (`--config`).
    pub file: Option<PathBuf>,
    /// Each setting with the text given for it.
    pub values: Vec<(&'static Key, Zeroizing<String>)>,
}

// Values may be secrets.
impl std::fmt::Debug for Flags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<_> = self.values.iter().map(|(key, _)| key).collect();
        f.debug_struct("Flags").field("file", &self.file).field("keys", &keys).finish()
    }
}

/// Everything that settings are read from, besides the defaults.
#[derive(Clone, Default)]
pub struct Sources {
    /// The configuration file.
    pub file: Option<File>,
    /// Environment variables; those that do not start with `FIELDGUARD_` are passed over.
    pub environment: Vec<(String, Zeroizing<String>)>,
    /// Flags of the command line.
    pub flags: Flags,
}

/// A setting as it was written.
pub(super) struct Setting {
    pub(super) key: &'static Key,
    pub(super) text: Zeroizing<String>,
    pub(super) origin: Origin,
}

impl Sources {
    /// The sources of this process: `flags`, its environment, and the file that either of them names or else
    /// [`DEFAULT_FILE_NAME`], if it exists.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, or a variable is not in UTF-8.
    pub fn of_process(flags: Flags) -> Result<Self, ConfigErrors> {
        let (environment, mut problems) = fieldguard_variables(std::env::vars_os());
        let variable =
            environment.iter().find(|(name, _)| name == FILE_VARIABLE).map(|(_, file)| Path::new(file.as_str()));
        let file = read(flags.file.as_deref().or(variable)).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        if problems.is_empty() { Ok(Self { file, environment, flags }) } else { Err(ConfigErrors::new(problems)) }
    }

    /// The settings, those that win last, and what is no setting.
    pub(super) fn settings(self) -> (Vec<Setting>, Vec<Problem>) {
        let (mut settings, mut problems) = self.file.as_ref().map(file::settings).unwrap_or_default();
        for (name, text) in self.environment {
            match keys().iter().find(|key| key.variable() == name) {
                Some(key) => settings.push(Setting { key, text, origin: Origin::Environment }),
                None => problems.extend(unknown_variable(&name)),
            }
        }
        let flags = self.flags.values.into_iter();
        settings.extend(flags.map(|(key, text)| Setting { key, text, origin: Origin::Flag }));
        (settings, problems)
    }
}

fn unknown_variable(name: &str) -> Option<Problem> {
    if !name.starts_with(PREFIX) || name.starts_with(TEST_PREFIX) || name == FILE_VARIABLE {
        return None;
    }
    let hint = suggestion(name, keys().iter().map(Key::variable));
    Some(Problem::new(format!("`{}` is not a setting (environment){hint}", printable(name))))
}

fn fieldguard_variables(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> (Vec<(String, Zeroizing<String>)>, Vec<Problem>) {
    let (mut variables, mut problems) = (Vec::new(), Vec::new());
    for (name, value) in all {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        match value.into_string() {
            Ok(value) => variables.push((name.to_owned(), Zeroizing::new(value))),
            Err(_) => problems.push(Problem::new(format!("`{}` (environment) is not in UTF-8", printable(name)))),
        }
    }
    (variables, problems)
}

fn read(named: Option<&Path>) -> Result<Option<File>, Problem> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE_NAME));
    let name = path.display().to_string();
    let mut text = Zeroizing::new(String::new());
    match std::fs::File::open(path).and_then(|it| it.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)) {
        Ok(_) if text.len() as u64 > MAX_FILE_BYTES => {
            Err(Problem::new(format!("the configuration file `{}` is larger than 1 MiB", printable(&name))))
        }
        Ok(_) => Ok(Some(File { name, text })),
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(error) => {
            Err(Problem::new(format!("the configuration file `{}` cannot be read: {error}", printable(&name))))
        }
    }
}
