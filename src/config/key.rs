//! The description of one setting. The flag and the environment variable are derived from the key's name, so that the
//! three names always agree. [`super::table`] lists the settings.

use super::Config;
use super::value::{Kind, Value};

/// The names and the help of one setting.
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
    /// The key of the field that `_field` reads.
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

    /// The environment variable that names a file with the value, if the setting can be a secret:
    /// `FIELDGUARD_TOKEN_SECRET_FILE`.
    #[must_use]
    pub fn secret_variable(&self) -> Option<&str> {
        self.secret_variable.as_deref()
    }

    /// The flag, without its hyphens: `token-lifetime`.
    #[must_use]
    pub fn flag(&self) -> &str {
        &self.flag
    }

    /// The help text, in one or two sentences.
    #[must_use]
    pub fn help(&self) -> &'static str {
        self.help
    }

    /// The placeholder for the value in the command-line manual: `DURATION`.
    #[must_use]
    pub fn placeholder(&self) -> &'static str {
        self.placeholder
    }

    /// The value in `config`, with secrets redacted. `None` if it is not set.
    #[must_use]
    pub fn show(&self, config: &Config) -> Option<String> {
        (self.read)(config)
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Sets the value in `config`.
    ///
    /// # Errors
    ///
    /// A clause that says what is wrong with `text`. It repeats `text` only if the setting is not a secret.
    pub(super) fn set(&self, config: &mut Config, text: &str) -> Result<(), String> {
        if text.is_empty() {
            return Err("is empty; remove it to use the default".to_owned());
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
