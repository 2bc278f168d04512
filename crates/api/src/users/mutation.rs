//! Mutations on other people's accounts: making, changing, unlocking, deleting, importing them, and several at once. Reading
//! them, and the older mutations, are in [`admin`](crate::admin).

use async_graphql::{Context, ID, Object};
use fieldguard_domain::permission::{ROLES_ASSIGN, SESSIONS_REVOKE, USERS_DELETE, USERS_IMPORT, USERS_WRITE};
use fieldguard_guard::{cost_directives::Cost, guarded};

use crate::{
    error::ApiError,
    id::{user_id, user_ids},
    services::{accounts, client, principal},
    users::{
        CHANGED_ACCOUNT, create_user_input::CreateUserInput, import_users_input::ImportUsersInput,
        payloads::CreateUserPayload, payloads::DeleteUserPayload, payloads::DeleteUsersPayload,
        payloads::DisableUsersPayload, payloads::EnableUsersPayload, payloads::ImportUsersPayload,
        payloads::RestoreUserPayload, payloads::RestoreUsersPayload, payloads::RevokeUserSessionsPayload,
        payloads::SetUsersRolesPayload, payloads::UnlockUserPayload, payloads::UpdateUserPayload,
        set_users_roles_input::SetUsersRolesInput, update_user_input::UpdateUserInput, user::User,
    },
};

/// Mutations on other people's accounts.
#[derive(Default)]
pub struct UserAdminMutation;

