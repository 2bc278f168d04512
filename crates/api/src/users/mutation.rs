//! Mutations of users by administrators and support.

use async_graphql::{Context, ID, Object};
use fieldguard_accounts::{
    change_users::UserChange, effect::Effect, issue_password_reset::IssuedReset, set_user_roles::RoleAssignment,
};
use fieldguard_domain::permission::{ROLES_ASSIGN, SESSIONS_REVOKE, USERS_DELETE, USERS_IMPORT, USERS_WRITE};
use fieldguard_guard::guarded;

use crate::{
    error::ApiError,
    id::{user_id, user_ids},
    services::{accounts, client, principal},
    users::{
        inputs::{
            CreateUserInput, DeleteUserInput, DeleteUsersInput, DisableUserInput, DisableUsersInput, EnableUserInput,
            EnableUsersInput, ImportUsersInput, IssuePasswordResetInput, RestoreUserInput, RestoreUsersInput,
            RevokeUserSessionsInput, SetUserRolesInput, SetUsersRolesInput, UnlockUserInput, UpdateUserInput,
        },
        payloads::{
            CreateUserPayload, DeleteUserPayload, DeleteUsersPayload, DisableUserPayload, DisableUsersPayload,
            EnableUserPayload, EnableUsersPayload, ImportUsersPayload, IssuePasswordResetPayload, RestoreUserPayload,
            RestoreUsersPayload, RevokeUserSessionsPayload, SetUserRolesPayload, SetUsersRolesPayload,
            UnlockUserPayload, UpdateUserPayload,
        },
        user::User,
    },
};

/// Mutations of users.
#[derive(Default)]
pub struct UserMutation;

