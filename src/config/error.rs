//! Configuration errors, as messages for the operator that are safe for terminals and logs.

use super::key::Key;
use super::sources::Origin;

/// One configuration error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Problem(String);

impl Problem {
    /// A problem with the setting `key` from `origin`. `reason` continues the sentence after the key's name.
    pub(super) fn at(key: &Key, origin: &Origin, reason: impl AsRef<str>) -> Self {
        Self(format!("`{}` ({}) {}", key.path(), origin.of(key), reason.as_ref()))
    }

    /// A problem without a key, as a whole sentence.
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// All configuration errors, at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is not valid:{}", lines(.0))]
pub struct ConfigErrors(Vec<Problem>);

impl ConfigErrors {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self(problems)
    }

    /// The problems, one at a time.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |lines, problem| lines + "\n  - " + &problem.0)
}

/// `; did you mean …?` if one of `known` is similar to `name`.
pub(super) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let close = known.map(|other| (strsim::jaro_winkler(name, other), other)).max_by(|a, b| a.0.total_cmp(&b.0));
    close
        .filter(|(similarity, _)| *similarity > 0.8)
        .map(|(_, other)| format!("; did you mean `{other}`?"))
        .unwrap_or_default()
}

/// A typed name that is safe to print: control characters escaped, long names cut.
pub(super) fn printable(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_debug).collect()
}
