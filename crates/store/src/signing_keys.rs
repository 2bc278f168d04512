//! The signing keys of access tokens: from when each signs, until when it verifies, and which are retired. If replicas
//! share the database, it also stores the private half of generated keys. `fieldguard_auth` defines the content of
//! keys.
//!
//! A key is first published and then scheduled, in two transactions. The second one reads the clock after the first was
//! committed, so that the time between them is exact, however long a commit takes.

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, UpdateMany,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Error, Store, Tx,
    entity::{hidden::HiddenBytes, signing_key},
    time,
};

/// The advisory lock that serializes changes of the signing key. Any unused number works.
const LOCK: i64 = 0x6669_656c_6467_756b;

/// A former, current or future signing key.
#[derive(Clone)]
pub struct SigningKey {
    /// The key's name in token headers.
    pub kid: String,
    /// The algorithm (`ES256`).
    pub algorithm: String,
    /// The private half. Empty if it is stored elsewhere or deleted.
    pub private_key: Vec<u8>,
    /// The public half, if it was recorded.
    pub public_key: Option<String>,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
    /// The time from which the key signs, until the next such time of another key. `None` if the key does not sign: it
    /// is published but not scheduled, was replaced before it signed, or signed before this time was stored.
    pub signs_from: Option<DateTime<Utc>>,
    /// The time until which it verifies. `None` while no later key is scheduled.
    pub verifies_until: Option<DateTime<Utc>>,
    /// The time when it was retired. A retired key does not verify.
    pub retired_at: Option<DateTime<Utc>>,
}

impl SigningKey {
    /// Whether it is the newest current or future signing key.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.signs_from.is_some() && self.verifies_until.is_none() && self.retired_at.is_none()
    }

    /// Whether it is published, but not scheduled yet.
    #[must_use]
    pub const fn is_unscheduled(&self) -> bool {
        self.signs_from.is_none() && self.verifies_until.is_none() && self.retired_at.is_none()
    }

    /// Whether it verifies at `now`.
    #[must_use]
    pub fn verifies(&self, now: DateTime<Utc>) -> bool {
        self.retired_at.is_none() && self.verifies_until.is_none_or(|until| now < until)
    }

    /// Whether it does not sign any more while `signing` signs.
    #[must_use]
    pub fn is_before(&self, signing: &Self) -> bool {
        self.kid != signing.kid
            && match (self.signs_from, signing.signs_from) {
                (Some(own), Some(other)) => (own, self.is_last()) < (other, signing.is_last()),
                _ => !self.is_unscheduled(),
            }
    }
}

