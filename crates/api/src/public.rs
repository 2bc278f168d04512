//! What everyone can use, signed in or not.

use async_graphql::{Context, Object};
use fieldguard_accounts::error::Error;
use fieldguard_guard::{cost_directives::Exclusive, guarded};

use crate::{
    access::access_map::AccessMap,
    error::{ApiError, Code},
    profile::{
        inputs::{RegisterInput, RequestPasswordResetInput, ResetPasswordInput, UndoEmailChangeInput},
        payloads::{RequestPasswordResetPayload, ResetPasswordPayload, UndoEmailChangePayload},
    },
    second_factor::{inputs::BeginTotpEnrollmentAtSignInInput, payloads::TotpEnrollmentPayload},
    server::server_info::ServerInfo,
    services::{accounts, client, principal, settings},
    sessions::{
        auth_payload::AuthPayload,
        inputs::{CompleteSignInInput, LoginInput, LogoutInput, RefreshInput},
        payloads::LogoutPayload,
        refresh_cookie::{self, Change},
        session::Session,
        token_delivery::TokenDelivery,
    },
};

/// Queries for everyone.
#[derive(Default)]
pub struct PublicQuery;

#[guarded(public)]
#[Object]
impl PublicQuery {
    /// What a client needs to know about the server: version, limits, password rules.
    async fn server_info(&self, ctx: &Context<'_>) -> ServerInfo {
        ServerInfo::from(settings(ctx))
    }

    /// What you can do with each field, by the rules of the schema. Use it to show what works and hide what doesn't, signed in or not.
    async fn access(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The fields to look up, each as `Type.field`, at most 500. Defaults to all fields that introspection shows you."
        )]
        coordinates: Option<Vec<String>>,
    ) -> Result<Option<AccessMap>, ApiError> {
        AccessMap::new(coordinates, settings(ctx)).map(Some)
    }
}

/// Mutations for everyone.
#[derive(Default)]
pub struct PublicMutation;

/// The mutations that hash a password or exchange a token, of which a document takes one: so it tries no second password.
pub(crate) const SIGN_INS: &str = "signIns";

