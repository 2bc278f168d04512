//! Locales: language tags (BCP 47) in their canonical form. Whether an application has texts in the language is its own
//! matter.

use super::stored_text;
use crate::invalid::{Invalid, Reason};

/// Maximum length of the typed text, in bytes.
const MAX_BYTES: usize = 64;

/// The language and region for the user interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale(String);

stored_text!(Locale);

impl Locale {
    /// Parses a language tag, in any case, with hyphens or underscores.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `locale`.
    pub fn parse(typed: &str) -> Result<Self, Invalid> {
        let typed = typed.trim();
        let parsed = (typed.len() <= MAX_BYTES)
            .then(|| icu_locale_core::Locale::try_from_str(&typed.replace('_', "-")).ok())
            .flatten();
        let message = "`locale` must be a language tag (BCP 47), such as `en` or `de-CH`.";
        let invalid = || Invalid::new("locale", Reason::InvalidFormat, message);
        parsed.map(|locale| Self(locale.to_string())).ok_or_else(invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_stored_in_canonical_form() {
        for (typed, locale) in
            [("en", "en"), ("DE-ch", "de-CH"), ("zh_hant_TW", "zh-Hant-TW"), ("en-US-u-hc-h12", "en-US-u-hc-h12")]
        {
            assert_eq!(Locale::parse(typed).unwrap().as_str(), locale);
        }
        for typed in ["", "e", "english language", "de--CH", "de-CH-", "d€", &format!("en-x-{}", "a-".repeat(40))] {
            assert_eq!(Locale::parse(typed).unwrap_err().field, "locale", "{typed}");
        }
    }
}
