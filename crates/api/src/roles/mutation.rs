//! Making, changing and deleting roles. Who gives them to accounts is in [`admin`](crate::admin).

use async_graphql::{Context, ID, Object};
use fieldguard_domain::permission::ROLES_WRITE;
use fieldguard_guard::guarded;

use crate::{
    error::ApiError,
    id::role_id,
    roles::{
        create_role_input::CreateRoleInput, payloads::CreateRolePayload, payloads::DeleteRolePayload,
        payloads::UpdateRolePayload, update_role_input::UpdateRoleInput,
    },
    services::{accounts, client, principal},
};

/// Mutations for those who shape roles.
#[derive(Default)]
pub struct RolesMutation;

#[guarded(signed_in)]
#[Object]
impl RolesMutation {
    /// Makes a role, which permits nothing that the caller may not. Only an administrator makes one that is protected, itself or by a role that it includes. A role that permits anything needs a fresh session, see `reauthenticate`.
    #[requires(permission = ROLES_WRITE)]
    async fn create_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the role is to be.")] input: CreateRoleInput,
    ) -> Result<Option<CreateRolePayload>, ApiError> {
        let (role, effect) = Box::pin(accounts(ctx).create_role(principal(ctx)?, input.into(), &client(ctx))).await?;
        Ok(Some(CreateRolePayload { role: role.into(), effective_at: effect.at, sessions_affected: effect.sessions }))
    }

    /// Changes a role, and with it at once the rights of all who hold it, directly or by a role that includes it. Neither the role, as it was or as it becomes, nor a role that includes it may permit what the caller may not; only an administrator changes one that is protected, or that a protected role includes. `admin` cannot be changed. A change by which anyone gets a role or a permission, or is protected no longer, needs a fresh session, see `reauthenticate`. A new name counts as another role.
    #[requires(permission = ROLES_WRITE)]
    async fn update_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change of which role.")] input: UpdateRoleInput,
    ) -> Result<Option<UpdateRolePayload>, ApiError> {
        let id = role_id(&input.role_id)?;
        let (role, effect) =
            Box::pin(accounts(ctx).update_role(principal(ctx)?, id, input.into(), &client(ctx))).await?;
        Ok(Some(UpdateRolePayload { role: role.into(), effective_at: effect.at, sessions_affected: effect.sessions }))
    }

    /// Deletes a role. The accounts that hold it and the roles that include it lose it at once. Who may is said at `updateRole`; `admin` and `user` cannot be deleted. A role that protects its holders needs a fresh session, see `reauthenticate`.
    #[requires(permission = ROLES_WRITE)]
    async fn delete_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the role.")] role_id: ID,
    ) -> Result<Option<DeleteRolePayload>, ApiError> {
        let (role_id, effect) =
            Box::pin(accounts(ctx).delete_role(principal(ctx)?, self::role_id(&role_id)?, &client(ctx))).await?;
        Ok(Some(DeleteRolePayload {
            role_id: role_id.into(),
            effective_at: effect.at,
            sessions_affected: effect.sessions,
        }))
    }
}
