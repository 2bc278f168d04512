//! What everyone who is signed in may use, on what is his own.

use async_graphql::{Context, ID, Object};

use super::{
    error::ApiError,
    refresh_cookie::{self, Change},
    services::{accounts, client, principal},
    types::{
        change_password_input::ChangePasswordInput, change_password_payload::ChangePasswordPayload,
        delete_account_payload::DeleteAccountPayload, logout_everywhere_payload::LogoutEverywherePayload, node::Node,
        revoke_session_payload::RevokeSessionPayload, update_profile_input::UpdateProfileInput,
        update_profile_payload::UpdateProfilePayload, user::User,
    },
};
use crate::{accounts::error::Error, domain::id::SessionId, guarded};

/// Queries for people who are signed in.
#[derive(Default)]
pub struct ViewerQuery;

#[guarded(signed_in)]
#[Object]
impl ViewerQuery {
    /// The account that is signed in.
    #[requires(signed_in)]
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>, ApiError> {
        Ok(accounts(ctx).user(principal(ctx)?.user()).await?.map(User::from))
    }

    /// The thing of that `id`, where the caller may see it: one's own account, live sessions and security events; any account for holders of `users:read`, any session for `sessions:read`, any security event and any row of the audit trail for `audit:read`, a role for `roles:read`. What does not exist and what may not be seen are both null.
    #[requires(signed_in)]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the thing.")] id: ID,
    ) -> Result<Option<Node>, ApiError> {
        Node::find(ctx, principal(ctx)?, &id).await
    }
}

/// Mutations for people who are signed in.
#[derive(Default)]
pub struct ViewerMutation;

#[guarded(signed_in)]
#[Object]
impl ViewerMutation {
    /// Changes one's own name or email address. What is absent from the input stays as it is.
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateProfileInput,
    ) -> Result<Option<UpdateProfilePayload>, ApiError> {
        let user = accounts(ctx).update_profile(principal(ctx)?, input.into(), &client(ctx)).await?;
        Ok(Some(UpdateProfilePayload { user: user.into() }))
    }

    /// Sets a new password, given the current one. All other sessions of the account end.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old password and the new one.")] input: ChangePasswordInput,
    ) -> Result<Option<ChangePasswordPayload>, ApiError> {
        let (current, new) = (input.current_password, input.new_password);
        let (user, effect) = accounts(ctx).change_password(principal(ctx)?, current, new, &client(ctx)).await?;
        Ok(Some(ChangePasswordPayload { user: user.into(), effect }))
    }

    /// Deletes one's own account, at once and for good. The last enabled administrator cannot.
    async fn delete_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's password.", secret)] password: String,
    ) -> Result<Option<DeleteAccountPayload>, ApiError> {
        let (user_id, effect) = accounts(ctx).delete_account(principal(ctx)?, password, &client(ctx)).await?;
        Ok(Some(DeleteAccountPayload { user_id, effect }))
    }

    /// Ends every session of one's account, on every device.
    async fn logout_everywhere(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether the session that sends this goes on.", default = false)] keep_current: bool,
    ) -> Result<Option<LogoutEverywherePayload>, ApiError> {
        let effect = accounts(ctx).logout_everywhere(principal(ctx)?, keep_current, &client(ctx)).await?;
        if !keep_current {
            refresh_cookie::write(ctx, Change::Clear);
        }
        Ok(Some(LogoutEverywherePayload { effect }))
    }

    /// Ends one of one's own sessions or, for holders of `sessions:revoke`, one of anybody's. What does not exist and what may not be ended are both answered with `NOT_FOUND`.
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the session.")] id: ID,
    ) -> Result<Option<RevokeSessionPayload>, ApiError> {
        let Some(id) = SessionId::parse(&id) else { return Err(Error::NotFound("id").into()) };
        let (session, effect) = accounts(ctx).revoke_session(principal(ctx)?, id, &client(ctx)).await?;
        Ok(Some(RevokeSessionPayload { session: session.into(), effect }))
    }
}
