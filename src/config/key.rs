//! One setting, without its value: what it is called and what it is for. The flag and the environment variable follow from
//! the key's name, so that the three cannot drift apart. Which settings there are is said in [`super::table`].

use super::Config;
use super::value::{Kind, Value};

/// One setting: what it is called in each place, and what it is for.
pub struct Key {
    path: String,
    variable: String,
    flag: String,
    help: &'static str,
    placeholder: &'static str,
    kind: Kind,
    echo: bool,
    secret_variable: Option<String>,
    read: fn(&Config) -> Option<String>,
    write: fn(&mut Config, &str) -> Result<(), String>,
}

impl Key {
    /// The key of the field that `_field` reads, for the table.
    pub(super) fn new<V: Value>(
        names: &[&str],
        help: &'static str,
        _field: fn(&Config) -> &V,
        read: fn(&Config) -> Option<String>,
        write: fn(&mut Config, &str) -> Result<(), String>,
    ) -> Self {
        let spelled = names.join("_");
        Self {
            path: names.join("."),
            secret_variable: V::SECRET.then(|| format!("FIELDGUARD_{}_FILE", spelled.to_uppercase())),
            variable: format!("FIELDGUARD_{}", spelled.to_uppercase()),
            flag: spelled.replace('_', "-"),
            help,
            placeholder: V::PLACEHOLDER,
            kind: V::KIND,
            echo: V::ECHO,
            read,
            write,
        }
    }

    /// The name in the configuration file, with a dot between table and key: `token.lifetime`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The environment variable: `FIELDGUARD_TOKEN_LIFETIME`.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// The environment variable that names a file with the value, where that is a secret: `FIELDGUARD_TOKEN_SECRET_FILE`.
    #[must_use]
    pub fn secret_variable(&self) -> Option<&str> {
        self.secret_variable.as_deref()
    }

    /// The flag, without its hyphens: `token-lifetime`.
    #[must_use]
    pub fn flag(&self) -> &str {
        &self.flag
    }

    /// What the setting is for, in one or two sentences.
    #[must_use]
    pub fn help(&self) -> &'static str {
        self.help
    }

    /// What stands for the value in the manual of the command line: `DURATION`.
    #[must_use]
    pub fn placeholder(&self) -> &'static str {
        self.placeholder
    }

    /// The value in `config`, secrets redacted, or nothing where it is not set.
    #[must_use]
    pub fn show(&self, config: &Config) -> Option<String> {
        (self.read)(config)
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Sets it in `config`.
    ///
    /// # Errors
    ///
    /// A half sentence that says what is wrong with `text`, which it repeats only where that is no secret.
    pub(super) fn set(&self, config: &mut Config, text: &str) -> Result<(), String> {
        if text.is_empty() {
            return Err("is empty; leave it out to have the default".to_owned());
        }
        (self.write)(config, text).map_err(|reason| {
            if self.echo { format!("= \"{}\" {reason}", super::error::printable(text)) } else { reason }
        })
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)
    }
}
