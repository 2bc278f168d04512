//! The nesting of a document's *text*. The library's parser recurses with every bracket, and 4 kB of `[[[[…` overflow the
//! stack and end the process: no limit that works on the parsed document comes in time.
//!
//! This scan knows just enough of the lexical grammar (GraphQL spec, section 2.1) to skip strings and comments, whose
//! brackets are none.

use super::within;
use crate::graphql::{failure::Failure, settings::Limits};

/// Holds the text of a document to its size and to the nesting of `{`, `[` and `(`.
///
/// # Errors
///
/// `QUERY_TOO_COMPLEX`, naming the limit, its value and what was asked.
pub fn check(text: &str, limits: &Limits) -> Result<(), Failure> {
    within("documentBytes", text.len(), limits.document_bytes)?;
    within("nesting", depth(text.as_bytes(), limits.nesting), limits.nesting)
}

/// How deep the brackets nest, counted no further than one beyond `enough`.
fn depth(text: &[u8], enough: usize) -> usize {
    let (mut at, mut open, mut deepest) = (0, 0_usize, 0);
    while at < text.len() && deepest <= enough {
        match text[at] {
            b'{' | b'[' | b'(' => {
                open += 1;
                deepest = deepest.max(open);
                at += 1;
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                at += 1;
            }
            b'#' => at = end_of_line(text, at),
            b'"' => at = end_of_string(text, at),
            _ => at += 1,
        }
    }
    deepest
}

fn end_of_line(text: &[u8], at: usize) -> usize {
    let rest = text[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    rest.map_or(text.len(), |length| at + length)
}

fn end_of_string(text: &[u8], at: usize) -> usize {
    if text[at..].starts_with(b"\"\"\"") { end_of_block(text, at + 3) } else { end_of_line_string(text, at + 1) }
}

/// A block string ends at the next `"""` that no backslash stands before.
fn end_of_block(text: &[u8], mut at: usize) -> usize {
    while at < text.len() {
        if text[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if text[at..].starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    at
}

/// A string ends at its quote. One that is broken by the end of its line is no string: the parser will say so, and what
/// follows is read as text again, so that no bracket hides behind it.
fn end_of_line_string(text: &[u8], mut at: usize) -> usize {
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            _ => at += 1,
        }
    }
    at.min(text.len())
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
            assert_eq!(depth(text.as_bytes(), 100), expected, "{text}");
        }
    }

    #[test]
    fn stops_counting_once_it_is_enough() {
        assert_eq!(depth("[".repeat(100_000).as_bytes(), 32), 33);
    }
}
