//! The setting `token.claims`. The names and sources are checked in [`crate::domain::claims`].

use super::value::{Kind, Value};
use crate::domain::claims;

/// The claims that access tokens carry from users' profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims(pub(crate) claims::Claims);

impl Value for Claims {
    const PLACEHOLDER: &'static str = "CLAIM=SOURCE,…";
    const KIND: Kind = Kind::Table;

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map(Self)
    }

    fn show(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.to_string())
    }
}
