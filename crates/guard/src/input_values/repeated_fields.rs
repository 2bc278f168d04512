//! Finds duplicate fields in object literals (GraphQL specification, section 5.6.3, "Input Object Field Uniqueness").
//! The parser keeps only the last one, so this reads the text.

use std::collections::HashSet;

use async_graphql::{Pos, ServerError};

use super::is_shown;
use crate::lexer::{Lexer, Token};

/// Returns an error for every duplicate field of an object literal in `text`, which has been parsed.
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
    /// An object literal, with the fields found so far.
    Object(HashSet<&'a str>),
}

/// Whether a `{` opens a value: selection sets don't occur inside arguments, lists or objects.
fn is_value(open: &[Bracket<'_>]) -> bool {
    matches!(open.last(), Some(Bracket::Arguments | Bracket::List | Bracket::Object(_)))
}

fn repeated(name: &str, at: Pos) -> ServerError {
    let message = if is_shown(name) {
        format!("The object has a duplicate field `{name}`.")
    } else {
        "The object has a duplicate field.".to_owned()
    };
    ServerError::new(message, Some(at))
}

/// Lines and columns start at 1. Columns count characters, as in the parser.
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
    fn duplicate_fields_of_one_object_are_reported() {
        let twice =
            |name: &str, line, column| vec![(format!("The object has a duplicate field `{name}`."), line, column)];
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
    fn overlong_names_are_omitted() {
        let long = "x".repeat(65);
        assert_eq!(
            repeated_in(&format!("{{ a(i: {{{long}: 1 {long}: 1}}) }}"))[0].0,
            "The object has a duplicate field."
        );
    }
}
