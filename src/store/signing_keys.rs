//! The keys that signed tokens here: which one signs, until when the former ones verify, which are retired. Where replicas
//! share the database, the private half of one that was made here is here too. What a key is made of is a matter of
//! [`crate::auth`].

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Error, Store, Tx,
    entity::{hidden::HiddenBytes, signing_key},
    time,
};

/// The advisory lock at which those who put a key in the place of another line up. Any number will do that nobody else
/// uses.
const LOCK: i64 = 0x6669_656c_6467_756b;

/// A key that signs or signed here.
#[derive(Clone)]
pub struct SigningKey {
    /// Its name in token headers.
    pub kid: String,
    /// Its algorithm (`ES256`).
    pub algorithm: String,
    /// The private half; empty where it is kept elsewhere or not at all.
    pub private_key: Vec<u8>,
    /// The public half, where it was noted.
    pub public_key: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it verifies; nothing while it signs.
    pub verifies_until: Option<DateTime<Utc>>,
    /// Since when it does not verify any longer, where somebody ended it.
    pub retired_at: Option<DateTime<Utc>>,
}

impl SigningKey {
    /// Is it the one that signs?
    #[must_use]
    pub const fn signs(&self) -> bool {
        self.verifies_until.is_none() && self.retired_at.is_none()
    }

    /// Until when it verifies, where it signed before and verifies still at `now`.
    #[must_use]
    pub fn verifies(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.verifies_until.filter(|until| now < *until && self.retired_at.is_none())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Every key, the newest first.
///
/// # Errors
///
/// Where the database fails.
pub async fn all(store: &Store) -> Result<Vec<SigningKey>, Error> {
    let all = signing_key::Entity::find()
        .order_by_desc(signing_key::Column::CreatedAt)
        .order_by_asc(signing_key::Column::Kid)
        .all(&store.reader)
        .await?;
    Ok(all.into_iter().map(SigningKey::from).collect())
}

/// Lets `key` sign in the place of the one called `before`, or of none. That one verifies until `until`, and its private
/// half is forgotten. Tells whether it did: not where another key signs in the meantime, or `key` is known already.
///
/// # Errors
///
/// Where the database fails.
pub async fn replace(tx: &Tx, before: Option<&str>, key: &SigningKey, until: DateTime<Utc>) -> Result<bool, Error> {
    tx.lock(LOCK).await?;
    let known = signing_key::Entity::find()
        .filter(signs().or(signing_key::Column::Kid.eq(&key.kid)))
        .all(tx.connection())
        .await?;
    if before == Some(key.kid.as_str()) || known.iter().map(|it| it.kid.as_str()).ne(before) {
        return Ok(false);
    }
    end_signing(tx, until).await?;
    insert(tx, key).await?;
    Ok(true)
}

async fn end_signing(tx: &Tx, until: DateTime<Utc>) -> Result<(), Error> {
    signing_key::Entity::update_many()
        .col_expr(signing_key::Column::VerifiesUntil, Expr::value(time::millis(until)))
        .col_expr(signing_key::Column::PrivateKey, Expr::value(Vec::<u8>::new()))
        .filter(signs())
        .exec(tx.connection())
        .await?;
    Ok(())
}

async fn insert(tx: &Tx, key: &SigningKey) -> Result<(), Error> {
    let row = signing_key::ActiveModel {
        kid: Set(key.kid.clone()),
        algorithm: Set(key.algorithm.clone()),
        private_key: Set(HiddenBytes(key.private_key.clone())),
        created_at: Set(time::millis(key.created_at)),
        retired_at: Set(None),
        public_key: Set(key.public_key.clone()),
        verifies_until: Set(None),
    };
    signing_key::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// Notes that `key` signs, which is kept elsewhere. What signed before verifies until `until`, and its private half is
/// forgotten. A key that signed long ago may sign again, but for one that somebody ended.
///
/// # Errors
///
/// Where the database fails.
pub async fn note_signing(tx: &Tx, key: &SigningKey, until: DateTime<Utc>) -> Result<(), Error> {
    tx.lock(LOCK).await?;
    let is_it = || signing_key::Column::Kid.eq(&key.kid);
    let known = signing_key::Entity::find().filter(is_it()).one(tx.connection()).await?;
    if known.as_ref().is_some_and(|row| row.retired_at.is_some() || row.verifies_until.is_none()) {
        return Ok(());
    }
    end_signing(tx, until).await?;
    if known.is_none() {
        return insert(tx, key).await;
    }
    signing_key::Entity::update_many()
        .col_expr(signing_key::Column::VerifiesUntil, Expr::value(None::<i64>))
        .filter(is_it())
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Notes the public half of a key that has none yet.
///
/// # Errors
///
/// Where the database fails.
pub async fn note_public(tx: &Tx, kid: &str, public_key: &str) -> Result<(), Error> {
    signing_key::Entity::update_many()
        .col_expr(signing_key::Column::PublicKey, Expr::value(public_key))
        .filter(signing_key::Column::Kid.eq(kid))
        .filter(signing_key::Column::PublicKey.is_null())
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Ends a key that signed before, and tells whether it did: not where it signs, is retired, or there is none.
///
/// # Errors
///
/// Where the database fails.
pub async fn retire(tx: &Tx, kid: &str, now: DateTime<Utc>) -> Result<bool, Error> {
    let update = signing_key::Entity::update_many()
        .col_expr(signing_key::Column::RetiredAt, Expr::value(time::millis(now)))
        .col_expr(signing_key::Column::PrivateKey, Expr::value(Vec::<u8>::new()))
        .filter(signing_key::Column::Kid.eq(kid))
        .filter(signing_key::Column::VerifiesUntil.is_not_null())
        .filter(signing_key::Column::RetiredAt.is_null());
    Ok(update.exec(tx.connection()).await?.rows_affected == 1)
}

fn signs() -> Expr {
    signing_key::Column::VerifiesUntil.is_null().and(signing_key::Column::RetiredAt.is_null())
}

impl From<signing_key::Model> for SigningKey {
    fn from(row: signing_key::Model) -> Self {
        Self {
            kid: row.kid,
            algorithm: row.algorithm,
            private_key: row.private_key.0,
            public_key: row.public_key,
            created_at: time::from_millis(row.created_at),
            verifies_until: row.verifies_until.map(time::from_millis),
            retired_at: row.retired_at.map(time::from_millis),
        }
    }
}
