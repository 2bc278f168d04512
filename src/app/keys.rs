//! The source of the signing key: a configured secret or file, or a key generated here.

use super::Error;
use crate::{
    accounts::{
        clock::Clock,
        keyring::{self, Keyring, Source},
    },
    auth::keys::{
        Algorithm, Key, KeyError,
        directory::Directory,
        file::{self, FileError},
    },
    config::{self, Config, Problem},
    store::{Store, in_words},
};

/// The keys for these settings.
pub(super) fn keyring(config: &Config, store: &Store, clock: Clock) -> Result<Keyring, Error> {
    let lifetime = super::parts::delta(config.token.lifetime);
    Ok(Keyring::new(source(config)?, store.clone(), lifetime, clock))
}

/// The error of loading the keys at startup, with the path if a file is the cause.
pub(super) fn startup_error(config: &Config, source: keyring::Error) -> Error {
    match source {
        keyring::Error::File(_) | keyring::Error::Key(_) if config.token.secret.is_none() => {
            let place = config.token.key_file.clone().unwrap_or_else(|| config.data_dir.clone());
            Error::KeyFile { place, source }
        }
        source => source.into(),
    }
}

/// Reads the configured key file, as the start does.
///
/// # Errors
///
/// The problem with the file, with the setting and the command that solves it.
pub(super) fn check(config: &Config) -> Result<(), Problem> {
    let Ok(Source::File(algorithm, path)) = source(config) else { return Ok(()) };
    let shown = path.display().to_string();
    let problem = |reason: String| config.problem("token.key_file", format!("= \"{shown}\" cannot be used: {reason}"));
    let pem = file::read(&path).map_err(|error| problem(in_words_of_file(&error)))?;
    match Key::from_pem(algorithm, &pem) {
        Ok(_) => Ok(()),
        Err(error @ KeyError::Unfit(_, found)) => Err(problem(format!("{error}; {}", found.remedy(algorithm, &shown)))),
        Err(error) => Err(problem(error.to_string())),
    }
}

/// Without the number of the system's error.
pub(super) fn in_words_of_file(error: &FileError) -> String {
    match error {
        FileError::Io(error) => in_words(error),
        other => other.to_string(),
    }
}

fn source(config: &Config) -> Result<Source, Error> {
    let algorithm = match config.token.algorithm {
        config::Algorithm::Es256 => Algorithm::Es256,
        config::Algorithm::Rs256 => Algorithm::Rs256,
        config::Algorithm::EdDsa => Algorithm::EdDsa,
        config::Algorithm::Hs256 => {
            let secret = config.token.secret.as_ref().ok_or(Error::Missing("token.secret"))?;
            return Ok(Source::Secret(Key::hmac(secret.expose().as_bytes()).map_err(keyring::Error::Key)?));
        }
    };
    match &config.token.key_file {
        Some(path) => Ok(Source::File(algorithm, path.clone())),
        None if algorithm != Algorithm::Es256 => Err(Error::Missing("token.key_file")),
        None => Ok(Source::Made(Directory::new(config.data_dir.clone()))),
    }
}
