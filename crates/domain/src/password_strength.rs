//! Password strength: refuses common passwords, words of the user, keyboard rows, repeats and sequences.
//!
//! The `zxcvbn` crate estimates the strength offline with its built-in lists of 30,000 common passwords, words and
//! names. It does not know leaked passwords. No rule requires capitals or digits. A password passes if a million
//! guesses do not find it. This module adds what the crate misses: patterns on the keyboard (`1q2w3e4r5t6y7u8i`), a
//! common word with digits inside (`january2024january`), and phrases that became famous as passwords.

use zxcvbn::{
    Score,
    feedback::{Suggestion, Warning},
};

use super::{case_folding::fold, email::EmailAddress, invalid::Reason, username::Username};

/// The product's name, which attackers try first.
const PRODUCT: &str = "fieldguard";
/// The number of characters that are checked at a time. The time grows faster than the length: the worst text found
/// took 77 ms at 50 characters, and less than 12 ms at 32. So the check runs on the hashing threads.
const WINDOW: usize = 32;
/// The number of further characters from which a password is more than the user's words or, for digits and punctuation,
/// more than a common word.
const ENOUGH_BESIDES: usize = 8;
/// Phrases that are known as good passwords and therefore are not: letters and digits only.
const FAMOUS: [&str; 1] = ["correcthorsebatterystaple"];
/// The keys of a keyboard by row. Each row starts half a key further to the right than the one above.
const KEYBOARD: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// Maximum number of letters of a common word. Longer text is not looked up, which would take milliseconds.
const LONGEST_WORD: usize = 20;

/// A word found within this number of guesses is common. Five random letters take more.
const COMMON: u64 = 10_000;

/// The words of a user that an attacker tries: the username, the email address, and the parts of both, without the last
/// label of the domain.
#[must_use]
pub fn words_of(username: &Username, email: Option<&EmailAddress>) -> Vec<String> {
    let address = email.map_or("", EmailAddress::as_str);
    let (local, domain) = address.split_once('@').unwrap_or_default();
    let domain = domain.rsplit_once('.').map_or(domain, |(labels, _)| labels);
    let mut words = vec![username.as_str(), address, local];
    for text in [username.as_str(), local, domain] {
        words.extend(text.split(|c: char| !c.is_alphanumeric()));
    }
    words.retain(|word| !word.is_empty());
    words.dedup();
    words.into_iter().map(str::to_owned).collect()
}

/// Why a password is too easily guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakness {
    /// [`Reason::TooCommon`], [`Reason::TooPredictable`] or [`Reason::ContainsUsername`].
    pub reason: Reason,
    /// One or two sentences for the user who chose the password.
    pub message: String,
}