#[guarded(signed_in)]
#[Object]
impl UserAdminMutation {
    /// Makes an account for somebody, whether or not registration is open. No password is chosen: the answer carries a code with which the person sets one, once, with `resetPassword`. It needs a fresh session, see `reauthenticate`.
    #[requires(permission = USERS_WRITE, fresh)]
    async fn create_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom.")] input: CreateUserInput,
    ) -> Result<Option<CreateUserPayload>, ApiError> {
        let CreateUserInput { username, email } = input;
        let created =
            Box::pin(accounts(ctx).create_user(principal(ctx)?, &username, email.as_deref(), &client(ctx))).await?;
        Ok(Some(created.into()))
    }

    /// Changes the name or the email address of an account. What is absent from the input stays as it is. The owner finds in `securityEvents` that the address was changed. Another email address needs a fresh session, see `reauthenticate`.
    #[requires(permission = USERS_WRITE)]
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change, and in which account.")] input: UpdateUserInput,
    ) -> Result<Option<UpdateUserPayload>, ApiError> {
        let user = user_id(&input.user_id)?;
        let user = Box::pin(accounts(ctx).update_user(principal(ctx)?, user, input.into(), &client(ctx))).await?;
        Ok(Some(UpdateUserPayload { user: user.into() }))
    }

    /// Forgets the failed sign-ins that were counted against an account, so that its owner need not wait. Those counted against the address they came from stay. You can't unlock your own account, or an account with permissions you don't have. It needs a fresh session, see `reauthenticate`.
    #[requires(permission = USERS_WRITE, fresh)]
    async fn unlock_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the account.")] user_id: ID,
    ) -> Result<Option<UnlockUserPayload>, ApiError> {
        let user = Box::pin(accounts(ctx).unlock_user(principal(ctx)?, self::user_id(&user_id)?, &client(ctx))).await?;
        Ok(Some(UnlockUserPayload { user: user.into() }))
    }

    /// Does to each of these accounts what `disableUser` does, or to none where one of them is refused: `field` in the error then names it, as `userIds.3`.
    #[requires(permission = USERS_WRITE)]
    async fn disable_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The `id`s of the accounts, 100 at most. One that is named twice counts once.",
            directive = Cost::apply(CHANGED_ACCOUNT)
        )]
        user_ids: Vec<ID>,
    ) -> Result<Option<DisableUsersPayload>, ApiError> {
        let (users, effect) =
            Box::pin(accounts(ctx).disable_users(principal(ctx)?, &self::user_ids(&user_ids)?, &client(ctx))).await?;
        Ok(Some(DisableUsersPayload {
            users: users.into_iter().map(User::from).collect(),
            effective_at: effect.at,
            sessions_ended: effect.sessions,
        }))
    }

    /// Does to each of these accounts what `enableUser` does, or to none where one of them is refused: `field` in the error then names it, as `userIds.3`.
    #[requires(permission = USERS_WRITE)]
    async fn enable_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The `id`s of the accounts, 100 at most. One that is named twice counts once.",
            directive = Cost::apply(CHANGED_ACCOUNT)
        )]
        user_ids: Vec<ID>,
    ) -> Result<Option<EnableUsersPayload>, ApiError> {
        let (users, effect) =
            Box::pin(accounts(ctx).enable_users(principal(ctx)?, &self::user_ids(&user_ids)?, &client(ctx))).await?;
        Ok(Some(EnableUsersPayload { users: users.into_iter().map(User::from).collect(), effective_at: effect.at }))
    }

    /// Does to each of these accounts what `setUserRoles` does, with the same roles for all, or to none where one of them is refused: `field` in the error then names it, as `userIds.3`.
    #[requires(permission = ROLES_ASSIGN)]
    async fn set_users_roles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which accounts get which roles.")] input: SetUsersRolesInput,
    ) -> Result<Option<SetUsersRolesPayload>, ApiError> {
        let users = user_ids(&input.user_ids)?;
        let (users, effect) =
            Box::pin(accounts(ctx).set_users_roles(principal(ctx)?, &users, &input.roles, &client(ctx))).await?;
        Ok(Some(SetUsersRolesPayload {
            users: users.into_iter().map(User::from).collect(),
            effective_at: effect.at,
            sessions_affected: effect.sessions,
        }))
    }

    /// Deletes an account after some days, in which `restoreUser` takes that back. At once its sessions end, its owner cannot sign in, and `state` is `DELETION_SCHEDULED`; at `deletionDueAt` everything that is known of its owner is deleted for good. Until then its name stays taken. One's own account is deleted in a fresh session only, see `reauthenticate`. The last enabled administrator cannot be deleted.
    #[requires(permission = USERS_DELETE)]
    async fn delete_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the account.")] user_id: ID,
    ) -> Result<Option<DeleteUserPayload>, ApiError> {
        let (user, effect) =
            Box::pin(accounts(ctx).delete_user(principal(ctx)?, self::user_id(&user_id)?, &client(ctx))).await?;
        Ok(Some(DeleteUserPayload { user: user.into(), effective_at: effect.at, sessions_ended: effect.sessions }))
    }

    /// Does to each of these accounts what `deleteUser` does, or to none where one of them is refused: `field` in the error then names it, as `userIds.3`.
    #[requires(permission = USERS_DELETE)]
    async fn delete_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The `id`s of the accounts, 100 at most. One that is named twice counts once.",
            directive = Cost::apply(CHANGED_ACCOUNT)
        )]
        user_ids: Vec<ID>,
    ) -> Result<Option<DeleteUsersPayload>, ApiError> {
        let (users, effect) =
            Box::pin(accounts(ctx).delete_users(principal(ctx)?, &self::user_ids(&user_ids)?, &client(ctx))).await?;
        Ok(Some(DeleteUsersPayload {
            users: users.into_iter().map(User::from).collect(),
            effective_at: effect.at,
            sessions_ended: effect.sessions,
        }))
    }

    /// Takes the deletion of an account back, before `deletionDueAt`. The account is as it was before; its old sessions stay ended. You can't restore an account with permissions you don't have. In a fresh session, the failed sign-ins counted against it are forgotten.
    #[requires(permission = USERS_DELETE)]
    async fn restore_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the account.")] user_id: ID,
    ) -> Result<Option<RestoreUserPayload>, ApiError> {
        let (user, effect) =
            Box::pin(accounts(ctx).restore_user(principal(ctx)?, self::user_id(&user_id)?, &client(ctx))).await?;
        Ok(Some(RestoreUserPayload { user: user.into(), effective_at: effect.at }))
    }

    /// Does to each of these accounts what `restoreUser` does, or to none where one of them is refused: `field` in the error then names it, as `userIds.3`.
    #[requires(permission = USERS_DELETE)]
    async fn restore_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The `id`s of the accounts, 100 at most. One that is named twice counts once.",
            directive = Cost::apply(CHANGED_ACCOUNT)
        )]
        user_ids: Vec<ID>,
    ) -> Result<Option<RestoreUsersPayload>, ApiError> {
        let (users, effect) =
            Box::pin(accounts(ctx).restore_users(principal(ctx)?, &self::user_ids(&user_ids)?, &client(ctx))).await?;
        Ok(Some(RestoreUsersPayload { users: users.into_iter().map(User::from).collect(), effective_at: effect.at }))
    }

    /// Ends every session of an account at once. Its owner can sign in again.
    #[requires(permission = SESSIONS_REVOKE)]
    async fn revoke_user_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the account.")] user_id: ID,
    ) -> Result<Option<RevokeUserSessionsPayload>, ApiError> {
        let (user, effect) =
            Box::pin(accounts(ctx).revoke_user_sessions(principal(ctx)?, self::user_id(&user_id)?, &client(ctx)))
                .await?;
        Ok(Some(RevokeUserSessionsPayload {
            user: user.into(),
            effective_at: effect.at,
            sessions_ended: effect.sessions,
        }))
    }

    /// Makes accounts with the password hashes of another system, all of them or none: people go on with the passwords they have. Where a row is refused, `field` in the error names it, as `users.3.passwordHash`. It needs a fresh session, see `reauthenticate`.
    #[requires(permission = USERS_IMPORT, fresh)]
    async fn import_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The accounts.")] input: ImportUsersInput,
    ) -> Result<Option<ImportUsersPayload>, ApiError> {
        let rows = input.users.into_iter().map(Into::into).collect();
        let users = Box::pin(accounts(ctx).import_users(principal(ctx)?, rows, &client(ctx))).await?;
        Ok(Some(ImportUsersPayload { users: users.into_iter().map(User::from).collect() }))
    }
}
