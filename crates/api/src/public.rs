//! What anyone may use, signed in or not.

use async_graphql::{Context, Object};
use fieldguard_accounts::error::Error;
use fieldguard_guard::{cost_directives::Exclusive, guarded};

use crate::{
    access::access_map::AccessMap,
    error::{ApiError, Code},
    profile::{
        payloads::ResetPasswordPayload, register_input::RegisterInput, reset_password_input::ResetPasswordInput,
    },
    server::server_info::ServerInfo,
    services::{accounts, client, principal, settings},
    sessions::{
        auth_payload::AuthPayload,
        login_input::LoginInput,
        logout_input::LogoutInput,
        payloads::LogoutPayload,
        refresh_cookie::{self, Change},
        refresh_input::RefreshInput,
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
    /// What a client needs to know of this server before anyone signs in: version, limits, password rules.
    async fn server_info(&self, ctx: &Context<'_>) -> ServerInfo {
        ServerInfo::from(settings(ctx))
    }

    /// What the caller may do, by the rules of the schema. Signed in or not: an interface that shows what works and hides what does not asks this.
    async fn access(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The fields asked about, each as `Type.field`, 500 at most. Left out, all that the caller is shown."
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
    /// Makes an account and signs it in. The account gets the role `user`; further roles are given by administrators. Too many from one address are refused with `RATE_LIMITED`, until `retryAfter` seconds have passed. A password that is easily guessed is refused with `BAD_USER_INPUT` and counts as a tenth of a registration.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants an account.")] input: RegisterInput,
    ) -> Result<Option<AuthPayload>, ApiError> {
        let delivery = input.delivery.checked(ctx)?;
        let sign_in = Box::pin(accounts(ctx).register(input.into(), client(ctx))).await?;
        Ok(Some(AuthPayload::new(ctx, sign_in, delivery)))
    }

    /// Signs in. Unknown names, wrong passwords and disabled accounts are refused alike, with `INVALID_CREDENTIALS`. After a failure comes a pause, which grows: what is tried in it is refused with `RATE_LIMITED`, until `retryAfter` seconds have passed. Where too many passwords wait to be verified, a sign-in is refused with `SERVICE_UNAVAILABLE` and is not counted.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: LoginInput,
    ) -> Result<Option<AuthPayload>, ApiError> {
        let delivery = input.delivery.checked(ctx)?;
        let sign_in = Box::pin(accounts(ctx).login(&input.username, input.password, client(ctx))).await?;
        Ok(Some(AuthPayload::new(ctx, sign_in, delivery)))
    }

    /// Goes on with a session: exchanges its refresh token for the next one, with a new access token. Each token is good for one exchange. For ten seconds after it (the server may be set otherwise) the newest pair is answered again, so that several tabs and retries agree; and so it is when the answer was lost. A token shown again later is a stolen one: its session ends, and `INVALID_REFRESH_TOKEN` asks to sign in. Send no `Authorization` header with it, since an expired access token refuses the whole request.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token. Left out where it lives in the cookie.")] input: Option<RefreshInput>,
    ) -> Result<Option<AuthPayload>, ApiError> {
        let (token, delivery) = refresh_token(ctx, input.map(|it| it.refresh_token))?;
        let nothing = "The request has no refresh token and no cookie with one. Sign in.";
        let token = token.ok_or_else(|| ApiError::new(Code::Unauthenticated, nothing))?;
        match Box::pin(accounts(ctx).refresh(&token, &client(ctx))).await {
            Ok(sign_in) => Ok(Some(AuthPayload::new(ctx, sign_in, delivery))),
            Err(error) => Err(forget_dead_cookie(ctx, delivery, error)),
        }
    }

    /// Ends the session: that of the refresh token or the cookie where one is sent, else that of the access token. Its access tokens end with it. A personal access token has no session: with nothing else the refusal is `FORBIDDEN`.
    async fn logout(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The refresh token of the session. Left out where it lives in the cookie, or where the access token says which session is meant."
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
            sessions_ended: effect.sessions,
        }))
    }

    /// Sets a new password with a code from an administrator, and ends all sessions and personal access tokens of the account. The code is used up, unless the password is refused. A code that is wrong, used or expired, and one of a disabled account, are refused alike, with `INVALID_CREDENTIALS`, whatever the new password is.
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
