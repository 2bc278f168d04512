//! Asks for a new password, at the terminal or from a script. Whether it is good enough is up to the domain.

use std::io::{self, IsTerminal, Read};

use zeroize::Zeroizing;

/// What the hasher takes at most; the domain's own limit is in characters and lower.
const MAX_BYTES: usize = 1_024;

/// Why there is no password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is there to be asked.
    #[error("no terminal to ask for a password at; give one on standard input with --password-stdin")]
    NoTerminal,
    /// The two entries differ.
    #[error("the two passwords are not the same")]
    Different,
    /// Nothing was entered.
    #[error("the password is empty")]
    Empty,
    /// More was entered than any password has.
    #[error("the password is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// What was entered is not UTF-8.
    #[error("the password is not text in UTF-8")]
    NotText,
    /// The terminal or standard input failed.
    #[error("the password cannot be read")]
    Unreadable(#[source] io::Error),
}

/// A new password: the first line of standard input if `from_stdin`, or else asked for twice at the terminal, without
/// showing it. The memory is wiped when the answer is dropped.
///
/// # Errors
///
/// Where there is no terminal, nothing was entered, or not twice the same.
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
    if *prompt("The same again: ")? == *password { Ok(password) } else { Err(Error::Different) }
}

fn prompt(text: &str) -> Result<Zeroizing<String>, Error> {
    rpassword::prompt_password(text).map(Zeroizing::new).map_err(Error::Unreadable)
}

/// The first line of `input` without its end, `\n` or `\r\n`; what follows is not read.
fn first_line(mut input: impl Read) -> Result<Zeroizing<String>, Error> {
    // As large as it can get, so that it never moves and leaves a copy behind.
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
    fn takes_one_line_without_its_end() {
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
    fn refuses_what_is_no_password() {
        assert!(matches!(first_line(&b""[..]), Err(Error::Empty)));
        assert!(matches!(first_line(&b"\nsecond"[..]), Err(Error::Empty)));
        assert!(matches!(first_line(&b"\xff\n"[..]), Err(Error::NotText)));
        assert!(matches!(first_line(io::repeat(b'x')), Err(Error::TooLong)));
        assert!(matches!(first_line(&[b'x'; MAX_BYTES + 1][..]), Err(Error::TooLong)));
    }
}
