//! `AuthPayload`: the result of a sign-in.

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};
use fieldguard_accounts::sign_in::SignIn;
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use crate::{
    sessions::{
        refresh_cookie::{self, Change},
        session::Session,
        token_delivery::TokenDelivery,
        token_type::TokenType,
    },
    users::user::User,
};

/// The result of a sign-in: tokens, session and user.
pub struct AuthPayload {
    access_token: String,
    issued_at: DateTime<Utc>,
    access_expires_at: DateTime<Utc>,
    refresh_token: Option<String>,
    session: Session,
    user: User,
}

impl AuthPayload {
    /// The payload of a sign-in, with the refresh token in it or in the cookie.
    pub(crate) fn new(ctx: &Context<'_>, sign_in: SignIn, delivery: TokenDelivery) -> Self {
        let token = sign_in.refresh_token.expose();
        let refresh_token = match delivery {
            TokenDelivery::Body => Some(token),
            TokenDelivery::Cookie => {
                refresh_cookie::write(ctx, Change::Set { token, expires_at: sign_in.session.expires_at });
                None
            }
        };
        Self {
            access_token: sign_in.access_token,
            issued_at: sign_in.issued_at,
            access_expires_at: sign_in.access_expires_at,
            refresh_token,
            session: Session::begun(sign_in.session),
            user: User::of_owner(sign_in.user),
        }
    }
}

/// The result of a sign-in: tokens, session and user.
#[guarded(public)]
#[Object]
impl AuthPayload {
    /// The access token. Send it with every request in the header `Authorization: Bearer …`.
    async fn access_token(&self) -> &str {
        &self.access_token
    }

    /// How to send the access token.
    async fn token_type(&self) -> TokenType {
        TokenType::Bearer
    }

    /// The lifetime of the access token in seconds.
    async fn expires_in(&self) -> i64 {
        self.access_expires_at.timestamp() - self.issued_at.timestamp()
    }

    /// When the access token expires.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.access_expires_at
    }

    /// The refresh token, for one call of `refresh`. Null if it is in the cookie. Store it where scripts of other origins can't read it.
    async fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_deref()
    }

    /// The session that was started or refreshed.
    #[graphql(directive = Owner::apply(Ownership::Recipient))]
    async fn session(&self) -> &Session {
        &self.session
    }

    /// The user who signed in. You can read all of your own fields here.
    #[graphql(directive = Owner::apply(Ownership::Recipient))]
    async fn user(&self) -> &User {
        &self.user
    }
}
