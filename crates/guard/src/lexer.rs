//! The tokens of a document, as far as checks of its text need them (GraphQL specification, section 2.1): brackets and names
//! that stand outside strings and comments. It reads any text, a document or not.

/// A token. What has no business with brackets or names, such as numbers, is told of byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Any byte outside names, strings, comments and white space.
    Punctuator(u8),
    /// A name.
    Name(&'a str),
    /// A string, which may be broken off.
    String,
}

/// Reads tokens, each with the byte where it begins.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The end of what begins at the current byte and goes on while `belongs`.
    fn end_while(&self, belongs: impl Fn(u8) -> bool) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        self.at + rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len())
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = (usize, Token<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        loop {
            let start = self.at;
            let byte = *bytes.get(start)?;
            let token = match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                    self.at += 1;
                    continue;
                }
                b'#' => {
                    self.at = self.end_while(|byte| !matches!(byte, b'\n' | b'\r'));
                    continue;
                }
                b'"' => {
                    self.at = end_of_string(bytes, start);
                    Token::String
                }
                b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                    self.at = self.end_while(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
                    Token::Name(&self.text[start..self.at])
                }
                _ => {
                    self.at += 1;
                    Token::Punctuator(byte)
                }
            };
            return Some((start, token));
        }
    }
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
