//! The files that a start reads besides the configuration, before it opens the database: keys and certificates.
//! `config check` and `doctor` read them here, too, so that they find what a start would find.

use chrono::{DateTime, Utc};

use super::{Error, exposure, keys, tls};
use crate::{
    config::{Config, ConfigErrors, Problem},
    listener::tls::Tls,
};

/// Reads the files. Returns TLS, if the server speaks it.
///
/// # Errors
///
/// [`Error::Exposed`] if other users can change a path with secrets; [`Error::Config`] with all problems of the files.
pub(super) fn read(config: &Config, now: DateTime<Utc>) -> Result<Option<Tls>, Error> {
    exposure::check(config)?;
    let (key, tls) = (keys::check(config), tls::open(config, now));
    let problems: Vec<Problem> = [key.err(), tls.as_ref().err().cloned()].into_iter().flatten().collect();
    match tls {
        Ok(tls) if problems.is_empty() => Ok(tls),
        _ => Err(ConfigErrors::new(problems).into()),
    }
}
