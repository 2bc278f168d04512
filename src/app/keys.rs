//! Where the signing key comes from: a secret or a file of the settings, or one that is made at the first start and kept,
//! in the data directory or, so that replicas agree on it, in PostgreSQL.

use chrono::{DateTime, Utc};

use super::Error;
use crate::{
    auth::keys::{self, KeySet, file},
    config::{self, Config},
    domain::overview::DatabaseKind,
    store::{self, Store},
};

pub(super) async fn load(config: &Config, store: &Store, now: DateTime<Utc>) -> Result<KeySet, Error> {
    let algorithm = match config.token.algorithm {
        config::Algorithm::Es256 => keys::Algorithm::Es256,
        config::Algorithm::Rs256 => keys::Algorithm::Rs256,
        config::Algorithm::EdDsa => keys::Algorithm::EdDsa,
        config::Algorithm::Hs256 => {
            let secret = config.token.secret.as_ref().ok_or(Error::Missing("token.secret"))?;
            return Ok(KeySet::hmac(secret.expose().as_bytes())?);
        }
    };
    let pem = match &config.token.key_file {
        Some(path) => file::read(path)?,
        None if algorithm != keys::Algorithm::Es256 => return Err(Error::Missing("token.key_file")),
        None if store.kind() == DatabaseKind::Postgres => {
            store::signing_keys::get_or_create(store, algorithm.name(), now, keys::generate_es256).await?
        }
        None => file::read_or_create(&config.data_dir.join("signing-key.pem"), keys::generate_es256)?,
    };
    Ok(KeySet::from_pem(algorithm, &pem)?)
}
