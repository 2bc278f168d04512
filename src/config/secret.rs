//! Text that must not be seen: neither in `Debug` nor in what `config show` prints, and wiped from memory when dropped.

use zeroize::Zeroizing;

use super::strength;
use super::value::{Kind, Value};

/// What stands wherever a secret would be shown.
pub(super) const REDACTED: &str = "[redacted]";

/// A secret text.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes charge of `text`.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Refuses what could be guessed as a key.
    pub(super) fn check_strength(secret: Option<&Self>) -> Result<(), String> {
        secret.map_or(Ok(()), |it| strength::check(it.expose()))
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
