//! Rust's text as names and punctuation, without comments, strings and characters. It knows no grammar beyond paths.

/// A name, or one character of punctuation.
#[derive(Debug, Clone, Copy)]
pub struct Token<'a> {
    pub line: usize,
    pub text: &'a str,
}

/// The tokens of `text`, in order.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while let Some(next) = text[at..].chars().next() {
        let skipped = skipped(&text[at..]);
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let name = text[at..].find(|c| !is_name(c)).unwrap_or(text.len() - at);
        let length = if skipped > 0 { skipped } else { name.max(next.len_utf8()) };
        let taken = &text[at..at + length];
        if skipped == 0 && !next.is_whitespace() {
            tokens.push(Token { line, text: taken });
        }
        line += taken.matches('\n').count();
        at += length;
    }
    tokens
}

/// How many bytes at the start of `text` are a comment, a string or a character.
fn skipped(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block(text);
    }
    let raw = text.strip_prefix('b').unwrap_or(text).strip_prefix('r').unwrap_or_default();
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    if raw[hashes..].starts_with('"') {
        let opening = text.len() - raw.len() + hashes + 1;
        let closing = format!("\"{}", "#".repeat(hashes));
        return text[opening..].find(&closing).map_or(text.len(), |it| opening + it + closing.len());
    }
    if text.starts_with('"') {
        return quoted(text, '"');
    }
    // A lifetime has no closing quote after its first character.
    let is_character = text.starts_with('\'') && (text[1..].starts_with('\\') || text.chars().nth(2) == Some('\''));
    if is_character { quoted(text, '\'') } else { 0 }
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |it| it + 2)
}

fn block(text: &str) -> usize {
    let (mut at, mut open) = (2, 1);
    while open > 0 && at < text.len() {
        let rest = &text.as_bytes()[at..];
        let (step, change) = match rest {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        open += change;
    }
    at
}

/// The first name after our crate's in every path that begins there: `crate::`, `fieldguard::`, or `super::` as often as
/// the module is `depth` deep; in a group, the first name of each of its paths.
pub fn of_our_crate<'a>(tokens: &[Token<'a>], depth: usize) -> Vec<Token<'a>> {
    let supers = ["super", ":", ":"].repeat(depth);
    let starts: [&[&str]; 3] = [&["crate", ":", ":"], &["fieldguard", ":", ":"], &supers];
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let rest = &tokens[at..];
        let begins =
            |start: &&&[&str]| rest.len() > start.len() && rest.iter().zip(start.iter()).all(|(a, b)| a.text == *b);
        let is_inner = at > 0 && tokens[at - 1].text == ":";
        if let (false, Some(start)) = (is_inner, starts.iter().find(begins)) {
            found.extend(first_names(&rest[start.len()..]));
        }
    }
    found
}

fn first_names<'a>(path: &[Token<'a>]) -> Vec<Token<'a>> {
    if path[0].text != "{" {
        return vec![path[0]];
    }
    let (mut names, mut open) = (Vec::new(), 0);
    for pair in path.windows(2) {
        match pair[0].text {
            "{" => open += 1,
            "}" => open -= 1,
            _ => {}
        }
        if open == 0 {
            break;
        }
        if open == 1 && matches!(pair[0].text, "{" | ",") {
            names.push(pair[1]);
        }
    }
    names
}