#[guarded(public)]
#[Object]
impl PublicMutation {
    /// Creates your account and signs you in, or says in `nextStep` what is missing. The account has the role `user`; administrators can give it more. Too many registrations from one IP address are refused with `RATE_LIMITED` and `retryAfter`. A password that is easy to guess is refused with `BAD_USER_INPUT` and counts as a tenth of a registration.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account to create.")] input: RegisterInput,
    ) -> Result<Option<AuthPayload>, ApiError> {
        let delivery = input.delivery.checked(ctx)?;
        let outcome = Box::pin(accounts(ctx).register(input.into(), client(ctx))).await?;
        Ok(Some(AuthPayload::of(ctx, outcome, delivery)))
    }

    /// Signs you in, or says in `nextStep` what is missing. Unknown names, wrong passwords and disabled users are all refused with `INVALID_CREDENTIALS`. After failures, further sign-ins are refused with `RATE_LIMITED` for a time that grows; `retryAfter` says how long. When too many passwords wait to be verified, the sign-in is refused with `SERVICE_UNAVAILABLE` and does not count as failed.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The credentials.")] input: LoginInput,
    ) -> Result<Option<AuthPayload>, ApiError> {
        let delivery = input.delivery.checked(ctx)?;
        let outcome = Box::pin(accounts(ctx).login(&input.username, input.password, client(ctx))).await?;
        Ok(Some(AuthPayload::of(ctx, outcome, delivery)))
    }

    /// Takes the next step of a sign-in, with a code of the authenticator app or a recovery code. Each code works once. Wrong and used codes are refused with `INVALID_CREDENTIALS`; after failures, further codes are refused with `RATE_LIMITED` for a time that grows. A challenge that is unknown, used or expired, or had five wrong codes, is refused with `INVALID_CHALLENGE`: sign in again.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn complete_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The challenge and the code.")] input: CompleteSignInInput,
    ) -> Result<Option<AuthPayload>, ApiError> {
        let delivery = input.delivery.checked(ctx)?;
        let outcome = Box::pin(accounts(ctx).complete_sign_in(&input.challenge, &input.code, client(ctx))).await?;
        Ok(Some(AuthPayload::of(ctx, outcome, delivery)))
    }

    /// Creates the secret of an authenticator app for a sign-in whose `nextStep` is `ENROLL_SECOND_FACTOR`. Then call `completeSignIn` with a code of the app. A challenge that is unknown, used or expired, or waits for another step, is refused with `INVALID_CHALLENGE`.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn begin_totp_enrollment_at_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The challenge.")] input: BeginTotpEnrollmentAtSignInInput,
    ) -> Result<Option<TotpEnrollmentPayload>, ApiError> {
        let enrollment = Box::pin(accounts(ctx).begin_totp_enrollment_at_sign_in(&input.challenge)).await?;
        Ok(Some(enrollment.into()))
    }

    /// Exchanges the refresh token of a session for a new refresh token and a new access token. Each refresh token works once. For ten seconds after that (by default), it returns the newest pair again, so that several tabs and retries agree. A refresh token that is used later counts as stolen: its session is revoked, and `INVALID_REFRESH_TOKEN` asks you to sign in. Don't send an `Authorization` header: an expired access token refuses the whole request.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token. Omit it if the token is in the cookie.")] input: Option<RefreshInput>,
    ) -> Result<Option<AuthPayload>, ApiError> {
        let (token, delivery) = refresh_token(ctx, input.map(|it| it.refresh_token))?;
        let nothing = "The request has no refresh token and no cookie with one. Sign in.";
        let token = token.ok_or_else(|| ApiError::new(Code::Unauthenticated, nothing))?;
        match Box::pin(accounts(ctx).refresh(&token, &client(ctx))).await {
            Ok(sign_in) => Ok(Some(AuthPayload::new(ctx, sign_in, delivery))),
            Err(error) => Err(forget_dead_cookie(ctx, delivery, error)),
        }
    }

    /// Revokes the session of the refresh token or the cookie; without either, the session of the access token. The session's access tokens stop working at once. A personal access token has no session and is refused with `FORBIDDEN`.
    async fn logout(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The refresh token of the session. Omit it if the token is in the cookie, or to sign out the session of the access token."
        )]
        input: Option<LogoutInput>,
    ) -> Result<Option<LogoutPayload>, ApiError> {
        // An access token needs no leave of the cookie's: its header says whose session is meant, wherever the page is from.
        let (token, delivery) = match refresh_token(ctx, input.map(|it| it.refresh_token)) {
            Err(_) if principal(ctx).is_ok() => (None, TokenDelivery::Body),
            found => found?,
        };
        let ended = match token {
            Some(token) => Box::pin(accounts(ctx).logout_by_token(&token, &client(ctx))).await,
            None => Box::pin(accounts(ctx).logout(principal(ctx)?, &client(ctx))).await,
        };
        if delivery == TokenDelivery::Cookie {
            refresh_cookie::write(ctx, Change::Clear);
        }
        let (session, effect) = ended?;
        Ok(Some(LogoutPayload {
            session: Session::new(session, true),
            effective_at: effect.at,
            sessions_revoked: effect.sessions,
        }))
    }

    /// Sends a mail with a code for `resetPassword` to the given email address, if it is the verified address of a user who can sign in. The answer is the same whether or not it is. An address gets five such mails in an hour at most; further requests, and too many from one IP address, are refused with `RATE_LIMITED` and `retryAfter`. Refused with `FORBIDDEN` on a server that sends no mail: see `serverInfo.mailEnabled`.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The email address.")] input: RequestPasswordResetInput,
    ) -> Result<Option<RequestPasswordResetPayload>, ApiError> {
        let lifetime = Box::pin(accounts(ctx).request_password_reset(&input.email, &client(ctx))).await?;
        Ok(Some(RequestPasswordResetPayload { code_valid_for: lifetime.num_seconds() }))
    }

    /// Restores the former email address of an account with the code that was mailed to it when the address was changed, and protects the account: revokes all sessions and personal access tokens, invalidates the password, and mails a code for `resetPassword` to the restored address. The code is valid for 72 hours and works once. Codes that are wrong, used or expired, and codes of disabled users, are all refused with `INVALID_CREDENTIALS`. Refused with `CONFLICT` if another user has verified the address since.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn undo_email_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: UndoEmailChangeInput,
    ) -> Result<Option<UndoEmailChangePayload>, ApiError> {
        let user = Box::pin(accounts(ctx).undo_email_change(&input.code, &client(ctx))).await?;
        Ok(Some(UndoEmailChangePayload { user: user.into() }))
    }

    /// Sets a new password with a code from an administrator or from `requestPasswordReset`, and revokes all sessions and personal access tokens of the user. The code works once; it stays valid if the new password is refused. Codes that are wrong, used or expired, and codes of disabled users, are all refused with `INVALID_CREDENTIALS`.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code and the new password.")] input: ResetPasswordInput,
    ) -> Result<Option<ResetPasswordPayload>, ApiError> {
        let user = Box::pin(accounts(ctx).reset_password(&input.code, input.new_password, &client(ctx))).await?;
        Ok(Some(ResetPasswordPayload { user: user.into() }))
    }
}

/// The refresh token that is meant, and where it lives: the one in the input, or the one in the cookie.
fn refresh_token(ctx: &Context<'_>, input: Option<String>) -> Result<(Option<String>, TokenDelivery), ApiError> {
    if input.is_some() {
        return Ok((input, TokenDelivery::Body));
    }
    let cookie = refresh_cookie::presented(ctx)?.map(str::to_owned);
    let delivery = if cookie.is_some() { TokenDelivery::Cookie } else { TokenDelivery::Body };
    Ok((cookie, delivery))
}

/// A cookie whose token is good for nothing any more goes, or the page would try it again at every start.
fn forget_dead_cookie(ctx: &Context<'_>, delivery: TokenDelivery, error: Error) -> ApiError {
    if delivery == TokenDelivery::Cookie && matches!(error, Error::InvalidRefreshToken) {
        refresh_cookie::write(ctx, Change::Clear);
    }
    error.into()
}
