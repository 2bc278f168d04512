//! The files that a start reads besides the configuration, before it opens the database: keys, certificates and templates
//! of mails. `config check` and `doctor` read them here, too, so that they find what a start would find.

use chrono::{DateTime, Utc};

use super::{Error, exposure, keys, parts, tls};
use crate::{
    config::{Config, ConfigErrors, Problem},
    listener::tls::Tls,
    mail::{self, Mailer},
};

/// What the files are for.
pub(super) struct Inputs {
    /// TLS, if the server speaks it.
    pub(super) tls: Option<Tls>,
    /// The sender of mails, if the server sends any.
    pub(super) mailer: Option<Mailer>,
}

/// Reads the files.
///
/// # Errors
///
/// [`Error::Exposed`] if other users can change a path with secrets; [`Error::Config`] with all problems of the files.
pub(super) fn read(config: &Config, now: DateTime<Utc>) -> Result<Inputs, Error> {
    exposure::check(config)?;
    let (key, tls, mailer) = (keys::check(config), tls::open(config, now), mailer(config));
    let problems = [key.err(), tls.as_ref().err().cloned(), mailer.as_ref().err().cloned()];
    match (tls, mailer) {
        (Ok(tls), Ok(mailer)) if problems.iter().all(Option::is_none) => Ok(Inputs { tls, mailer }),
        _ => Err(ConfigErrors::new(problems.into_iter().flatten().collect()).into()),
    }
}

fn mailer(config: &Config) -> Result<Option<Mailer>, Problem> {
    let Some(settings) = parts::mail(config) else { return Ok(None) };
    Mailer::new(settings).map(Some).map_err(|error| {
        let setting = match error {
            mail::Error::Template(_) => "mail.templates",
            mail::Error::Tls(_) => "mail.smtp_tls",
        };
        config.problem(setting, format!("cannot be used: {error}"))
    })
}
