//! Ids as clients send them. A mutation that addresses nothing answers `NOT_FOUND`, however the id is malformed: to a
//! client an id is opaque, so "not one of ours" and "not there" are the same.

use async_graphql::ID;
use fieldguard_accounts::error::Error;
use fieldguard_domain::id::{RoleId, UserId};

use crate::error::ApiError;

/// The account that the argument `userId` addresses.
///
/// # Errors
///
/// `NOT_FOUND` where no account could have this id.
pub fn user_id(id: &ID) -> Result<UserId, ApiError> {
    UserId::parse(id).ok_or_else(|| Error::NotFound("userId").into())
}

/// The role that the argument `roleId` addresses.
///
/// # Errors
///
/// `NOT_FOUND` where no role could have this id.
pub fn role_id(id: &ID) -> Result<RoleId, ApiError> {
    RoleId::parse(id).ok_or_else(|| Error::NotFound("roleId").into())
}

/// The accounts that the argument `userIds` addresses.
///
/// # Errors
///
/// `NOT_FOUND` where no account could have one of these ids; `field` says which.
pub fn user_ids(ids: &[ID]) -> Result<Vec<UserId>, ApiError> {
    let parsed = ids.iter().enumerate().map(|(place, id)| {
        UserId::parse(id).ok_or_else(|| Error::NotFound("userIds").at(format!("userIds.{place}")).into())
    });
    parsed.collect()
}
