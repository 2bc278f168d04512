//! Sign-ins that wait for their next step. Callers that write here must lock the user first ([`super::users::hold`]),
//! so that only one of two concurrent requests completes a sign-in.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

use uuid::Uuid;

use super::{
    Cause, Error, Reader, Tx,
    entity::{hidden::HiddenBytes, sign_in_challenge},
    time,
};
use fieldguard_domain::{authentication::Methods, id::UserId};

/// A sign-in that waits for its next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The user who signs in.
    pub user: UserId,
    /// The fingerprint of the password hash that the user had.
    pub credential: [u8; 32],
    /// What the user has proved so far.
    pub methods: Methods,
    /// The number of wrong codes.
    pub failures: u32,
    /// The time of expiry.
    pub expires_at: DateTime<Utc>,
}

/// Stores a challenge by the SHA-256 of its secret, and deletes the expired ones of the user.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
pub async fn insert(tx: &Tx, hash: &[u8; 32], challenge: &Challenge, now: DateTime<Utc>) -> Result<(), Error> {
    sign_in_challenge::Entity::delete_many()
        .filter(sign_in_challenge::Column::AccountId.eq(challenge.user.uuid()))
        .filter(sign_in_challenge::Column::ExpiresAt.lte(time::millis(now)))
        .exec(tx.connection())
        .await?;
    let row = sign_in_challenge::ActiveModel {
        id: Set(Uuid::new_v4()),
        challenge_hash: Set(HiddenBytes(hash.to_vec())),
        account_id: Set(challenge.user.uuid()),
        credential: Set(HiddenBytes(challenge.credential.to_vec())),
        methods: Set(challenge.methods.to_stored()),
        failures: Set(i64::from(challenge.failures)),
        expires_at: Set(time::millis(challenge.expires_at)),
    };
    sign_in_challenge::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// The challenge with this hash, unless it has expired.
///
/// # Errors
///
/// If the database fails.
pub async fn find(reader: &impl Reader, hash: &[u8; 32], now: DateTime<Utc>) -> Result<Option<Challenge>, Error> {
    let good = sign_in_challenge::Entity::find()
        .filter(sign_in_challenge::Column::ChallengeHash.eq(HiddenBytes(hash.to_vec())))
        .filter(sign_in_challenge::Column::ExpiresAt.gt(time::millis(now)));
    good.one(reader.connection()).await?.as_ref().map(challenge).transpose()
}

fn challenge(row: &sign_in_challenge::Model) -> Result<Challenge, Error> {
    Ok(Challenge {
        user: row.account_id.into(),
        credential: row.credential.0.as_slice().try_into().map_err(|_| Cause::unreadable())?,
        methods: Methods::from_stored(&row.methods),
        failures: u32::try_from(row.failures).map_err(|_| Cause::unreadable())?,
        expires_at: time::from_millis(row.expires_at),
    })
}

/// Consumes the challenge. Returns whether it existed.
///
/// # Errors
///
/// If the database fails.
pub async fn consume(tx: &Tx, hash: &[u8; 32]) -> Result<bool, Error> {
    let consumed = sign_in_challenge::Entity::delete_many()
        .filter(sign_in_challenge::Column::ChallengeHash.eq(HiddenBytes(hash.to_vec())));
    Ok(consumed.exec(tx.connection()).await?.rows_affected == 1)
}

/// Counts a wrong code.
///
/// # Errors
///
/// If the database fails.
pub async fn count_failure(tx: &Tx, hash: &[u8; 32]) -> Result<(), Error> {
    sign_in_challenge::Entity::update_many()
        .col_expr(sign_in_challenge::Column::Failures, Expr::col(sign_in_challenge::Column::Failures).add(1))
        .filter(sign_in_challenge::Column::ChallengeHash.eq(HiddenBytes(hash.to_vec())))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Deletes all challenges of the user.
///
/// # Errors
///
/// If the database fails.
pub async fn void(tx: &Tx, user: UserId) -> Result<(), Error> {
    sign_in_challenge::Entity::delete_many()
        .filter(sign_in_challenge::Column::AccountId.eq(user.uuid()))
        .exec(tx.connection())
        .await?;
    Ok(())
}
