//! The result of a sign-in: a session, a refresh token and an access token, or the next step. Every way to a new
//! session leads through `Accounts::proceed`, which alone creates one.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Accounts, error::Error, next_step::next_step, pending_sign_in::PendingSignIn};
use fieldguard_auth::{recovery_code::RecoveryCode, refresh::RefreshToken, token::Subject};
use fieldguard_domain::{
    audit::{Action, Actor},
    authentication::Methods,
    id::{SessionId, UserId},
    network::Network,
    role::{Role, effective_names, effective_permissions},
    security_event::SecurityEventAction,
    session::{Client, Session},
    user::User,
};
use fieldguard_store::{self as store, Tx, users::Credentials};

/// What came of a step of a sign-in.
pub enum SignInOutcome {
    /// The user is signed in.
    Complete(Box<SignIn>),
    /// Another step is missing.
    Pending(PendingSignIn),
}

impl SignInOutcome {
    /// The session, if the user is signed in.
    #[must_use]
    pub fn complete(self) -> Option<SignIn> {
        match self {
            Self::Complete(sign_in) => Some(*sign_in),
            Self::Pending(_) => None,
        }
    }
}

/// A session with its tokens.
pub struct SignIn {
    /// The account.
    pub user: User,
    /// The session that was created or extended.
    pub session: Session,
    /// The access token, a JWT (RFC 9068).
    pub access_token: String,
    /// When the access token expires.
    pub access_expires_at: DateTime<Utc>,
    /// When the access token was issued.
    pub issued_at: DateTime<Utc>,
    /// The refresh token. The database stores only its hash.
    pub refresh_token: RefreshToken,
    /// The recovery codes, if the user enrolled a second factor in this sign-in.
    pub recovery_codes: Vec<RecoveryCode>,
}

impl Accounts {
    /// Continues the sign-in of an account with these roles whose owner proved `methods`, and commits `tx`: with a
    /// session if nothing is missing, and otherwise with a challenge for the next step.
    pub(super) async fn proceed(
        &self,
        tx: Tx,
        held: Credentials,
        roles: &[Role],
        methods: Methods,
        client: Client,
        now: DateTime<Utc>,
    ) -> Result<SignInOutcome, Error> {
        let is_required = self.policy.requires_second_factor(roles);
        if let Some(step) = next_step(methods, held.user.has_second_factor(), is_required) {
            let pending = self.store_pending(&tx, &held, methods, step, now).await?;
            tx.commit().await?;
            tracing::info!(user = %held.user.id, ?step, "the sign-in waits for its next step");
            return Ok(SignInOutcome::Pending(pending));
        }
        let sign_in = self.begin_session(tx, held.user, roles, methods, client, now).await?;
        Ok(SignInOutcome::Complete(Box::new(sign_in)))
    }

    /// Creates a session of `user`, who holds `roles`, and commits `tx`. If the account exceeds its session limit, the
    /// oldest sessions are revoked.
    async fn begin_session(
        &self,
        tx: Tx,
        user: User,
        roles: &[Role],
        methods: Methods,
        client: Client,
        now: DateTime<Utc>,
    ) -> Result<SignIn, Error> {
        let session = Session {
            id: SessionId::new(now),
            user: user.id,
            methods,
            created_at: now,
            authenticated_at: now,
            last_used_at: now,
            expires_at: now + self.policy.session_lifetime,
            ip_address: client.ip_address.clone(),
            user_agent: client.user_agent.clone(),
        };
        if let Some(network) = Network::of(&client) {
            store::known_addresses::remember(&tx, user.id, &network, now).await?;
        }
        let refresh_token = self.refresh_key.first(session.id);
        store::sessions::insert(&tx, &session, &refresh_token.hash(), self.idle_until(&session, now)).await?;
        let ended = store::sessions::revoke_surplus(&tx, user.id, session.id, self.policy.session_limit, now).await?;
        store::users::signed_in(&tx, user.id, now).await?;
        store::security_events::record(&tx, user.id, SecurityEventAction::SignIn, Some(session.id), &client, now)
            .await?;
        let actor = Actor::holder(user.id, Some(session.id));
        tx.note(self.entry(Action::SignIn, actor, &client).on(user.id));
        let claims = self.claims_of(&tx, user.id).await?;
        // If no session was revoked, no rights changed, and the cache of principals stays valid.
        if ended > 0 {
            self.commit(tx).await?;
        } else {
            self.commit_profile(tx, user.id).await?;
        }
        let user = User { last_sign_in_at: Some(now), ..user };
        Ok(self.answer(user, session, roles, &claims, refresh_token, now))
    }

    /// The configured claims of the user's next access token. The profile is read only if there are any.
    pub(super) async fn claims_of(&self, tx: &Tx, user: UserId) -> Result<Map<String, Value>, Error> {
        if self.policy.claims.is_empty() {
            return Ok(Map::new());
        }
        Ok(self.policy.claims.of(&store::profiles::of_user(tx, user).await?))
    }

    /// The result of a sign-in, with a new access token.
    pub(super) fn answer(
        &self,
        user: User,
        session: Session,
        roles: &[Role],
        claims: &Map<String, Value>,
        refresh_token: RefreshToken,
        now: DateTime<Utc>,
    ) -> SignIn {
        let names: Vec<_> = effective_names(roles).into_iter().collect();
        let scope: Vec<_> = effective_permissions(roles, &self.catalogue).into_iter().collect();
        let generation = refresh_token.generation();
        let subject = Subject {
            user: user.id,
            session: session.id,
            generation,
            roles: &names,
            scope: &scope,
            authenticated_at: session.authenticated_at,
            methods: session.methods,
            claims,
        };
        let issued = self.tokens.issue(&subject, now);
        SignIn {
            user,
            session,
            access_token: issued.token,
            access_expires_at: issued.expires_at,
            issued_at: now,
            refresh_token,
            recovery_codes: Vec::new(),
        }
    }

    /// When the session expires if it is not used after `now`.
    pub(super) fn idle_until(&self, session: &Session, now: DateTime<Utc>) -> DateTime<Utc> {
        session.expires_at.min(now + self.policy.session_idle)
    }
}
