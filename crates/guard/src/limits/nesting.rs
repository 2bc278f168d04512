//! Limits the nesting of a document's text. async-graphql's parser recurses on every bracket, and 4 kB of `[[[[…`
//! overflow the stack and crash the process, so a limit on the parsed document is too late.

use super::within;
use crate::{
    failure::Failure,
    lexer::{Lexer, Token},
    settings::Limits,
};

/// Checks the size of a document's text and the nesting of `{`, `[` and `(`.
///
/// # Errors
///
/// `QUERY_TOO_COMPLEX`, with the limit, its value and the document's value.
pub fn check(text: &str, limits: &Limits) -> Result<(), Failure> {
    within("documentBytes", text.len(), limits.document_bytes)?;
    within("nesting", depth(text, limits.nesting), limits.nesting)
}

/// The nesting of brackets. Stops counting above `enough`.
fn depth(text: &str, enough: usize) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for (_, token) in Lexer::new(text) {
        match token {
            Token::Punctuator(b'{' | b'[' | b'(') => {
                open += 1;
                deepest = deepest.max(open);
                if deepest > enough {
                    break;
                }
            }
            Token::Punctuator(b'}' | b']' | b')') => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_brackets_outside_strings_and_comments() {
        for (text, expected) in [
            ("", 0),
            ("{ a }", 1),
            ("{ a(b: [[1]]) { c } }", 4),
            ("}}}{", 1),
            ("# {{{{\n{ a }", 1),
            (r#"{ a(b: "[[[[") }"#, 2),
            (r#"{ a(b: "\"[[") }"#, 2),
            (r#"{ a(b: """[[ \""" [[" [""") }"#, 2),
            ("{ a(b: \"[[\n[[", 4),
            ("\"", 0),
            ("\"\\", 0),
            ("\"\"\"", 0),
            ("\"\" {[(", 3),
        ] {
            assert_eq!(depth(text, 100), expected, "{text}");
        }
    }

    #[test]
    fn counting_stops_above_the_limit() {
        assert_eq!(depth(&"[".repeat(100_000), 32), 33);
    }
}
