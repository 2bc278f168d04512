//! Compatibility caseless form (Unicode, section 3.13): NFKC with full case folding, so that `Ada`, `ada` and full-width
//! `ａｄａ` become one text. For keys that are compared, never for text that is shown, and not for passwords.
//!
//! Folding is lower case of upper case of lower case, character by character. That joins everything the folding table
//! of Unicode joins, and Turkish dotless `ı` with `i` besides: two names that a reader takes for one stay one.

use unicode_normalization::UnicodeNormalization;

/// The folded form of `text`. Folding it again changes nothing.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = pass(text);
    // Composition can give a character that folds further, so a single pass is not a fixed point for every text.
    loop {
        let again = pass(&folded);
        if again == folded {
            return folded;
        }
        folded = again;
    }
}

fn pass(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .nfkc()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_what_differs_in_case_or_width() {
        for (one, other) in [
            ("Ada", "ａｄａ"),
            ("straße", "STRASSE"),
            ("straẞe", "strasse"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("οδυσσευσ", "οδυσσευς"),
            ("İstanbul", "i\u{307}stanbul"),
            ("ᏣᎳᎩ", "ꮳꮃꭹ"),
            ("ﬃ", "FFI"),
            ("\u{212B}", "å"),
            ("e\u{301}", "É"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        assert_ne!(fold("ada"), fold("adá"));
    }

    #[test]
    fn is_done_once() {
        // No character beyond this plane has a case.
        for c in '\u{0}'..='\u{1ffff}' {
            for text in [String::from(c), format!("\u{3b1}{c}\u{345}\u{301}")] {
                let folded = fold(&text);
                assert_eq!(fold(&folded), folded, "{text:?}");
            }
        }
    }
}
