//! TLS without a proxy: reads the certificate and its key at start, and again when a file changes.

use std::{
    convert::Infallible,
    fmt::Display,
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{MissedTickBehavior, interval};

use super::keys::in_words_of_file;
use crate::{
    auth::keys::file,
    config::{Config, HttpUrl, Problem},
    listener::tls::{Certificate, Chain, Tls},
    store::in_words,
};

/// How often the files are looked at. A change is read when the files are the same at two looks: most tools replace one
/// file after the other.
const INTERVAL: Duration = Duration::from_secs(1);

/// Larger than any chain of certificates.
const MAX_CHAIN_BYTES: u64 = 1024 * 1024;

/// How long before the certificate expires the start warns. Most tools renew it a month before.
const EXPIRES_SOON: TimeDelta = TimeDelta::days(14);

/// TLS with the configured certificate, if there is one.
///
/// # Errors
///
/// The problem with the certificate or its key, with the setting and the file.
pub(super) fn open(config: &Config, now: DateTime<Utc>) -> Result<Option<Tls>, Problem> {
    let Some(certificate) = read(config)? else { return Ok(None) };
    for warning in warnings(config, &certificate, now) {
        tracing::warn!("{warning}");
    }
    Ok(Some(Tls::new(certificate)))
}

/// The configured certificate, if there is one.
///
/// # Errors
///
/// As [`open`].
pub(super) fn read(config: &Config) -> Result<Option<Certificate>, Problem> {
    let (Some(certificate), Some(key)) = (&config.tls.certificate, &config.tls.key) else { return Ok(None) };
    let of_chain = |reason: &dyn Display| problem(config, "tls.certificate", certificate, reason);
    let of_key = |reason: &dyn Display| problem(config, "tls.key", key, reason);
    let text = read_chain(certificate).map_err(|error| of_chain(&format!("cannot be read: {}", in_words(&error))))?;
    let certificates = Chain::from_pem(&text).map_err(|error| of_chain(&error))?;
    let pem = file::read(key).map_err(|error| of_key(&format!("cannot be used: {}", in_words_of_file(&error))))?;
    Certificate::new(certificates, &pem).map(Some).map_err(|error| of_key(&error))
}

fn problem(config: &Config, setting: &str, path: &Path, reason: &dyn Display) -> Problem {
    config.problem(setting, format!("= \"{}\" {reason}", path.display()))
}

/// Certificates are ASCII; a file in another format has none.
fn read_chain(path: &Path) -> io::Result<String> {
    let mut content = Vec::new();
    File::open(path)?.take(MAX_CHAIN_BYTES).read_to_end(&mut content)?;
    Ok(String::from_utf8_lossy(&content).into_owned())
}

/// Why clients refuse this certificate, or will soon.
pub(super) fn warnings(config: &Config, certificate: &Certificate, now: DateTime<Utc>) -> Vec<String> {
    let (from, until) = certificate.validity().clone().into_inner();
    let validity = if until < now {
        Some(format!("the certificate in `tls.certificate` expired on {}; clients refuse it", until.date_naive()))
    } else if from > now {
        Some(format!("the certificate in `tls.certificate` is valid from {from} on; clients refuse it until then"))
    } else if until - now < EXPIRES_SOON {
        Some(format!("the certificate in `tls.certificate` expires on {}; renew it", until.date_naive()))
    } else {
        None
    };
    let host = config.public_url.as_ref().map(HttpUrl::host).filter(|host| !certificate.names(host));
    let name = host.map(|host| {
        format!("the certificate in `tls.certificate` is not for {host}, the host of `public_url`; clients refuse it")
    });
    validity.into_iter().chain(name).collect()
}

/// Reads the certificate again. One that cannot be used is logged, and the former one stays.
pub(super) fn reload(config: &Config, tls: &Tls, now: DateTime<Utc>) {
    match read(config) {
        Ok(Some(certificate)) if certificate.differs(&tls.certificate()) => {
            tracing::info!(expires = %certificate.validity().end(), "the TLS certificate changed");
            for warning in warnings(config, &certificate, now) {
                tracing::warn!("{warning}");
            }
            tls.replace(certificate);
        }
        Ok(_) => {}
        Err(problem) => {
            tracing::error!(%problem, "cannot load the TLS certificate; the current one stays in use");
        }
    }
}

/// Reads the certificate again whenever its file or that of its key changes. Runs until it is dropped.
pub(super) async fn follow(config: &Config, tls: &Tls, now: impl Fn() -> DateTime<Utc>) -> Infallible {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // What the start has read is unknown, because the files may have changed since.
    let (mut read, mut before) = (None, None);
    loop {
        ticks.tick().await;
        let found = Some(versions(config));
        if found != read && found == before {
            reload(config, tls, now());
            read.clone_from(&found);
        }
        before = found;
    }
}

/// What changes when a file or the link to it is replaced or written: the time, the size and the number of the file.
fn versions(config: &Config) -> [Option<(SystemTime, u64, u64)>; 2] {
    [&config.tls.certificate, &config.tls.key].map(|path| {
        let file = fs::metadata(path.as_ref()?).ok()?;
        Some((file.modified().ok()?, file.size(), file.ino()))
    })
}
