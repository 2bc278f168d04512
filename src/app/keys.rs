//! Where the signing key comes from: a secret or a file of the settings, or one that is made at the first start and kept,
//! in the data directory or, so that replicas agree on it, in PostgreSQL.

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::Error;
use crate::{
    auth::keys::{self, Algorithm, Key, KeyError, KeySet, file},
    config::{self, Config},
    domain::overview::DatabaseKind,
    store::{self, Store},
};

pub(super) async fn load(config: &Config, store: &Store, now: DateTime<Utc>) -> Result<KeySet, Error> {
    let algorithm = match config.token.algorithm {
        config::Algorithm::Es256 => Algorithm::Es256,
        config::Algorithm::Rs256 => Algorithm::Rs256,
        config::Algorithm::EdDsa => Algorithm::EdDsa,
        config::Algorithm::Hs256 => {
            let secret = config.token.secret.as_ref().ok_or(Error::Missing("token.secret"))?;
            return Ok(KeySet::hmac(secret.expose().as_bytes())?);
        }
    };
    let pem = match &config.token.key_file {
        Some(path) => file::read(path)?,
        None if algorithm != Algorithm::Es256 => return Err(Error::Missing("token.key_file")),
        None if store.kind() == DatabaseKind::Postgres => shared(store, now).await?,
        None => file::read_or_create(&config.data_dir.join("signing-key.pem"), keys::generate_es256)?,
    };
    Ok(KeySet::from_pem(algorithm, &pem)?)
}

/// The key all replicas sign with.
async fn shared(store: &Store, now: DateTime<Utc>) -> Result<Zeroizing<String>, Error> {
    let fresh = keys::generate_es256();
    let kid = Key::from_pem(Algorithm::Es256, &fresh)?.kid().to_owned();
    let kept =
        store::signing_keys::get_or_create(store, Algorithm::Es256.name(), || (kid, fresh.as_bytes().to_vec()), now);
    let unfit = |_| KeyError::Unfit(Algorithm::Es256);
    Ok(Zeroizing::new(String::from_utf8(kept.await?).map_err(unfit)?))
}
