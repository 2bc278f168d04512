//! Compatibility caseless form (Unicode, section 3.13): NFKC with full case folding. `Ada`, `ada` and full-width `ａｄａ`
//! become one text. Use it for keys that are compared, never for displayed text or passwords.
//!
//! Folding is the lower case of the upper case of the lower case, character by character. It joins everything that the
//! Unicode folding table joins, and also Turkish dotless `ı` with `i`, so that names a reader confuses stay one name.

use unicode_normalization::UnicodeNormalization;

/// The folded form of `text`. Folding is idempotent.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = fold_once(text);
    // Composition can produce a character that folds further, so one pass does not reach the fixed point of every text.
    loop {
        let again = fold_once(&folded);
        if again == folded {
            return folded;
        }
        folded = again;
    }
}

fn fold_once(text: &str) -> String {
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
    fn case_and_width_variants_fold_to_one_text() {
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
    fn folding_is_idempotent() {
        // No character beyond this plane has case.
        for c in '\u{0}'..='\u{1ffff}' {
            for text in [String::from(c), format!("\u{3b1}{c}\u{345}\u{301}")] {
                let folded = fold(&text);
                assert_eq!(fold(&folded), folded, "{text:?}");
            }
        }
    }
}
