//! Ids as clients send them. To a client an id is opaque, so a mutation answers `NOT_FOUND` for a malformed id as for an unknown one.

use async_graphql::ID;
use fieldguard_accounts::error::Error;
use fieldguard_domain::id::UserId;

use crate::error::ApiError;

/// The user that the field `userId` of an input names.
///
/// # Errors
///
/// `NOT_FOUND` where the id is malformed.
pub fn user_id(id: &ID) -> Result<UserId, ApiError> {
    UserId::parse(id).ok_or_else(|| Error::NotFound("userId").into())
}

/// The users that the field `userIds` of an input names.
///
/// # Errors
///
/// `NOT_FOUND` where one of the ids is malformed; `field` says which.
pub fn user_ids(ids: &[ID]) -> Result<Vec<UserId>, ApiError> {
    let parsed = ids.iter().enumerate().map(|(place, id)| {
        UserId::parse(id).ok_or_else(|| Error::NotFound("userIds").at(format!("userIds.{place}")).into())
    });
    parsed.collect()
}
