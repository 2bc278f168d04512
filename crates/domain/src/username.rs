//! Usernames: which ones are accepted, and when two are equal.
//!
//! A username is displayed as typed, in NFKC, and compared by its [`canonical`] key. Names that mix scripts are refused
//! at the level "highly restrictive" of Unicode Technical Standard 39, because `pаypal` with a Cyrillic `а` looks like
//! another name. Invisible characters are refused too.
//!
//! Not covered: names in one script that resemble a name in another (`сор`, Cyrillic, and `cop`), and names that
//! resemble each other within a script (`rn` and `m`, `0` and `O`). The database decides whether a name is taken.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_security::{
    GeneralSecurityProfile, general_security_profile::IdentifierType, mixed_script::AugmentedScriptSet,
};

use super::{
    case_folding::fold,
    invalid::{Invalid, Reason},
};

/// The input field in errors.
const FIELD: &str = "username";
/// Minimum length, in characters of the NFKC form.
pub const MIN_CHARACTERS: usize = 3;
/// Maximum length, in characters of the NFKC form.
pub const MAX_CHARACTERS: usize = 40;
/// Maximum length of the typed text, in bytes. Longer text is not normalized, which would take time.
const MAX_BYTES: usize = 256;
/// Maximum number of marks on one letter. Written languages need at most three; stacked marks spill over neighboring
/// lines.
const MAX_MARKS: usize = 4;

/// The name to sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username {
    name: String,
    key: String,
}

impl Username {
    /// Parses a username as a user types it: 3 to 40 Unicode letters and digits with `_`, `.` and `-`. Surrounding
    /// spaces are removed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `username`, with what to change.
    pub fn parse(typed: &str) -> Result<Self, Invalid> {
        let typed = typed.trim();
        if typed.len() > MAX_BYTES {
            return Err(length(Reason::TooLong));
        }
        let name: String = typed.nfkc().collect();
        match name.chars().count() {
            0..MIN_CHARACTERS => return Err(length(Reason::TooShort)),
            MIN_CHARACTERS..=MAX_CHARACTERS => {}
            _ => return Err(length(Reason::TooLong)),
        }
        check_characters(&name)?;
        check_punctuation(&name)?;
        check_scripts(&name)?;
        Ok(Self { key: fold(&name), name })
    }

    /// Builds a username from the stored name and key, without parsing them again.
    #[must_use]
    pub fn from_stored(name: String, key: String) -> Self {
        Self { name, key }
    }

