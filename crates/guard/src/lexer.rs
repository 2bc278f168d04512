//! A lexer for checks of a document's text (GraphQL specification, section 2.1). It finds brackets and names outside
//! strings and comments, and accepts any text.

/// A token. Other tokens, such as numbers, are returned byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Any byte outside names, strings, comments and white space.
    Punctuator(u8),
    /// A name.
    Name(&'a str),
    /// A string, which may be unterminated.
    String,
}

/// Returns tokens with the byte offset of their start.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The end of the token at the current byte, which continues while `belongs` is true.
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

/// A block string ends at the next `"""` without a backslash before it.
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

/// A string ends at its quote. If the line ends first, the parser will report it; the lexer continues with the next
/// line, so that no bracket is hidden.
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
