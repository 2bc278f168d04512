//! What is wrong with the settings, in words for the person who wrote them, safe for a terminal and for a log.

use super::key::Key;
use super::sources::Origin;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Problem(String);

impl Problem {
    /// Something wrong with the setting `key` that was written in `origin`; `reason` goes on after the key's name.
    pub(super) fn at(key: &Key, origin: &Origin, reason: impl AsRef<str>) -> Self {
        Self(format!("`{}` ({}) {}", key.path(), origin.of(key), reason.as_ref()))
    }

    /// Something wrong that has no key, as a whole sentence.
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// Everything that is wrong, at least one thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is not valid:{}", lines(.0))]
pub struct ConfigErrors(Vec<Problem>);

impl ConfigErrors {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self(problems)
    }

    /// What is wrong, one thing at a time.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |lines, problem| lines + "\n  - " + &problem.0)
}

/// `, did you mean …?` where one of `known` is close to `name`.
pub(super) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let close = known.map(|it| (strsim::jaro_winkler(name, it), it)).max_by(|a, b| a.0.total_cmp(&b.0));
    close
        .filter(|(similarity, _)| *similarity > 0.8)
        .map(|(_, it)| format!("; did you mean `{it}`?"))
        .unwrap_or_default()
}

/// A name that somebody typed, fit to be printed: control characters escaped, cut where it is long.
pub(super) fn printable(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_debug).collect()
}
