//! `AuthPayload`: what a person gets who signed in.

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

/// What a person gets who signed in.
pub struct AuthPayload {
    access_token: String,
    issued_at: DateTime<Utc>,
    access_expires_at: DateTime<Utc>,
    refresh_token: Option<String>,
    session: Session,
    user: User,
}

impl AuthPayload {
    /// The answer to a sign-in, with the refresh token in it or in the cookie.
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

/// What a person gets who signed in.
#[guarded(public)]
#[Object]
impl AuthPayload {
    /// The access token, to be sent with every request in the header `Authorization: Bearer …`.
    async fn access_token(&self) -> &str {
        &self.access_token
    }

    /// How the access token is sent.
    async fn token_type(&self) -> TokenType {
        TokenType::Bearer
    }

    /// For how many seconds the access token is good.
    async fn expires_in(&self) -> i64 {
        self.access_expires_at.timestamp() - self.issued_at.timestamp()
    }

    /// Until when the access token is good.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.access_expires_at
    }

    /// The refresh token of the session, to be shown to `refresh` once. Null where it went into the cookie. Keep it where no script of another origin can read it.
    async fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_deref()
    }

    /// The session that began or goes on.
    #[graphql(directive = Owner::apply(Ownership::Recipient))]
    async fn session(&self) -> &Session {
        &self.session
    }

    /// The account that signed in. Its owner sees all of it here, whoever sent the request.
    #[graphql(directive = Owner::apply(Ownership::Recipient))]
    async fn user(&self) -> &User {
        &self.user
    }
}
