//! User names: what one may look like, and when two are the same.
//!
//! A name is shown as it was typed, in NFKC, and compared by its [`canonical`] key. Names that mix scripts are refused as
//! the level "highly restrictive" of Unicode Technical Standard 39 has it, since `pаypal` with a Cyrillic `а` reads like
//! another; characters that cannot be seen are refused as well.
//!
//! Not done: names wholly in one script that resemble a name in another (`сор`, Cyrillic, and `cop`), or resemble each
//! other within a script (`rn` and `m`, `0` and `O`). Whether a name is taken is the database's answer.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_security::{
    GeneralSecurityProfile, general_security_profile::IdentifierType, mixed_script::AugmentedScriptSet,
};

use super::{
    case_folding::fold,
    invalid::{Invalid, Reason},
};

/// The field that refusals name.
const FIELD: &str = "username";
/// Shortest and longest name, in characters of the NFKC form.
pub const MIN_CHARACTERS: usize = 3;
/// See [`MIN_CHARACTERS`].
pub const MAX_CHARACTERS: usize = 40;
/// Longest text that is looked at, in bytes as typed. Normalization costs time, so it is not begun for more.
const MAX_BYTES: usize = 256;
/// Marks on one letter. Written languages need three at most; towers of them spill over neighboring lines.
const MAX_MARKS: usize = 4;

/// The name to sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username {
    name: String,
    key: String,
}

impl Username {
    /// Parses a name as a person types it: 3 to 40 Unicode letters and digits with `_`, `.` and `-`. Spaces around it
    /// are dropped.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `username`, saying what to change.
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

    /// A name and its key as the database holds them, which were parsed when they were written.
    #[must_use]
    pub fn from_stored(name: String, key: String) -> Self {
        Self { name, key }
    }

    /// The name as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The key by which names are compared; unique among accounts.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The key that `typed` is looked up by: NFKC, case-folded, without spaces around it. It takes any text, so that a
/// sign-in tells nobody which names could exist. The empty key, which no account has, stands for text over 256 bytes, and
/// for text with a NUL, which PostgreSQL cannot be asked for.
#[must_use]
pub fn canonical(typed: &str) -> String {
    let typed = typed.trim();
    if typed.len() > MAX_BYTES || typed.contains('\0') { String::new() } else { fold(typed).trim().to_owned() }
}

fn length(reason: Reason) -> Invalid {
    Invalid::new(FIELD, reason, format!("A user name has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters."))
}

fn unfit(message: &str) -> Invalid {
    Invalid::new(FIELD, Reason::InvalidCharacter, message)
}

/// Letters, digits and the three signs; marks only on letters.
fn check_characters(name: &str) -> Result<(), Invalid> {
    let mut previous = None;
    let mut marks = 0;
    for c in name.chars() {
        if is_combining_mark(c) {
            marks += 1;
            // `i` with a dot above looks like `i`. The precomposed `İ` is another matter, and stays.
            let unseen = c == '\u{307}' && matches!(previous, Some('i' | 'j'));
            if !previous.is_some_and(char::is_alphabetic) || marks > MAX_MARKS || unseen || !is_ordinary(c) {
                return Err(unfit("A user name has an accent or mark only where a letter carries it."));
            }
            continue;
        }
        let fits = is_sign(c) || (c.is_alphanumeric() && is_ordinary(c));
        if !fits {
            return Err(unfit(
                "A user name is made of letters and digits, with `_`, `.` and `-`; spaces and other signs do not fit.",
            ));
        }
        (previous, marks) = (Some(c), 0);
    }
    Ok(())
}

/// A dot or hyphen at an end, and two dots in a row, are read as file names or options by other programs.
fn check_punctuation(name: &str) -> Result<(), Invalid> {
    if !name.contains(char::is_alphanumeric) {
        return Err(Invalid::new(FIELD, Reason::InvalidFormat, "A user name has at least one letter or digit."));
    }
    if name.starts_with(['.', '-']) || name.ends_with(['.', '-']) || name.contains("..") {
        return Err(Invalid::new(
            FIELD,
            Reason::InvalidFormat,
            "A user name neither begins nor ends with a dot or hyphen, nor has two dots in a row.",
        ));
    }
    Ok(())
}

/// One script, or one of the combinations in which Chinese, Japanese and Korean are written, with or without Latin
/// (UTS 39, section 5.2). Its general profile is not demanded: it would shut out living scripts such as Cherokee.
fn check_scripts(name: &str) -> Result<(), Invalid> {
    let beyond_latin: String = name.chars().filter(|c| !is_latin(*c)).collect();
    let east_asian = AugmentedScriptSet::for_str(&beyond_latin);
    let one_script = !AugmentedScriptSet::for_str(name).is_empty();
    if one_script || east_asian.hanb || east_asian.jpan || east_asian.kore {
        Ok(())
    } else {
        let message = "A user name keeps to one script, since letters of several scripts look alike.";
        Err(Invalid::new(FIELD, Reason::MixedScripts, message))
    }
}

fn is_sign(c: char) -> bool {
    matches!(c, '_' | '.' | '-')
}

/// Latin, or of no script.
fn is_latin(c: char) -> bool {
    let mut scripts = AugmentedScriptSet::for_char(c);
    scripts.intersect_with(AugmentedScriptSet::for_char('a'));
    !scripts.is_empty()
}

/// Neither invisible, deprecated, nor a sign of specialists that resembles punctuation.
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
    fn accepts_the_words_of_many_scripts() {
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
    fn one_account_however_it_is_typed() {
        for typed in ["Ada", "ada", "ADA", "ａｄａ", "ＡＤＡ", " ada\n", "𝐚𝐝𝐚"] {
            assert_eq!(Username::parse(typed).unwrap().key(), "ada", "{typed}");
            assert_eq!(canonical(typed), "ada", "{typed}");
        }
        assert_eq!(Username::parse("ＡＤＡ").unwrap().as_str(), "ADA");
    }

    #[test]
    fn refuses_look_alikes() {
        for name in ["pаypal", "аda", "ada\u{3b1}", "раypal", "한국어かな", "ㄅかな", "aदिल", "ada\u{661}", "Ꭺda"]
        {
            let invalid = Username::parse(name).expect_err(name);
            assert!(invalid.message.contains("one script"), "{name}: {invalid}");
        }
    }

    #[test]
    fn refuses_what_is_unseen_or_no_letter() {
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
    fn marks_need_a_letter() {
        for name in
            ["\u{301}ada", "ad_\u{301}a", "1\u{301}ada", "adi\u{307}", "a\u{323}\u{301}\u{302}\u{303}\u{308}\u{30c}da"]
        {
            let invalid = Username::parse(name).expect_err(name);
            assert!(invalid.message.contains("letter carries"), "{name}: {invalid}");
        }
    }

    #[test]
    fn counts_characters() {
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
    fn keeps_clear_of_files_and_options() {
        for name in ["...", "___", "-ada", "ada-", ".ada", "ada.", "a..b"] {
            assert_eq!(Username::parse(name).expect_err(name).field, "username");
        }
    }
}