    /// The username, as displayed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The key for comparing usernames, unique among users.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The key to look up `typed` by: NFKC, case-folded, without surrounding spaces. It accepts any text, so that a sign-in
/// does not reveal which names are possible. Text over 256 bytes, and text with a NUL, which PostgreSQL does not
/// accept, has the empty key, which no user has.
#[must_use]
pub fn canonical(typed: &str) -> String {
    let typed = typed.trim();
    if typed.len() > MAX_BYTES || typed.contains('\0') { String::new() } else { fold(typed).trim().to_owned() }
}

fn length(reason: Reason) -> Invalid {
    Invalid::new(FIELD, reason, format!("The username must have {MIN_CHARACTERS} to {MAX_CHARACTERS} characters."))
}

fn invalid_character(message: &str) -> Invalid {
    Invalid::new(FIELD, Reason::InvalidCharacter, message)
}

/// Checks for letters, digits and the three punctuation marks, with combining marks only on letters.
fn check_characters(name: &str) -> Result<(), Invalid> {
    let mut previous = None;
    let mut marks = 0;
    for c in name.chars() {
        if is_combining_mark(c) {
            marks += 1;
            // `i` with a combining dot above looks like `i`. The precomposed `İ` is a letter of its own and stays.
            let invisible = c == '\u{307}' && matches!(previous, Some('i' | 'j'));
            if !previous.is_some_and(char::is_alphabetic) || marks > MAX_MARKS || invisible || !is_ordinary(c) {
                return Err(invalid_character(
                    "The username can have accents and marks only on letters, and at most four on one letter.",
                ));
            }
            continue;
        }
        let fits = is_punctuation(c) || (c.is_alphanumeric() && is_ordinary(c));
        if !fits {
            return Err(invalid_character("The username can have only letters, digits, `_`, `.` and `-`."));
        }
        (previous, marks) = (Some(c), 0);
    }
    Ok(())
}

/// Other programs read a dot or hyphen at an end, and two dots in a row, as file names or options.
fn check_punctuation(name: &str) -> Result<(), Invalid> {
    if !name.contains(char::is_alphanumeric) {
        return Err(Invalid::new(FIELD, Reason::InvalidFormat, "The username must have at least one letter or digit."));
    }
    if name.starts_with(['.', '-']) || name.ends_with(['.', '-']) || name.contains("..") {
        return Err(Invalid::new(
            FIELD,
            Reason::InvalidFormat,
            "The username must not begin or end with a dot or hyphen, or have two dots in a row.",
        ));
    }
    Ok(())
}

/// Checks for one script, or a combination used to write Chinese, Japanese or Korean, with or without Latin (UTS 39,
/// section 5.2). The general security profile is not required, because it excludes living scripts such as Cherokee.
fn check_scripts(name: &str) -> Result<(), Invalid> {
    let beyond_latin: String = name.chars().filter(|c| !is_latin(*c)).collect();
    let east_asian = AugmentedScriptSet::for_str(&beyond_latin);
    let one_script = !AugmentedScriptSet::for_str(name).is_empty();
    if one_script || east_asian.hanb || east_asian.jpan || east_asian.kore {
        Ok(())
    } else {
        let message = "The username must use one script, because letters of different scripts look alike.";
        Err(Invalid::new(FIELD, Reason::MixedScripts, message))
    }
}

fn is_punctuation(c: char) -> bool {
    matches!(c, '_' | '.' | '-')
}

/// Whether `c` is Latin or belongs to no script.
fn is_latin(c: char) -> bool {
    let mut scripts = AugmentedScriptSet::for_char(c);
    scripts.intersect_with(AugmentedScriptSet::for_char('a'));
    !scripts.is_empty()
}

/// Whether `c` is neither invisible, nor deprecated, nor a technical sign that resembles punctuation.
fn is_ordinary(c: char) -> bool {
    use IdentifierType as Type;
    !matches!(
        c.identifier_type(),
        None | Some(
            Type::Not_Character
                | Type::Deprecated
                | Type::Default_Ignorable
                | Type::Not_NFKC
                | Type::Not_XID
                | Type::Obsolete
                | Type::Technical
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_many_scripts_are_accepted() {
        for name in [
            "ada",
            "Ada.Lovelace",
            "a_b-c",
            "_ada_",
            "b0b",
            "123",
            "Müller",
            "Željko",
            "Σωκράτης",
            "Наташа",
            "Ћирилица",
            "שלום",
            "فاطمة",
            "हिन्दी",
            "தமிழ்",
            "ภาษาไทย",
            "한국어",
            "漢字かな",
            "カタカナー",
            "漢字abc",
            "ㄅㄆ漢",
            "ᏣᎳᎩ",
            "አማርኛ",
            "İstanbul",
            "straße",
            "ẹ\u{301}gbẹ\u{301}",
            "Nguyễn",
            "გიორგი",
            "Արմեն",
        ] {
            let parsed = Username::parse(name).unwrap_or_else(|invalid| panic!("{name}: {invalid}"));
            assert_eq!(parsed.key(), canonical(parsed.as_str()), "{name}");
            assert_eq!(canonical(parsed.key()), parsed.key(), "{name}");
        }
    }

    #[test]
    fn spellings_of_a_name_have_one_key() {
        for typed in ["Ada", "ada", "ADA", "ａｄａ", "ＡＤＡ", " ada\n", "𝐚𝐝𝐚"] {
            assert_eq!(Username::parse(typed).unwrap().key(), "ada", "{typed}");
            assert_eq!(canonical(typed), "ada", "{typed}");
        }
        assert_eq!(Username::parse("ＡＤＡ").unwrap().as_str(), "ADA");
    }

    #[test]
    fn mixed_scripts_are_refused() {
        for name in ["pаypal", "аda", "ada\u{3b1}", "раypal", "한국어かな", "ㄅかな", "aदिल", "ada\u{661}", "Ꭺda"]
        {
            let invalid = Username::parse(name).expect_err(name);
            assert!(invalid.message.contains("one script"), "{name}: {invalid}");
        }
    }

    #[test]
    fn invisible_characters_and_symbols_are_refused() {
        for c in [
            ' ',
            '\t',
            '\0',
            '\u{7f}',
            '\u{ad}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{202e}',
            '\u{2066}',
            '\u{2060}',
            '\u{feff}',
            '\u{fe0f}',
            '\u{34f}',
            '\u{115f}',
            '\u{3164}',
            '\u{e0061}',
            '\u{180e}',
            '\u{17b4}',
            '@',
            '/',
            ':',
            '<',
            '"',
            '\'',
            '%',
            '+',
            '\\',
            '😀',
            '\u{1b}',
            '\u{e000}',
            'ǀ',
            'ǃ',
        ] {
            assert!(Username::parse(&format!("ad{c}a")).is_err(), "{c:?}");
        }
    }

    #[test]
    fn marks_are_accepted_only_on_letters() {
        for name in
            ["\u{301}ada", "ad_\u{301}a", "1\u{301}ada", "adi\u{307}", "a\u{323}\u{301}\u{302}\u{303}\u{308}\u{30c}da"]
        {
            let invalid = Username::parse(name).expect_err(name);
            assert!(invalid.message.contains("only on letters"), "{name}: {invalid}");
        }
    }

    #[test]
    fn length_is_3_to_40_characters() {
        for (name, fits) in [
            (String::new(), false),
            ("ab".to_owned(), false),
            ("  ab  ".to_owned(), false),
            ("éé".to_owned(), false),
            ("e\u{301}e\u{301}".to_owned(), false),
            ("漢字漢".to_owned(), true),
            ("a".repeat(40), true),
            ("a".repeat(41), false),
            ("漢".repeat(40), true),
            ("a".repeat(1_000_000), false),
        ] {
            assert_eq!(Username::parse(&name).is_ok(), fits, "{}", name.chars().count());
        }
        assert_eq!(canonical(&"a".repeat(1_000_000)), "");
    }

    #[test]
    fn names_like_files_or_options_are_refused() {
        for name in ["...", "___", "-ada", "ada-", ".ada", "ada.", "a..b"] {
            assert_eq!(Username::parse(name).expect_err(name).field, "username");
        }
    }
}