impl Weakness {
    fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

/// Why `password` is too easily guessed; `None` if it is not. `context` are words of the user.
#[must_use]
pub fn weakness(password: &str, context: &[&str]) -> Option<Weakness> {
    let folded = fold(password);
    let mut words: Vec<String> =
        context.iter().copied().chain([PRODUCT]).map(fold).filter(|word| word.chars().count() > 2).collect();
    // The longest word first: removing a part of a word would leave the rest of it.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let besides = words.iter().fold(folded.clone(), |rest, word| rest.replace(word.as_str(), ""));
    let is_context = besides.chars().count() < ENOUGH_BESIDES && besides != folded;
    if is_context {
        let message = "This is little more than your username, your email address or the name of this service.";
        return Some(Weakness::new(Reason::ContainsUsername, message));
    }
    let characters: Vec<char> = password.chars().collect();
    guessable(&characters, &words).or_else(|| pattern(password, &folded, &words))
}

/// Checks for patterns that the crate does not know.
fn pattern(password: &str, folded: &str, words: &[String]) -> Option<Weakness> {
    let (reason, message) = if is_keyboard_pattern(folded) {
        (Reason::TooPredictable, "This is a pattern on the keyboard, which is easy to guess.")
    } else if is_well_known(folded) {
        (Reason::TooCommon, "This is a well-known phrase. Choose your own words.")
    } else if is_decorated(password, words) || is_decorated(folded, words) {
        (
            Reason::TooCommon,
            "This is little more than a common word with digits and punctuation. Add another word or two.",
        )
    } else {
        return None;
    };
    Some(Weakness::new(reason, message))
}

/// Checks these characters, whatever their number.
fn guessable(characters: &[char], words: &[String]) -> Option<Weakness> {
    let shown = characters.len().min(WINDOW);
    if let Some(period) = period(characters) {
        // Whole periods only: half of a common word is not common and would pass as random text.
        let parts = (shown / period).max(1) * period;
        return judge(&characters[..parts.min(shown)], words);
    }
    let reason = judge(&characters[..shown], words)?;
    // Text over the window passes if its beginning or its end passes: an addition cannot weaken a strong password.
    let end = judge(&characters[characters.len() - shown..], words);
    end.map(|_| reason)
}

/// Whether it is little more than a famous phrase.
fn is_well_known(folded: &str) -> bool {
    let plain: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    let besides = |phrase: &&str| plain.replace(*phrase, "");
    FAMOUS.iter().any(|phrase| plain.contains(phrase) && besides(phrase).chars().count() < ENOUGH_BESIDES)
}

/// Whether most of its characters are next to the previous one on a keyboard. Words have a few such steps; no phrase
/// consists of them.
fn is_keyboard_pattern(folded: &str) -> bool {
    let keys: Vec<_> = folded.chars().map(key_position).collect();
    let steps = keys.len().saturating_sub(1);
    let near = keys.windows(2).filter(|pair| are_neighbors(pair[0], pair[1])).count();
    steps > 0 && near * 4 >= steps * 3
}

/// The position of a character on the keyboard: its row, and its column from the left.
fn key_position(c: char) -> Option<(usize, usize)> {
    KEYBOARD.iter().enumerate().find_map(|(row, keys)| Some((row, keys.chars().position(|key| key == c)?)))
}

fn are_neighbors(one: Option<(usize, usize)>, other: Option<(usize, usize)>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let (upper, lower) = if one.0 <= other.0 { (one, other) } else { (other, one) };
    match lower.0 - upper.0 {
        0 => upper.1.abs_diff(lower.1) == 1,
        1 => upper.1 == lower.1 || upper.1 == lower.1 + 1,
        _ => false,
    }
}

/// Whether it is one common word, perhaps repeated, with a few digits and punctuation marks around or inside it. The
/// crate treats each of these as a separate part, and `welcome2024!` as a sentence.
fn is_decorated(password: &str, words: &[String]) -> bool {
    let trimmed = password.trim_matches(|c: char| !c.is_alphabetic()).chars();
    let letters = password.chars().filter(|c| c.is_alphabetic());
    [trimmed.collect(), letters.collect()].iter().any(|core: &Vec<char>| is_common(core, password, words))
}

/// Whether `core`, a part of the password, is one common word, perhaps repeated, and the rest is short.
fn is_common(core: &[char], password: &str, words: &[String]) -> bool {
    let besides = password.chars().count() - core.len();
    if core.is_empty() || besides == 0 || besides >= ENOUGH_BESIDES {
        return false;
    }
    let word = &core[..period(core).unwrap_or(core.len())];
    if word.len() > LONGEST_WORD {
        return false;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let word = zeroize::Zeroizing::new(word.iter().collect::<String>());
    zxcvbn::zxcvbn(&word, &words).guesses() < COMMON
}

/// The length of the part that the whole text repeats, if it does.
fn period(characters: &[char]) -> Option<usize> {
    let length = characters.len();
    (1..=length / 2).find(|period| characters[*period..] == characters[..length - period])
}

fn judge(part: &[char], words: &[String]) -> Option<Weakness> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let part = zeroize::Zeroizing::new(part.iter().collect::<String>());
    let verdict = zxcvbn::zxcvbn(&part, &words);
    if verdict.score() >= Score::Two {
        return None;
    }
    let feedback = verdict.feedback();
    let warning = feedback.and_then(zxcvbn::feedback::Feedback::warning);
    let reason = warning.map_or(Reason::TooPredictable, reason_of);
    let warning = warning.map_or_else(
        || "This is easy to guess.".to_owned(),
        |warning| match warning {
            Warning::ThisIsATop10Password | Warning::ThisIsATop100Password | Warning::ThisIsACommonPassword => {
                "This is one of the most common passwords.".to_owned()
            }
            other => other.to_string(),
        },
    );
    let advice = feedback.is_some_and(|feedback| feedback.suggestions().contains(&Suggestion::AddAnotherWordOrTwo));
    let message = if advice { format!("{warning} Add another word or two, less common ones.") } else { warning };
    Some(Weakness::new(reason, message))
}

/// Whether the warning is about a known password or a pattern.
const fn reason_of(warning: Warning) -> Reason {
    match warning {
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword
        | Warning::AWordByItselfIsEasyToGuess
        | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => Reason::TooCommon,
        _ => Reason::TooPredictable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_and_random_text_pass() {
        for password in [
            "correct horse battery",
            "my dog is brown",
            "sunflower kettle",
            "sunflower kettle 2026!",
            "482kQzvw1736",
            "kQ7#vLp2!xZ9",
            "наш любимый чайник",
            "ada likes kettles a lot",
            &format!("{}correct horse battery", "a".repeat(60)),
        ] {
            assert_eq!(weakness(password, &["ada"]), None, "{password}");
        }
    }

    #[test]
    fn weak_passwords_are_refused_with_a_reason() {
        for (password, reason) in [
            ("password1234", "one of the most common"),
            ("Password123!", "similar to a commonly used"),
            ("1q2w3e4r5t6y", "one of the most common"),
            ("qwertyuiop12", "similar to a commonly used"),
            ("P@ssw0rd12345", "similar to a commonly used"),
            ("iloveyou1234", "similar to a commonly used"),
            ("123456789012", "Sequences"),
            ("abcdefghijkl", "Sequences"),
            ("aaaaaaaaaaaa", "Repeats"),
            ("1q2w3e4r5t6y7u8i", "pattern on the keyboard"),
            ("1qaz2wsx3edc4rfv", "one of the most common"),
            ("zaq12wsxcde34rfv", "pattern on the keyboard"),
            ("january2024january", "little more than a common word"),
            ("January2024January!", "little more than a common word"),
            ("correcthorsebatterystaple", "well-known phrase"),
            ("Correct Horse Battery Staple 1", "well-known phrase"),
            ("welcome2024!", "little more than a common word"),
            ("Passw0rd!2024", "little more than a common word"),
            ("Summer2026!!", "little more than a common word"),
            ("!1hello12345", "little more than a common word"),
            (&format!("{}1", "password".repeat(15)), "little more than a common word"),
            ("passwordpassword", "Repeats"),
            (&"password".repeat(16), "Repeats"),
            (&"letmein".repeat(9), "Repeats"),
            (&"password1".repeat(8), "Repeats"),
        ] {
            let weakness = weakness(password, &["ada"]).unwrap_or_else(|| panic!("{password} passed"));
            assert!(weakness.message.contains(reason), "{password}: {weakness:?}");
        }
    }

    #[test]
    fn parts_of_username_and_email_are_refused() {
        let username = Username::parse("ada.byron").unwrap();
        let email = EmailAddress::parse("a.lovelace+x@mail.analytical.example").unwrap();
        let words = words_of(&username, Some(&email));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for password in
            ["lovelace1234", "Lovelace-1815", "byronbyron99", "analytical123", "ada.byron2026", "ByronLovelace1"]
        {
            assert!(weakness(password, &words).is_some(), "{password}");
        }
        assert_eq!(weakness("lovelace kettle sunflower", &words), None);
        assert_eq!(words_of(&username, None).len(), 3, "the username and its two parts");
    }

    #[test]
    fn words_of_the_user_are_refused() {
        for password in [
            "fieldguard123",
            "FieldGuard!!",
            "ada-ada-ada-1",
            "lovelace.ada1",
            "ＡＤＡada12345",
            "наташа123456",
            "НАТАШАнаташа",
        ] {
            assert!(weakness(password, &["Ada", "lovelace", "Наташа"]).is_some(), "{password}");
        }
    }
}