/// The keys that sign at `now` or later, the current one first. If all times are in the future, because a clock was set
/// back, the first of them already signs.
#[must_use]
pub fn signing_order(keys: &[SigningKey], now: DateTime<Utc>) -> Vec<&SigningKey> {
    let mut order: Vec<_> = keys.iter().filter(|key| key.signs_from.is_some() && key.retired_at.is_none()).collect();
    // Of keys scheduled for the same millisecond, the one scheduled last signs.
    order.sort_by_key(|key| (key.signs_from, key.is_last()));
    let begun = order.iter().take_while(|key| key.signs_from.is_some_and(|from| from <= now)).count();
    order.split_off(begun.saturating_sub(1))
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// All keys, the newest first.
///
/// # Errors
///
/// If the database fails.
pub async fn all(store: &Store) -> Result<Vec<SigningKey>, Error> {
    let all = signing_key::Entity::find()
        .order_by_desc(signing_key::Column::CreatedAt)
        .order_by_asc(signing_key::Column::Kid)
        .all(&store.reader)
        .await?;
    Ok(all.into_iter().map(SigningKey::from).collect())
}

/// Adds a key that does not sign yet. From the commit on, servers accept its tokens.
///
/// # Errors
///
/// If the database fails, or the key already exists.
pub async fn publish(tx: &Tx, key: &SigningKey) -> Result<(), Error> {
    let row = signing_key::ActiveModel {
        kid: Set(key.kid.clone()),
        algorithm: Set(key.algorithm.clone()),
        private_key: Set(HiddenBytes(key.private_key.clone())),
        created_at: Set(time::millis(key.created_at)),
        retired_at: Set(None),
        public_key: Set(key.public_key.clone()),
        verifies_until: Set(None),
        signs_from: Set(None),
    };
    signing_key::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// Schedules a published or former key to sign from `from`, in place of `before`, the newest current or future signing
/// key, which then verifies until `until`. Keys scheduled to sign later never do. Returns `false`, without a change, if
/// another key is the newest now, or if this key is missing or retired.
///
/// # Errors
///
/// If the database fails.
pub async fn schedule(
    tx: &Tx,
    before: Option<&str>,
    kid: &str,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, Error> {
    let keys = locked(tx).await?;
    let last = keys.iter().find(|key| key.is_last()).map(|key| key.kid.as_str());
    if last != before || before == Some(kid) || !keys.iter().any(|key| key.kid == kid && key.retired_at.is_none()) {
        return Ok(false);
    }
    let not_this = || signing_key::Column::Kid.ne(kid).and(signing_key::Column::RetiredAt.is_null());
    let end = update()
        .col_expr(signing_key::Column::VerifiesUntil, Expr::value(time::millis(until)))
        .filter(not_this().and(signing_key::Column::SignsFrom.is_not_null()))
        .filter(signing_key::Column::VerifiesUntil.is_null());
    let cancel = update()
        .col_expr(signing_key::Column::SignsFrom, Expr::value(None::<i64>))
        .filter(not_this().and(signing_key::Column::SignsFrom.gt(time::millis(from))));
    let begin = update()
        .col_expr(signing_key::Column::SignsFrom, Expr::value(time::millis(from)))
        .col_expr(signing_key::Column::VerifiesUntil, Expr::value(None::<i64>))
        .filter(signing_key::Column::Kid.eq(kid));
    for change in [end, cancel, begin] {
        change.exec(tx.connection()).await?;
    }
    // Rows of a command that was interrupted between the two steps.
    let abandoned = signing_key::Entity::delete_many().filter(is_unscheduled());
    abandoned.exec(tx.connection()).await?;
    Ok(true)
}

/// Removes a published key that is not scheduled.
///
/// # Errors
///
/// If the database fails.
pub async fn withdraw(tx: &Tx, kid: &str) -> Result<(), Error> {
    let key = signing_key::Entity::delete_many().filter(signing_key::Column::Kid.eq(kid)).filter(is_unscheduled());
    key.exec(tx.connection()).await?;
    Ok(())
}

/// Locks all keys until the transaction ends, and returns them.
///
/// # Errors
///
/// If the database fails.
pub async fn locked(tx: &Tx) -> Result<Vec<SigningKey>, Error> {
    tx.lock(LOCK).await?;
    let all = signing_key::Entity::find().all(tx.connection()).await?;
    Ok(all.into_iter().map(SigningKey::from).collect())
}

/// Deletes the private halves of these keys.
///
/// # Errors
///
/// If the database fails.
pub async fn forget_private(tx: &Tx, kids: &[&str]) -> Result<(), Error> {
    update()
        .col_expr(signing_key::Column::PrivateKey, Expr::value(Vec::<u8>::new()))
        .filter(signing_key::Column::Kid.is_in(kids.iter().copied()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Records the public half of a key that has none yet.
///
/// # Errors
///
/// If the database fails.
pub async fn note_public(tx: &Tx, kid: &str, public_key: &str) -> Result<(), Error> {
    signing_key::Entity::update_many()
        .col_expr(signing_key::Column::PublicKey, Expr::value(public_key))
        .filter(signing_key::Column::Kid.eq(kid))
        .filter(signing_key::Column::PublicKey.is_null())
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Retires a key. Returns `false` if it is already retired or does not exist.
///
/// # Errors
///
/// If the database fails.
pub async fn retire(tx: &Tx, kid: &str, now: DateTime<Utc>) -> Result<bool, Error> {
    let update = update()
        .col_expr(signing_key::Column::RetiredAt, Expr::value(time::millis(now)))
        .col_expr(signing_key::Column::PrivateKey, Expr::value(Vec::<u8>::new()))
        .filter(signing_key::Column::Kid.eq(kid))
        .filter(signing_key::Column::RetiredAt.is_null());
    Ok(update.exec(tx.connection()).await?.rows_affected == 1)
}

fn update() -> UpdateMany<signing_key::Entity> {
    signing_key::Entity::update_many()
}

fn is_unscheduled() -> Expr {
    signing_key::Column::SignsFrom
        .is_null()
        .and(signing_key::Column::VerifiesUntil.is_null())
        .and(signing_key::Column::RetiredAt.is_null())
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
            signs_from: row.signs_from.map(time::from_millis),
            retired_at: row.retired_at.map(time::from_millis),
        }
    }
}
