//! Asks for a new password, at the terminal or from a script. The domain checks its strength.

use std::io::{self, IsTerminal, Read};

use zeroize::Zeroizing;

/// The hasher's limit. The domain's own limit is in characters and lower.
const MAX_BYTES: usize = 1_024;

/// Why no password could be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no terminal to ask at.
    #[error("no terminal to ask for a password; pass one on standard input with --password-stdin")]
    NoTerminal,
    /// The two entries differ.
    #[error("the two passwords differ")]
    Different,
    /// Nothing was entered.
    #[error("the password is empty")]
    Empty,
    /// The input is longer than any password.
    #[error("the password is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The input is not UTF-8.
    #[error("the password is not valid UTF-8")]
    NotText,
    /// The terminal or standard input failed.
    #[error("cannot read the password")]
    Unreadable(#[source] io::Error),
}

/// Reads a new password: the first line of standard input if `from_stdin`, otherwise typed twice at the terminal
/// without echo. The memory is wiped when the value is dropped.
///
/// # Errors
///
/// If there is no terminal, the password is empty or too long, or the two entries differ.
pub fn ask(from_stdin: bool) -> Result<Zeroizing<String>, Error> {
    if from_stdin {
        return first_line(io::stdin().lock());
    }
    if !io::stdin().is_terminal() {
        return Err(Error::NoTerminal);
    }
    let password = prompt("Password: ")?;
    if password.is_empty() {
        return Err(Error::Empty);
    }
    if password.len() > MAX_BYTES {
        return Err(Error::TooLong);
    }
    if *prompt("Repeat the password: ")? == *password { Ok(password) } else { Err(Error::Different) }
}

fn prompt(text: &str) -> Result<Zeroizing<String>, Error> {
    rpassword::prompt_password(text).map(Zeroizing::new).map_err(Error::Unreadable)
}

/// The first line of `input` without its line end, `\n` or `\r\n`. The rest is not read.
fn first_line(mut input: impl Read) -> Result<Zeroizing<String>, Error> {
    // Allocated at its maximum size, so that it never moves and leaves no copy behind.
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 2));
    let mut byte = Zeroizing::new([0; 1]);
    while input.read(&mut *byte).map_err(Error::Unreadable)? == 1 && byte[0] != b'\n' {
        if line.len() > MAX_BYTES {
            return Err(Error::TooLong);
        }
        line.push(byte[0]);
    }
    let password = line.strip_suffix(b"\r").unwrap_or(&line);
    match str::from_utf8(password) {
        _ if password.len() > MAX_BYTES => Err(Error::TooLong),
        Ok("") => Err(Error::Empty),
        Ok(password) => Ok(Zeroizing::new(password.to_owned())),
        Err(_) => Err(Error::NotText),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_line_is_read_without_its_line_end() {
        let longest = "x".repeat(MAX_BYTES);
        for (input, password) in [
            ("correct horse\n", "correct horse"),
            ("correct horse\r\nmore", "correct horse"),
            ("correct horse", "correct horse"),
            ("  spaces count \n", "  spaces count "),
            (&format!("{longest}\r\n"), &longest),
        ] {
            assert_eq!(*first_line(input.as_bytes()).unwrap(), password);
        }
    }

    #[test]
    fn invalid_passwords_are_refused() {
        assert!(matches!(first_line(&b""[..]), Err(Error::Empty)));
        assert!(matches!(first_line(&b"\nsecond"[..]), Err(Error::Empty)));
        assert!(matches!(first_line(&b"\xff\n"[..]), Err(Error::NotText)));
        assert!(matches!(first_line(io::repeat(b'x')), Err(Error::TooLong)));
        assert!(matches!(first_line(&[b'x'; MAX_BYTES + 1][..]), Err(Error::TooLong)));
    }
}
