//! Mutations of roles. `setUserRoles`, which gives them to users, is in [`users::mutation`](crate::users::mutation).

use async_graphql::{Context, Object};
use fieldguard_domain::permission::ROLES_WRITE;
use fieldguard_guard::guarded;

use crate::{
    error::ApiError,
    roles::{
        inputs::{CreateRoleInput, DeleteRoleInput, UpdateRoleInput},
        payloads::{CreateRolePayload, DeleteRolePayload, UpdateRolePayload},
    },
    services::{accounts, client, principal},
};

/// Mutations of roles.
#[derive(Default)]
pub struct RoleMutation;

#[guarded(signed_in)]
#[Object]
impl RoleMutation {
    /// Creates a role. You can only give it permissions you have. A role with permissions requires a fresh session. Only an administrator can create a protected role or one that includes a protected role.
    #[requires(permission = ROLES_WRITE)]
    async fn create_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The role to create.")] input: CreateRoleInput,
    ) -> Result<Option<CreateRolePayload>, ApiError> {
        let (role, effect) = Box::pin(accounts(ctx).create_role(principal(ctx)?, input.into(), &client(ctx))).await?;
        Ok(Some(CreateRolePayload { role: role.into(), effective_at: effect.at }))
    }

    /// Updates a role, and at once the permissions of every user who has it, directly or through a role that includes it. You need every permission of the role, as it is and as it becomes, and of the roles that include it. Only an administrator can update a protected role or one that a protected role includes. `admin` can't be updated. Adding a permission, removing protection or renaming requires a fresh session.
    #[requires(permission = ROLES_WRITE)]
    async fn update_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The role, and what to update.")] input: UpdateRoleInput,
    ) -> Result<Option<UpdateRolePayload>, ApiError> {
        let name = input.role.clone();
        let (role, effect) =
            Box::pin(accounts(ctx).update_role(principal(ctx)?, &name, input.into(), &client(ctx))).await?;
        Ok(Some(UpdateRolePayload { role: role.into(), effective_at: effect.at, sessions_affected: effect.sessions }))
    }

    /// Deletes a role. Users who have it and roles that include it lose it at once. You need what `updateRole` requires. Deleting a protected role requires a fresh session. `admin` and `user` can't be deleted.
    #[requires(permission = ROLES_WRITE)]
    async fn delete_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The role to delete.")] input: DeleteRoleInput,
    ) -> Result<Option<DeleteRolePayload>, ApiError> {
        let (role_id, effect) = Box::pin(accounts(ctx).delete_role(principal(ctx)?, &input.role, &client(ctx))).await?;
        Ok(Some(DeleteRolePayload {
            role_id: role_id.into(),
            effective_at: effect.at,
            sessions_affected: effect.sessions,
        }))
    }
}
