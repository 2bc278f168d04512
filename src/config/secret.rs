//! Secret text. It is redacted in `Debug` and in the output of `config show`, and wiped from memory when dropped.

use zeroize::Zeroizing;

use super::strength;
use super::value::{Kind, Value};

/// The text shown in place of a secret.
pub(super) const REDACTED: &str = "[redacted]";

/// A secret text.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps `text`.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret in clear text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Refuses a key that could be guessed, or whose white space at an end another program might drop.
    pub(super) fn check_strength(secret: Option<&Self>) -> Result<(), String> {
        let Some(secret) = secret.map(Self::expose) else { return Ok(()) };
        if secret.trim() == secret {
            strength::check(secret)
        } else {
            Err("begins or ends with white space; remove it, because other programs may drop it".to_owned())
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Value for Secret {
    const PLACEHOLDER: &'static str = "SECRET";
    const KIND: Kind = Kind::Text;
    const ECHO: bool = false;
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self::new(text.to_owned()))
    }

    fn show(&self) -> Option<String> {
        Some(REDACTED.to_owned())
    }
}
