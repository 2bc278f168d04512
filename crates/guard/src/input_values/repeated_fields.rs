//! Fields that an object literal has twice (GraphQL specification, section 5.6.3, "Input Object Field Uniqueness"). The
//! parser keeps the last of them, so that the text alone tells.

use std::collections::HashSet;

use async_graphql::{Pos, ServerError};

use super::is_shown;
use crate::lexer::{Lexer, Token};

/// An error for each field that an object literal in `text` has once more. The text has been parsed.
pub(crate) fn repeated_fields(text: &str) -> Vec<ServerError> {
    let mut errors = Vec::new();
    let mut open: Vec<Bracket<'_>> = Vec::new();
    let mut tokens = Lexer::new(text).peekable();
    while let Some((at, token)) = tokens.next() {
        match token {
            Token::Punctuator(b'{') if is_value(&open) => open.push(Bracket::Object(HashSet::new())),
            Token::Punctuator(b'{') => open.push(Bracket::Selections),
            Token::Punctuator(b'(') => open.push(Bracket::Arguments),
            Token::Punctuator(b'[') => open.push(Bracket::List),
            Token::Punctuator(b'}' | b')' | b']') => drop(open.pop()),
            Token::Name(name) => {
                let is_key = matches!(tokens.peek(), Some((_, Token::Punctuator(b':'))));
                if let (true, Some(Bracket::Object(keys))) = (is_key, open.last_mut())
                    && !keys.insert(name)
                {
                    errors.push(repeated(name, position(text, at)));
                }
            }
            _ => {}
        }
    }
    errors
}

enum Bracket<'a> {
    Selections,
    Arguments,
    List,
    /// An object literal, with the fields seen in it.
    Object(HashSet<&'a str>),
}

/// Whether what opens next is a value: selections stand in no argument, list or object.
fn is_value(open: &[Bracket<'_>]) -> bool {
    matches!(open.last(), Some(Bracket::Arguments | Bracket::List | Bracket::Object(_)))
}

fn repeated(name: &str, at: Pos) -> ServerError {
    let message = if is_shown(name) {
        format!("The object has the field `{name}` twice.")
    } else {
        "The object has a field twice.".to_owned()
    };
    ServerError::new(message, Some(at))
}

/// Lines and columns count from 1, columns in characters, as the parser counts them.
fn position(text: &str, at: usize) -> Pos {
    let before = &text[..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    Pos { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated_in(text: &str) -> Vec<(String, usize, usize)> {
        let errors = repeated_fields(text);
        errors.into_iter().map(|error| (error.message, error.locations[0].line, error.locations[0].column)).collect()
    }

    #[test]
    fn finds_fields_that_one_object_has_twice() {
        let twice =
            |name: &str, line, column| vec![(format!("The object has the field `{name}` twice."), line, column)];
        for (text, expected) in [
            ("{ a(i: {x: 1, y: 2, x: 3}) }", twice("x", 1, 21)),
            ("{ a(i: {x: {y: 1,\n y: 2}}) }", twice("y", 2, 2)),
            ("{ a(i: [{x: 1 x: 1}]) }", twice("x", 1, 15)),
            ("query ($i: I = {x: 1, x: 2}) { a }", twice("x", 1, 23)),
            ("{ a @b(i: {x: 1 x :2}) }", twice("x", 1, 17)),
            ("{ a(i: {x: \"é\", x: 1}) }", twice("x", 1, 17)),
            ("{ a(i: {x: 1 # x: 2\n}) }", vec![]),
            ("{ a(i: {x: \"x: 1\", y: \"\"\"x: \\\"\"\" x: \"\"\"}) }", vec![]),
            ("{ a(i: {x: 1}, j: {x: 1}) { x: b x: b } x: a }", vec![]),
            ("{ a(i: {x: {x: {x: 1}}, y: [{x: 1}, {x: 2}]}) }", vec![]),
            ("{ a(i: {x: y, y: x, z: y}) }", vec![]),
        ] {
            assert_eq!(repeated_in(text), expected, "{text}");
        }
    }

    #[test]
    fn repeats_no_name_that_is_too_long_to_be_one() {
        let long = "x".repeat(65);
        assert_eq!(repeated_in(&format!("{{ a(i: {{{long}: 1 {long}: 1}}) }}"))[0].0, "The object has a field twice.");
    }
}
