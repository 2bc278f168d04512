//! What every signed-in user can use, on their own account.

use async_graphql::{Context, ID, Object};
use fieldguard_accounts::error::Error;
use fieldguard_domain::id::{PersonalAccessTokenId, SessionId};
use fieldguard_guard::{
    cost_directives::{Cost, Exclusive},
    guarded,
    owner::{Owner, Ownership},
};

use crate::{
    error::ApiError,
    node::Node,
    profile::{
        inputs::{DeleteAccountInput, UpdatePasswordInput, UpdateProfileInput, VerifyEmailInput},
        payloads::{
            DeleteAccountPayload, RequestEmailVerificationPayload, UpdatePasswordPayload, UpdateProfilePayload,
            VerifyEmailPayload,
        },
    },
    public::SIGN_INS,
    services::{accounts, client, principal},
    sessions::{
        inputs::{LogoutEverywhereInput, ReauthenticateInput, RevokeSessionInput},
        payloads::{LogoutEverywherePayload, ReauthenticatePayload, RevokeSessionPayload},
        refresh_cookie::{self, Change},
    },
    tokens::{
        inputs::{CreatePersonalAccessTokenInput, RevokePersonalAccessTokenInput},
        payloads::{CreatePersonalAccessTokenPayload, RevokePersonalAccessTokenPayload},
    },
    users::user::User,
};

/// Queries of a signed-in user.
#[derive(Default)]
pub struct ViewerQuery;

#[guarded(signed_in)]
#[Object]
impl ViewerQuery {
    /// The signed-in user.
    #[requires(signed_in)]
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>, ApiError> {
        Ok(accounts(ctx).own_account(principal(ctx)?).await?.map(User::from))
    }

    /// The object with the given `id`. You can fetch your own account, sessions, personal access tokens and security events. Other users require `users:read`, their sessions and tokens `sessions:read`, their security events and the audit log `audit:read`, and roles `roles:read`. Null if there is no such object or you can't fetch it.
    #[requires(signed_in)]
    #[graphql(directive = Cost::apply(25), directive = Owner::apply(Ownership::argument_of("id", "User")))]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the object.")] id: ID,
    ) -> Result<Option<Node>, ApiError> {
        Node::find(ctx, principal(ctx)?, &id).await
    }
}

/// Mutations of a signed-in user.
#[derive(Default)]
pub struct ViewerMutation;

