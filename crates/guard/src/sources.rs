//! Documents in files, as front ends keep them: operations and fragments spread over many files. Each operation becomes a document
//! of its own, with the fragments it uses from any file, so that it can be explained like a request.
//!
//! ```
//! use fieldguard_guard::sources::{Source, operations};
//!
//! let files = [
//!     Source { name: "user.graphql".to_owned(), text: "fragment Card on User { email }".to_owned() },
//!     Source { name: "me.graphql".to_owned(), text: "query Me {\n  me { ...Card }\n}".to_owned() },
//! ];
//! let operations = operations(&files)?;
//! assert_eq!(operations[0].name, Some("Me"));
//! assert_eq!(operations[0].text, "query Me {\n  me { ...Card }\n}\nfragment Card on User { email }\n");
//! // The fourth line of the document is the first of its file.
//! let place = operations[0].place(async_graphql::Pos { line: 4, column: 25 });
//! assert_eq!(place.to_string(), "user.graphql:1:25");
//! # Ok::<(), fieldguard_guard::sources::Error>(())
//! ```

use std::{collections::BTreeMap, fmt};

use async_graphql::Pos;

use crate::lexer::{Lexer, Token};

/// A file with documents.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name of the file, as messages show it.
    pub name: String,
    /// The text of the file.
    pub text: String,
}

/// An operation, and the document that runs it.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// The name. An operation without one is alone in its document.
    pub name: Option<&'a str>,
    /// The operation, and the fragments it uses, directly and indirectly.
    pub text: String,
    definition: Definition<'a>,
    fragments: Vec<Definition<'a>>,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The name of the file.
    pub file: &'a str,
    /// The line and the column, both from 1.
    pub position: Pos,
}

/// Why files have no documents to run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Text that begins no operation and no fragment.
    #[error("{0}: expected an operation or a fragment")]
    Unexpected(String),
    /// A definition without its last brace.
    #[error("{0}: the definition that begins here has no end")]
    Unclosed(String),
    /// Two fragments of one name.
    #[error("{0}: the fragment `{1}` is defined in {2}, too")]
    Duplicate(String, String, String),
}

/// An operation or a fragment in its file.
#[derive(Debug, Clone, Copy)]
struct Definition<'a> {
    source: &'a Source,
    start: usize,
    text: &'a str,
    /// `fragment`, or the type of the operation; nothing for the short form of a query.
    keyword: Option<&'a str>,
    name: Option<&'a str>,
}

/// The operations in `files`, in the order of the files.
///
/// # Errors
///
/// Where a file has something else than operations and fragments. Whether they are valid is not checked.
pub fn operations(files: &[Source]) -> Result<Vec<Operation<'_>>, Error> {
    let mut definitions = Vec::new();
    for source in files {
        split(source, &mut definitions)?;
    }
    let (fragments, operations): (Vec<_>, Vec<_>) = definitions.into_iter().partition(Definition::is_fragment);
    let fragments = by_name(fragments)?;
    Ok(operations.into_iter().map(|operation| Operation::new(operation, &fragments)).collect())
}

/// Appends the definitions of the file.
fn split<'a>(source: &'a Source, definitions: &mut Vec<Definition<'a>>) -> Result<(), Error> {
    let mut tokens = Lexer::new(&source.text).peekable();
    while let Some((start, token)) = tokens.next() {
        let keyword = match token {
            Token::Punctuator(b'{') => None,
            Token::Name(word @ ("query" | "mutation" | "subscription" | "fragment")) => Some(word),
            _ => return Err(Error::Unexpected(place(source, start).to_string())),
        };
        let name = match tokens.peek() {
            Some((_, Token::Name(name))) if keyword.is_some() => Some(*name),
            _ => None,
        };
        let mut depth = usize::from(keyword.is_none());
        // Braces in default values close again before the selection set begins; parentheses say which they are.
        let mut parentheses = 0_usize;
        let end = loop {
            let Some((at, token)) = tokens.next() else {
                return Err(Error::Unclosed(place(source, start).to_string()));
            };
            match token {
                Token::Punctuator(b'(') => parentheses += 1,
                Token::Punctuator(b')') => parentheses = parentheses.saturating_sub(1),
                Token::Punctuator(b'{') if parentheses == 0 => depth += 1,
                Token::Punctuator(b'}') if parentheses == 0 => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break at + 1;
                    }
                }
                _ => {}
            }
        };
        definitions.push(Definition { source, start, text: &source.text[start..end], keyword, name });
    }
    Ok(())
}

