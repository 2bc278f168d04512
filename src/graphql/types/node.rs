//! `Node`: whatever has an id, as Relay refetches it.

use async_graphql::{ID, Interface};

use super::{role::Role, user::User};
use crate::{
    accounts::Accounts,
    domain::{
        id::{RoleId, UserId},
        permission::{ROLES_READ, USERS_READ},
        principal::Principal,
    },
    graphql::error::ApiError,
};

/// Whatever has an `id`.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Names the thing for good."))]
pub enum Node {
    /// An account.
    User(User),
    /// A role.
    Role(Role),
}

impl Node {
    /// The thing of that id, where `caller` may see it.
    ///
    /// # Errors
    ///
    /// `INTERNAL_SERVER_ERROR` where the database fails.
    pub async fn find(accounts: &Accounts, caller: &Principal, id: &ID) -> Result<Option<Self>, ApiError> {
        if let Some(id) = UserId::parse(id).filter(|id| caller.is(*id) || caller.can(USERS_READ))
            && let Some(user) = accounts.user(id).await?
        {
            return Ok(Some(Self::User(user.into())));
        }
        let Some(id) = RoleId::parse(id).filter(|_| caller.can(ROLES_READ)) else { return Ok(None) };
        Ok(accounts.role(id).await?.map(|role| Self::Role(role.into())))
    }
}
