//! Settings that are lists of names.

use super::value::{Kind, Value, without_control_characters};

/// Names without surrounding spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(Vec<String>);

impl Names {
    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<'a> FromIterator<&'a str> for Names {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        Self(names.into_iter().map(str::to_owned).collect())
    }
}

impl Value for Names {
    const PLACEHOLDER: &'static str = "NAME,…";
    const KIND: Kind = Kind::List;

    fn parse(text: &str) -> Result<Self, String> {
        let names: Vec<_> = without_control_characters(text)?.split(',').map(|name| name.trim().to_owned()).collect();
        if names.iter().any(String::is_empty) { Err("contains an empty name".to_owned()) } else { Ok(Self(names)) }
    }

    fn show(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join(","))
    }
}
