//! `AuthPayload`: the result of a sign-in, or its next step.

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};
use fieldguard_accounts::{
    enroll_totp::RecoveryCode,
    pending_sign_in::PendingSignIn,
    sign_in::{SignIn, SignInOutcome},
};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use crate::{
    sessions::{
        refresh_cookie::{self, Change},
        session::Session,
        sign_in_step::SignInStep,
        token_delivery::TokenDelivery,
        token_type::TokenType,
    },
    users::user::User,
};

/// The result of a sign-in: tokens, session and user, or the next step.
pub enum AuthPayload {
    /// The user is signed in.
    Complete(Box<Complete>),
    /// Another step is missing.
    Pending(PendingSignIn),
}

/// The parts of a complete sign-in.
pub struct Complete {
    access_token: String,
    issued_at: DateTime<Utc>,
    access_expires_at: DateTime<Utc>,
    refresh_token: Option<String>,
    session: Session,
    user: User,
    recovery_codes: Vec<String>,
}

impl AuthPayload {
    /// The payload of a step of a sign-in.
    pub(crate) fn of(ctx: &Context<'_>, outcome: SignInOutcome, delivery: TokenDelivery) -> Self {
        match outcome {
            SignInOutcome::Complete(sign_in) => Self::new(ctx, *sign_in, delivery),
            SignInOutcome::Pending(pending) => Self::Pending(pending),
        }
    }

    /// The payload of a complete sign-in, with the refresh token in it or in the cookie.
    pub(crate) fn new(ctx: &Context<'_>, sign_in: SignIn, delivery: TokenDelivery) -> Self {
        let token = sign_in.refresh_token.expose();
        let refresh_token = match delivery {
            TokenDelivery::Body => Some(token),
            TokenDelivery::Cookie => {
                refresh_cookie::write(ctx, Change::Set { token, expires_at: sign_in.session.expires_at });
                None
            }
        };
        Self::Complete(Box::new(Complete {
            access_token: sign_in.access_token,
            issued_at: sign_in.issued_at,
            access_expires_at: sign_in.access_expires_at,
            refresh_token,
            session: Session::begun(sign_in.session),
            user: User::of_owner(sign_in.user),
            recovery_codes: sign_in.recovery_codes.iter().map(RecoveryCode::expose).collect(),
        }))
    }

    fn complete(&self) -> Option<&Complete> {
        match self {
            Self::Complete(complete) => Some(complete),
            Self::Pending(_) => None,
        }
    }

    const fn pending(&self) -> Option<&PendingSignIn> {
        match self {
            Self::Complete(_) => None,
            Self::Pending(pending) => Some(pending),
        }
    }
}

/// The result of a sign-in: tokens, session and user. If `nextStep` is not null, you are not signed in yet: only `nextStep`, `challenge` and `challengeExpiresAt` have values.
#[guarded(public)]
#[Object]
impl AuthPayload {
    /// What to do next to sign in. Null if you are signed in.
    async fn next_step(&self) -> Option<SignInStep> {
        self.pending().map(|pending| pending.next_step.into())
    }

    /// The secret that stands for your sign-in in the next step. Keep it in memory, and show it to no one. Null if you are signed in.
    async fn challenge(&self) -> Option<String> {
        self.pending().map(|pending| pending.challenge.expose())
    }

    /// When the challenge expires. After that, sign in again. Null if you are signed in.
    async fn challenge_expires_at(&self) -> Option<DateTime<Utc>> {
        self.pending().map(|pending| pending.expires_at)
    }

    /// The access token. Send it with every request in the header `Authorization: Bearer …`. Null until you are signed in.
    async fn access_token(&self) -> Option<&str> {
        self.complete().map(|complete| &*complete.access_token)
    }

    /// How to send the access token. Null until you are signed in.
    async fn token_type(&self) -> Option<TokenType> {
        self.complete().map(|_| TokenType::Bearer)
    }

    /// The lifetime of the access token in seconds. Null until you are signed in.
    async fn expires_in(&self) -> Option<i64> {
        self.complete().map(|complete| complete.access_expires_at.timestamp() - complete.issued_at.timestamp())
    }

    /// When the access token expires. Null until you are signed in.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.complete().map(|complete| complete.access_expires_at)
    }

    /// The refresh token, for one call of `refresh`. Null if it is in the cookie, and until you are signed in. Store it where scripts of other origins can't read it.
    async fn refresh_token(&self) -> Option<&str> {
        self.complete().and_then(|complete| complete.refresh_token.as_deref())
    }

    /// The session that was started or refreshed. Null until you are signed in.
    #[graphql(directive = Owner::apply(Ownership::Recipient))]
    async fn session(&self) -> Option<&Session> {
        self.complete().map(|complete| &complete.session)
    }

    /// The user who signed in. You can read all of your own fields here. Null until you are signed in.
    #[graphql(directive = Owner::apply(Ownership::Recipient))]
    async fn user(&self) -> Option<&User> {
        self.complete().map(|complete| &complete.user)
    }

    /// The recovery codes, if you enrolled an authenticator app in this sign-in. They are shown only here: ask the user to keep them. Null otherwise.
    async fn recovery_codes(&self) -> Option<&[String]> {
        self.complete().map(|complete| &*complete.recovery_codes).filter(|codes| !codes.is_empty())
    }
}
