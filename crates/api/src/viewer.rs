//! What everyone who is signed in may use, on what is his own.

use async_graphql::{Context, ID, Object};
use fieldguard_accounts::error::Error;
use fieldguard_domain::id::{AccessTokenId, SessionId};
use fieldguard_guard::{
    cost_directives::{Cost, Exclusive},
    guarded,
    owner::{Owner, Ownership},
};

use crate::{
    error::ApiError,
    node::Node,
    profile::{
        change_password_input::ChangePasswordInput, payloads::ChangePasswordPayload, payloads::DeleteAccountPayload,
        payloads::UpdateProfilePayload, update_profile_input::UpdateProfileInput,
    },
    public::SIGN_INS,
    services::{accounts, client, principal},
    sessions::{
        payloads::LogoutEverywherePayload,
        payloads::ReauthenticatePayload,
        payloads::RevokeSessionPayload,
        refresh_cookie::{self, Change},
    },
    tokens::{
        create_access_token_input::CreateAccessTokenInput, payloads::CreateAccessTokenPayload,
        payloads::RevokeAccessTokenPayload,
    },
    users::user::User,
};

/// Queries for people who are signed in.
#[derive(Default)]
pub struct ViewerQuery;

#[guarded(signed_in)]
#[Object]
impl ViewerQuery {
    /// The account that is signed in.
    #[requires(signed_in)]
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>, ApiError> {
        Ok(accounts(ctx).own_account(principal(ctx)?).await?.map(User::from))
    }

    /// The thing of that `id`, where the caller may see it: one's own account, live sessions, access tokens and security events; any account for holders of `users:read`, any session and any token for `sessions:read`, any security event and any row of the audit trail for `audit:read`, a role for `roles:read`. What does not exist and what may not be seen are both null.
    #[requires(signed_in)]
    #[graphql(directive = Cost::apply(25), directive = Owner::apply(Ownership::argument_of("id", "User")))]
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

#[guarded(session)]
#[Object]
impl ViewerMutation {
    /// Makes one's session fresh for five minutes, given the password: what can do lasting harm asks for that. A session is fresh after signing in, too. A wrong password counts as a failed sign-in.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn reauthenticate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's password.", secret)] password: String,
    ) -> Result<Option<ReauthenticatePayload>, ApiError> {
        let (session, effect) = Box::pin(accounts(ctx).reauthenticate(principal(ctx)?, password, &client(ctx))).await?;
        Ok(Some(ReauthenticatePayload { session: session.into(), effective_at: effect.at }))
    }

    /// Changes one's own name or email address. What is absent from the input stays as it is. Another email address asks for a fresh session, see `reauthenticate`; ten can be tried in an hour.
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateProfileInput,
    ) -> Result<Option<UpdateProfilePayload>, ApiError> {
        let user = Box::pin(accounts(ctx).update_profile(principal(ctx)?, input.into(), &client(ctx))).await?;
        Ok(Some(UpdateProfilePayload { user: user.into() }))
    }

    /// Sets a new password, given the current one. All other sessions of the account end; its personal access tokens stay.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old password and the new one.")] input: ChangePasswordInput,
    ) -> Result<Option<ChangePasswordPayload>, ApiError> {
        let (current, new) = (input.current_password, input.new_password);
        let (user, effect) =
            Box::pin(accounts(ctx).change_password(principal(ctx)?, current, new, &client(ctx))).await?;
        Ok(Some(ChangePasswordPayload { user: user.into(), effective_at: effect.at, sessions_ended: effect.sessions }))
    }

    /// Deletes one's own account, at once and for good. The last enabled administrator cannot.
    #[requires(fresh)]
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn delete_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's password.", secret)] password: String,
    ) -> Result<Option<DeleteAccountPayload>, ApiError> {
        let (user_id, effect) = Box::pin(accounts(ctx).delete_account(principal(ctx)?, password, &client(ctx))).await?;
        Ok(Some(DeleteAccountPayload {
            user_id: user_id.into(),
            effective_at: effect.at,
            sessions_ended: effect.sessions,
        }))
    }

    /// Ends every session of one's account, on every device. Personal access tokens are no sessions and stay: take them back with `revokeAccessToken`.
    async fn logout_everywhere(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether the session that sends this goes on.", default = false)] keep_current: bool,
    ) -> Result<Option<LogoutEverywherePayload>, ApiError> {
        let effect = Box::pin(accounts(ctx).logout_everywhere(principal(ctx)?, keep_current, &client(ctx))).await?;
        if !keep_current {
            refresh_cookie::write(ctx, Change::Clear);
        }
        Ok(Some(LogoutEverywherePayload { effective_at: effect.at, sessions_ended: effect.sessions }))
    }

    /// Ends one of one's own sessions or, for holders of `sessions:revoke`, one of anybody's; of a protected account only if one holds as much. What does not exist and what may not be ended are both answered with `NOT_FOUND`.
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the session.")] id: ID,
    ) -> Result<Option<RevokeSessionPayload>, ApiError> {
        let Some(id) = SessionId::parse(&id) else { return Err(Error::NotFound("id").into()) };
        let (session, effect) = Box::pin(accounts(ctx).revoke_session(principal(ctx)?, id, &client(ctx))).await?;
        Ok(Some(RevokeSessionPayload {
            session: session.into(),
            effective_at: effect.at,
            sessions_ended: effect.sessions,
        }))
    }

    /// Makes a personal access token, by which a script acts in one's place: it does what its permissions allow, as long as one holds them oneself, and reads one's own account. It is never good for changing the account, its sessions or its tokens, whatever its permissions allow to be done to those of others, and no role comes with it. It ends with its time, by `revokeAccessToken`, or when the account is disabled or its password reset. An account has 50 at most that have not expired.
    #[requires(fresh)]
    async fn create_access_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the token is to be.")] input: CreateAccessTokenInput,
    ) -> Result<Option<CreateAccessTokenPayload>, ApiError> {
        let (token, made) =
            Box::pin(accounts(ctx).create_access_token(principal(ctx)?, input.into(), &client(ctx))).await?;
        Ok(Some(CreateAccessTokenPayload { token: token.expose(), access_token: made.into() }))
    }

    /// Takes back one of one's own personal access tokens or, for holders of `sessions:revoke`, one of anybody's. What does not exist and what may not be taken back are both answered with `NOT_FOUND`.
    async fn revoke_access_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the token.")] id: ID,
    ) -> Result<Option<RevokeAccessTokenPayload>, ApiError> {
        let Some(id) = AccessTokenId::parse(&id) else { return Err(Error::UnknownToken.into()) };
        let (token, effect) = Box::pin(accounts(ctx).revoke_access_token(principal(ctx)?, id, &client(ctx))).await?;
        Ok(Some(RevokeAccessTokenPayload { access_token: token.into(), effective_at: effect.at }))
    }
}