#[guarded(session)]
#[Object]
impl ViewerMutation {
    /// Makes the session fresh for five minutes, given the password or, if you have a second factor, a code of it. Fields that can do lasting harm require a fresh session. Signing in makes a session fresh, too. A wrong password or code counts as a failed sign-in.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn reauthenticate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The password or the code.")] input: ReauthenticateInput,
    ) -> Result<Option<ReauthenticatePayload>, ApiError> {
        let (session, effect) =
            Box::pin(accounts(ctx).reauthenticate(principal(ctx)?, input.proof()?, &client(ctx))).await?;
        Ok(Some(ReauthenticatePayload { session: session.into(), effective_at: effect.at }))
    }

    /// Updates your username, email address or profile. A new email address requires a fresh session; you can try ten in an hour. It is not verified: the server mails a code for `verifyEmail` to it. If the former address was verified, a mail to it has a code for `undoEmailChange`.
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to update.")] input: UpdateProfileInput,
    ) -> Result<Option<UpdateProfilePayload>, ApiError> {
        let user = Box::pin(accounts(ctx).update_profile(principal(ctx)?, input.into(), &client(ctx))).await?;
        Ok(Some(UpdateProfilePayload { user: user.into() }))
    }

    /// Mails a code for `verifyEmail` to your email address, unless the address is verified already. An earlier code stops working. You can request ten mails with codes in an hour. Refused with `FORBIDDEN` on a server that sends no mail: see `serverInfo.mailEnabled`.
    async fn request_email_verification(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<RequestEmailVerificationPayload>, ApiError> {
        let (user, lifetime) =
            Box::pin(accounts(ctx).request_email_verification(principal(ctx)?, &client(ctx))).await?;
        Ok(Some(RequestEmailVerificationPayload { user: user.into(), code_valid_for: lifetime.num_seconds() }))
    }

    /// Verifies your email address with a code from a mail to it. The code is valid for 24 hours and works once, for the user it was sent to. Other codes are refused with `INVALID_CREDENTIALS`.
    async fn verify_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: VerifyEmailInput,
    ) -> Result<Option<VerifyEmailPayload>, ApiError> {
        let user = Box::pin(accounts(ctx).verify_email(principal(ctx)?, &input.code, &client(ctx))).await?;
        Ok(Some(VerifyEmailPayload { user: user.into() }))
    }

    /// Updates your password, given the current one, and revokes your other sessions. Personal access tokens stay valid.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn update_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The current and the new password.")] input: UpdatePasswordInput,
    ) -> Result<Option<UpdatePasswordPayload>, ApiError> {
        let (current, new) = (input.current_password, input.new_password);
        let (user, effect) =
            Box::pin(accounts(ctx).update_password(principal(ctx)?, current, new, &client(ctx))).await?;
        Ok(Some(UpdatePasswordPayload {
            user: user.into(),
            effective_at: effect.at,
            sessions_revoked: effect.sessions,
        }))
    }

    /// Deletes your account at once and for good. The last enabled administrator can't be deleted.
    #[requires(fresh)]
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn delete_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The password.")] input: DeleteAccountInput,
    ) -> Result<Option<DeleteAccountPayload>, ApiError> {
        let (user_id, effect) =
            Box::pin(accounts(ctx).delete_account(principal(ctx)?, input.password, &client(ctx))).await?;
        Ok(Some(DeleteAccountPayload {
            user_id: user_id.into(),
            effective_at: effect.at,
            sessions_revoked: effect.sessions,
        }))
    }

    /// Revokes all your sessions, on every device. Personal access tokens stay valid: revoke them with `revokePersonalAccessToken`.
    async fn logout_everywhere(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sessions to keep. Without it, none.")] input: Option<LogoutEverywhereInput>,
    ) -> Result<Option<LogoutEverywherePayload>, ApiError> {
        let keep_current = input.is_some_and(|input| input.keep_current);
        let effect = Box::pin(accounts(ctx).logout_everywhere(principal(ctx)?, keep_current, &client(ctx))).await?;
        if !keep_current {
            refresh_cookie::write(ctx, Change::Clear);
        }
        Ok(Some(LogoutEverywherePayload { effective_at: effect.at, sessions_revoked: effect.sessions }))
    }

    /// Revokes one of your sessions. With the permission `sessions:revoke`, you can revoke any session; for a protected user, you also need every permission they have. A session that doesn't exist and one you can't revoke are both answered with `NOT_FOUND`.
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session to revoke.")] input: RevokeSessionInput,
    ) -> Result<Option<RevokeSessionPayload>, ApiError> {
        let session = SessionId::parse(&input.session_id).ok_or(Error::NotFound("sessionId"))?;
        let (session, effect) = Box::pin(accounts(ctx).revoke_session(principal(ctx)?, session, &client(ctx))).await?;
        Ok(Some(RevokeSessionPayload {
            session: session.into(),
            effective_at: effect.at,
            sessions_revoked: effect.sessions,
        }))
    }

    /// Creates a personal access token, with which a script acts for you. The token has the given permissions as long as you have them, and reads your own account. It never has a role, and can't change your account, your sessions or your tokens. It is valid until it expires, until `revokePersonalAccessToken`, or until your account is disabled or your password reset. You can have at most 50 tokens that have not expired.
    #[requires(fresh)]
    async fn create_personal_access_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to create.")] input: CreatePersonalAccessTokenInput,
    ) -> Result<Option<CreatePersonalAccessTokenPayload>, ApiError> {
        let (secret, token) =
            Box::pin(accounts(ctx).create_personal_access_token(principal(ctx)?, input.into(), &client(ctx))).await?;
        Ok(Some(CreatePersonalAccessTokenPayload { token: secret.expose(), personal_access_token: token.into() }))
    }

    /// Revokes one of your personal access tokens. With the permission `sessions:revoke`, you can revoke any token. A token that doesn't exist and one you can't revoke are both answered with `NOT_FOUND`.
    async fn revoke_personal_access_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to revoke.")] input: RevokePersonalAccessTokenInput,
    ) -> Result<Option<RevokePersonalAccessTokenPayload>, ApiError> {
        let token = PersonalAccessTokenId::parse(&input.personal_access_token_id).ok_or(Error::UnknownToken)?;
        let (token, effect) =
            Box::pin(accounts(ctx).revoke_personal_access_token(principal(ctx)?, token, &client(ctx))).await?;
        Ok(Some(RevokePersonalAccessTokenPayload { personal_access_token: token.into(), effective_at: effect.at }))
    }
}
