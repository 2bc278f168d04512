//! Settings that are text in a certain form.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::value::{Kind, Value, without_control_characters};

/// A short text without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    const MAX_BYTES: usize = 255;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}

impl Value for Text {
    const PLACEHOLDER: &'static str = "TEXT";
    const KIND: Kind = Kind::Text;

    fn parse(text: &str) -> Result<Self, String> {
        if text.len() > Self::MAX_BYTES {
            return Err(format!("must not be longer than {} bytes", Self::MAX_BYTES));
        }
        without_control_characters(text).map(Self)
    }

    fn show(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

/// Which events are logged: a level (`info`), or levels for parts of the program (`info,fieldguard::http=debug`), in
/// the syntax of [`EnvFilter`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(String);

impl Filter {
    /// The filter, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl Value for Filter {
    const PLACEHOLDER: &'static str = "FILTER";
    const KIND: Kind = Kind::Text;

    fn parse(text: &str) -> Result<Self, String> {
        // `EnvFilter` takes an unknown word for the name of a module: `verbose` would disable all logging.
        let lone_words_are_levels =
            text.split(',').all(|part| part.contains(['=', '[']) || part.trim().parse::<LevelFilter>().is_ok());
        if lone_words_are_levels && EnvFilter::builder().with_regex(false).parse(text).is_ok() {
            return Ok(Self(text.to_owned()));
        }
        Err("must be `off`, `error`, `warn`, `info`, `debug`, `trace` or a list such as `info,fieldguard=debug`"
            .to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(self.0.clone())
    }
}