#[guarded(signed_in)]
#[Object]
impl UserMutation {
    /// Creates a user, even where registration is closed. The user has no password yet: pass them the `code`, with which they set one by `resetPassword`.
    #[requires(permission = USERS_WRITE, fresh)]
    async fn create_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to create.")] input: CreateUserInput,
    ) -> Result<Option<CreateUserPayload>, ApiError> {
        let CreateUserInput { username, email, profile } = input;
        let (email, profile, client) = (email.as_deref(), profile.into(), client(ctx));
        let created = Box::pin(accounts(ctx).create_user(principal(ctx)?, &username, email, profile, &client)).await?;
        Ok(Some(CreateUserPayload {
            user: created.user.into(),
            code: created.code.expose(),
            expires_at: created.expires_at,
        }))
    }

    /// Updates the username, the email address or the profile of a user. A new email address requires a fresh session and appears in the user's `securityEvents`.
    #[requires(permission = USERS_WRITE)]
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user, and what to update.")] input: UpdateUserInput,
    ) -> Result<Option<UpdateUserPayload>, ApiError> {
        let user = user_id(&input.user_id)?;
        let user = Box::pin(accounts(ctx).update_user(principal(ctx)?, user, input.into(), &client(ctx))).await?;
        Ok(Some(UpdateUserPayload { user: user.into() }))
    }

    /// Forgets the failed sign-ins counted against a user, so that they can try again at once. Failed sign-ins counted against an IP address remain. You can't unlock yourself or a user who has permissions you don't have.
    #[requires(permission = USERS_WRITE, fresh)]
    async fn unlock_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to unlock.")] input: UnlockUserInput,
    ) -> Result<Option<UnlockUserPayload>, ApiError> {
        let user = user_id(&input.user_id)?;
        let user = Box::pin(accounts(ctx).unlock_user(principal(ctx)?, user, &client(ctx))).await?;
        Ok(Some(UnlockUserPayload { user: user.into() }))
    }

    /// Disables a user: they can't sign in, and their sessions and personal access tokens are revoked at once. The last enabled administrator can't be disabled.
    #[requires(permission = USERS_WRITE)]
    async fn disable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to disable.")] input: DisableUserInput,
    ) -> Result<Option<DisableUserPayload>, ApiError> {
        let (user, effect) = change_user(ctx, &UserChange::Disable, &input.user_id).await?;
        Ok(Some(DisableUserPayload { user, effective_at: effect.at, sessions_revoked: effect.sessions }))
    }

    /// Disables several users, or none of them if one is refused: the error's `field` then names that user, such as `userIds.3`. See `disableUser`.
    #[requires(permission = USERS_WRITE)]
    async fn disable_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The users to disable.")] input: DisableUsersInput,
    ) -> Result<Option<DisableUsersPayload>, ApiError> {
        let (users, effect) = change_users(ctx, &UserChange::Disable, &input.user_ids).await?;
        Ok(Some(DisableUsersPayload { users, effective_at: effect.at, sessions_revoked: effect.sessions }))
    }

    /// Enables a disabled user, who can then sign in again. In a fresh session, this also forgets the failed sign-ins counted against the user. You can't enable a user who has permissions you don't have.
    #[requires(permission = USERS_WRITE)]
    async fn enable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to enable.")] input: EnableUserInput,
    ) -> Result<Option<EnableUserPayload>, ApiError> {
        let (user, effect) = change_user(ctx, &UserChange::Enable, &input.user_id).await?;
        Ok(Some(EnableUserPayload { user, effective_at: effect.at }))
    }

    /// Enables several users, or none of them if one is refused: the error's `field` then names that user, such as `userIds.3`. See `enableUser`.
    #[requires(permission = USERS_WRITE)]
    async fn enable_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The users to enable.")] input: EnableUsersInput,
    ) -> Result<Option<EnableUsersPayload>, ApiError> {
        let (users, effect) = change_users(ctx, &UserChange::Enable, &input.user_ids).await?;
        Ok(Some(EnableUsersPayload { users, effective_at: effect.at }))
    }

    /// Sets the roles of a user. You can only add roles whose permissions you have; you can remove any role. To change a protected user you need every permission they have. Adding a role or a permission, or removing protection, requires a fresh session. At least one enabled administrator must remain.
    #[requires(permission = ROLES_ASSIGN)]
    async fn set_user_roles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user and their roles.")] input: SetUserRolesInput,
    ) -> Result<Option<SetUserRolesPayload>, ApiError> {
        let change = UserChange::SetRoles(RoleAssignment::exactly(&input.roles)?);
        let (user, effect) = change_user(ctx, &change, &input.user_id).await?;
        Ok(Some(SetUserRolesPayload { user, effective_at: effect.at, sessions_affected: effect.sessions }))
    }

    /// Sets the same roles for several users, or for none of them if one is refused: the error's `field` then names that user, such as `userIds.3`. See `setUserRoles`.
    #[requires(permission = ROLES_ASSIGN)]
    async fn set_users_roles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The users and their roles.")] input: SetUsersRolesInput,
    ) -> Result<Option<SetUsersRolesPayload>, ApiError> {
        let change = UserChange::SetRoles(RoleAssignment::exactly(&input.roles)?);
        let (users, effect) = change_users(ctx, &change, &input.user_ids).await?;
        Ok(Some(SetUsersRolesPayload { users, effective_at: effect.at, sessions_affected: effect.sessions }))
    }

    /// Schedules the deletion of a user. Their sessions are revoked and they can't sign in from now on. Until `deletionScheduledAt`, `restoreUser` undoes it and the username stays taken; then everything known about the user is deleted for good. Deleting your own account requires a fresh session. The last enabled administrator can't be deleted.
    #[requires(permission = USERS_DELETE)]
    async fn delete_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to delete.")] input: DeleteUserInput,
    ) -> Result<Option<DeleteUserPayload>, ApiError> {
        let (user, effect) = change_user(ctx, &UserChange::Delete, &input.user_id).await?;
        Ok(Some(DeleteUserPayload { user, effective_at: effect.at, sessions_revoked: effect.sessions }))
    }

    /// Schedules the deletion of several users, or of none of them if one is refused: the error's `field` then names that user, such as `userIds.3`. See `deleteUser`.
    #[requires(permission = USERS_DELETE)]
    async fn delete_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The users to delete.")] input: DeleteUsersInput,
    ) -> Result<Option<DeleteUsersPayload>, ApiError> {
        let (users, effect) = change_users(ctx, &UserChange::Delete, &input.user_ids).await?;
        Ok(Some(DeleteUsersPayload { users, effective_at: effect.at, sessions_revoked: effect.sessions }))
    }

    /// Restores a user whose deletion is scheduled, until `deletionScheduledAt`. Their old sessions stay revoked. In a fresh session, this also forgets the failed sign-ins counted against the user. You can't restore a user who has permissions you don't have.
    #[requires(permission = USERS_DELETE)]
    async fn restore_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to restore.")] input: RestoreUserInput,
    ) -> Result<Option<RestoreUserPayload>, ApiError> {
        let (user, effect) = change_user(ctx, &UserChange::Restore, &input.user_id).await?;
        Ok(Some(RestoreUserPayload { user, effective_at: effect.at }))
    }

    /// Restores several users, or none of them if one is refused: the error's `field` then names that user, such as `userIds.3`. See `restoreUser`.
    #[requires(permission = USERS_DELETE)]
    async fn restore_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The users to restore.")] input: RestoreUsersInput,
    ) -> Result<Option<RestoreUsersPayload>, ApiError> {
        let (users, effect) = change_users(ctx, &UserChange::Restore, &input.user_ids).await?;
        Ok(Some(RestoreUsersPayload { users, effective_at: effect.at }))
    }

    /// Revokes every session of a user at once. The user can sign in again.
    #[requires(permission = SESSIONS_REVOKE)]
    async fn revoke_user_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user whose sessions to revoke.")] input: RevokeUserSessionsInput,
    ) -> Result<Option<RevokeUserSessionsPayload>, ApiError> {
        let user = user_id(&input.user_id)?;
        let (user, effect) = Box::pin(accounts(ctx).revoke_user_sessions(principal(ctx)?, user, &client(ctx))).await?;
        Ok(Some(RevokeUserSessionsPayload {
            user: user.into(),
            effective_at: effect.at,
            sessions_revoked: effect.sessions,
        }))
    }

    /// Issues a code with which a user sets a new password, once, by `resetPassword`. It replaces any earlier code. The user's sessions and personal access tokens are revoked at once, and the old password no longer works. You can't reset your own password this way, or the password of a user who has permissions you don't have.
    #[requires(permission = USERS_WRITE, fresh)]
    async fn issue_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user whose password the code resets.")] input: IssuePasswordResetInput,
    ) -> Result<Option<IssuePasswordResetPayload>, ApiError> {
        let user = user_id(&input.user_id)?;
        let IssuedReset { user, code, expires_at, effect } =
            Box::pin(accounts(ctx).issue_password_reset(principal(ctx)?, user, &client(ctx))).await?;
        Ok(Some(IssuePasswordResetPayload {
            code: code.expose(),
            expires_at,
            user: user.into(),
            sessions_revoked: effect.sessions,
            effective_at: effect.at,
        }))
    }

    /// Imports users with the password hashes of another system, all of them or none. They sign in with the passwords they have. If one is refused, the error's `field` names the value, such as `users.3.passwordHash`.
    #[requires(permission = USERS_IMPORT, fresh)]
    async fn import_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The users to import.")] input: ImportUsersInput,
    ) -> Result<Option<ImportUsersPayload>, ApiError> {
        let rows = input.users.into_iter().map(Into::into).collect();
        let (on_conflict, client) = (input.on_conflict.into(), client(ctx));
        let imported = Box::pin(accounts(ctx).import_users(principal(ctx)?, rows, on_conflict, &client)).await?;
        let users = imported.users.into_iter().map(User::from).collect();
        Ok(Some(ImportUsersPayload { users, skipped: imported.skipped }))
    }
}

async fn change_user(ctx: &Context<'_>, change: &UserChange, id: &ID) -> Result<(User, Effect), ApiError> {
    let user = user_id(id)?;
    let (user, effect) = Box::pin(accounts(ctx).change_user(principal(ctx)?, change, user, &client(ctx))).await?;
    Ok((user.into(), effect))
}

async fn change_users(ctx: &Context<'_>, change: &UserChange, ids: &[ID]) -> Result<(Vec<User>, Effect), ApiError> {
    let users = user_ids(ids)?;
    let (users, effect) = Box::pin(accounts(ctx).change_users(principal(ctx)?, change, &users, &client(ctx))).await?;
    Ok((users.into_iter().map(User::from).collect(), effect))
}