fn by_name(fragments: Vec<Definition<'_>>) -> Result<BTreeMap<&str, Definition<'_>>, Error> {
    let mut named = BTreeMap::new();
    for fragment in fragments {
        let name = fragment.name.unwrap_or_default();
        if let Some(other) = named.insert(name, fragment) {
            let [here, there] = [fragment, other].map(|definition| definition.place(0).to_string());
            return Err(Error::Duplicate(here, name.to_owned(), there));
        }
    }
    Ok(named)
}

impl<'a> Operation<'a> {
    fn new(operation: Definition<'a>, fragments: &BTreeMap<&'a str, Definition<'a>>) -> Self {
        let mut used: Vec<Definition<'_>> = Vec::new();
        let mut text = operation.text.to_owned() + "\n";
        let mut part = Some(operation);
        let mut next = 0;
        while let Some(user) = part {
            // A fragment that is in no file is reported when the document is validated.
            for fragment in user.spreads().filter_map(|name| fragments.get(name)) {
                if !used.iter().any(|known| known.name == fragment.name) {
                    text.extend([fragment.text, "\n"]);
                    used.push(*fragment);
                }
            }
            part = used.get(next).copied();
            next += 1;
        }
        Self { name: operation.name, text, definition: operation, fragments: used }
    }

    /// Where the operation begins.
    #[must_use]
    pub fn start(&self) -> Place<'a> {
        self.place(Pos { line: 1, column: 1 })
    }

    /// The place in the files of a position in [`Self::text`]. A position beyond its end is at its end.
    #[must_use]
    pub fn place(&self, position: Pos) -> Place<'a> {
        let mut line = position.line.max(1) - 1;
        let mut part = self.definition;
        for fragment in &self.fragments {
            let lines = part.text.lines().count();
            if line < lines {
                break;
            }
            line -= lines;
            part = *fragment;
        }
        let line = line.min(part.text.lines().count().saturating_sub(1));
        let start = part.place(0).position;
        let column = if line == 0 { start.column + position.column.max(1) - 1 } else { position.column };
        Place { file: &part.source.name, position: Pos { line: start.line + line, column } }
    }
}

impl<'a> Definition<'a> {
    fn is_fragment(&self) -> bool {
        self.keyword == Some("fragment")
    }

    /// The names of the fragments that are spread in it.
    fn spreads(&self) -> impl Iterator<Item = &'a str> {
        let mut dots = 0;
        Lexer::new(self.text).filter_map(move |(_, token)| {
            let after_dots = dots == 3;
            dots = if token == Token::Punctuator(b'.') { dots + 1 } else { 0 };
            match token {
                Token::Name(name) if after_dots && name != "on" => Some(name),
                _ => None,
            }
        })
    }

    /// The place of the byte at `offset` in the text of the definition.
    fn place(&self, offset: usize) -> Place<'a> {
        place(self.source, self.start + offset)
    }
}

fn place(source: &Source, offset: usize) -> Place<'_> {
    let before = &source.text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let position = Pos { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 };
    Place { file: &source.name, position }
}

/// As compilers print it: `FILE:LINE:COLUMN`.
impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.position.line, self.position.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[&str]) -> Vec<Source> {
        let named = |(number, text): (usize, &&str)| Source { name: format!("{number}"), text: (*text).to_owned() };
        texts.iter().enumerate().map(named).collect()
    }

    fn texts(sources: &[&str]) -> Result<Vec<String>, Error> {
        Ok(operations(&files(sources))?.into_iter().map(|operation| operation.text).collect())
    }

    #[test]
    fn each_operation_gets_the_fragments_it_uses_and_no_other() {
        let all = [
            "# }{\nquery A($x: T = { a: { b: \"}\" } }) { a { ...F } }\nfragment G on T { g }",
            "{ b ...F ... on T { g } }\nfragment F on T { ...G ...F }\nfragment H on T { h }",
        ];
        let (f, g) = ("fragment F on T { ...G ...F }\n", "fragment G on T { g }\n");
        let a = format!("query A($x: T = {{ a: {{ b: \"}}\" }} }}) {{ a {{ ...F }} }}\n{f}{g}");
        assert_eq!(texts(&all).unwrap(), [a, format!("{{ b ...F ... on T {{ g }} }}\n{f}{g}")]);
    }

    #[test]
    fn positions_lead_back_to_the_files() {
        let files = files(&["\n  query A {\n    a\n    ...F\n  }", "fragment G on T { g } fragment F on T {\n  f }"]);
        let operations = operations(&files).unwrap();
        let place = |line, column| operations[0].place(Pos { line, column }).to_string();
        assert_eq!(operations[0].start().to_string(), "0:2:3");
        assert_eq!([place(1, 7), place(2, 5), place(5, 1), place(6, 3)], ["0:2:9", "0:3:5", "1:1:23", "1:2:3"]);
        assert_eq!(place(99, 1), "1:2:1", "beyond the end");
    }

    #[test]
    fn files_with_anything_else_are_refused() {
        for (text, error) in [
            ("type A { b: C }", "0:1:1: expected an operation or a fragment"),
            ("query A { a", "0:1:1: the definition that begins here has no end"),
            ("query A", "0:1:1: the definition that begins here has no end"),
            ("{ a } }", "0:1:7: expected an operation or a fragment"),
        ] {
            assert_eq!(texts(&[text]).unwrap_err().to_string(), error);
        }
        let twice = texts(&["fragment F on T { f }", "{ a }\nfragment F on T { f }"]).unwrap_err().to_string();
        assert_eq!(twice, "1:2:1: the fragment `F` is defined in 0:1:1, too");
        assert_eq!(texts(&["", "# nothing"]).unwrap(), [""; 0]);
    }
}
