//! `refresh`: extends a session. The refresh token is exchanged for the next one and a new access token.
//!
//! [`fieldguard_domain::refresh_chain`] decides whether a reused token comes from an honest client or a thief. The
//! session is locked meanwhile, so that only one of many concurrent requests creates the next token.

use chrono::{DateTime, Utc};

use super::{Accounts, clock::Clock, error::Error, next_step::next_step, sign_in::SignIn};
use fieldguard_auth::refresh::RefreshToken;
use fieldguard_domain::{
    audit::{Action, Actor},
    overview::DatabaseType,
    refresh_chain::Presented,
    security_event::SecurityEventAction,
    session::{Client, Session},
    user::User,
};
use fieldguard_store::{self as store, Tx, sessions::Held};

impl Accounts {
    /// Exchanges the refresh token `presented` for a new pair.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRefreshToken`] if it is not the token of a live session. If it was exchanged before and its
    /// successor was used, the session is revoked, since one of its two holders stole it. [`Error::RateLimited`]
    /// after too many of those from one address.
    pub async fn refresh(&self, presented: &str, client: &Client) -> Result<SignIn, Error> {
        match self.try_refresh(presented, client).await {
            Err(Error::InvalidRefreshToken) => {
                self.count_refused_refresh(client).await?;
                Err(Error::InvalidRefreshToken)
            }
            other => other,
        }
    }

    async fn try_refresh(&self, presented: &str, client: &Client) -> Result<SignIn, Error> {
        let token = self.refresh_key.open(presented).ok_or(Error::InvalidRefreshToken)?;
        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        let held = store::sessions::hold(&tx, token.session()).await?;
        let held = held.filter(|held| held.is_live(now)).ok_or(Error::InvalidRefreshToken)?;
        match held.chain.judge(token.generation(), now, self.policy.refresh_grace) {
            Presented::Newest if token.has_hash(&held.refresh_hash) => self.exchange(tx, held, &token, now).await,
            Presented::Again => self.repeat(tx, held, token, now).await,
            Presented::Lost => {
                let chain = held.chain.clone().repeated(now);
                store::sessions::note_repeat(&tx, held.session.id, &chain).await?;
                self.repeat(tx, held, token, now).await
            }
            Presented::Stolen => self.revoke_stolen(tx, held.session, client, now).await,
            Presented::TooMany => Err(Error::RateLimited { seconds: 1 }),
            Presented::Newest | Presented::Unknown => Err(Error::InvalidRefreshToken),
        }
    }

    async fn exchange(&self, tx: Tx, held: Held, token: &RefreshToken, now: DateTime<Utc>) -> Result<SignIn, Error> {
        let next = self.refresh_key.next(token);
        let chain = held.chain.rotated(now, self.policy.refresh_grace);
        let session = Session { last_used_at: now, ..held.session };
        let idle_until = self.idle_until(&session, now);
        store::sessions::rotate(&tx, session.id, &chain, &next.hash(), idle_until, now).await?;
        self.extend(tx, session, next, now).await
    }

    async fn repeat(&self, tx: Tx, held: Held, token: RefreshToken, now: DateTime<Utc>) -> Result<SignIn, Error> {
        let newest = self.refresh_key.successor(token, held.chain.generation);
        if !newest.has_hash(&held.refresh_hash) {
            return Err(Error::InvalidRefreshToken);
        }
        self.extend(tx, held.session, newest, now).await
    }

    async fn extend(
        &self,
        tx: Tx,
        session: Session,
        refresh_token: RefreshToken,
        now: DateTime<Utc>,
    ) -> Result<SignIn, Error> {
        let user = store::users::find(&tx, session.user).await?.filter(User::may_sign_in);
        let user = user.ok_or(Error::InvalidRefreshToken)?;
        let roles = store::roles::of_user(&tx, user.id).await?;
        // A role may require a second factor that was not required when the session began.
        let is_required = self.policy.requires_second_factor(&roles);
        if next_step(session.methods, user.has_second_factor(), is_required).is_some() {
            return Err(Error::InvalidRefreshToken);
        }
        let claims = self.claims_of(&tx, user.id).await?;
        tx.commit().await?;
        Ok(self.answer(user, session, &roles, &claims, refresh_token, now))
    }

    async fn revoke_stolen(
        &self,
        tx: Tx,
        session: Session,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Result<SignIn, Error> {
        store::sessions::revoke(&tx, session.id, now).await?;
        self.record_theft(&tx, &session, client, now).await?;
        self.commit(tx).await?;
        Err(Error::InvalidRefreshToken)
    }

    /// Tells the account owner, by a security event, that a token of this session was stolen. `tx` revokes the session.
    pub(super) async fn record_theft(
        &self,
        tx: &Tx,
        session: &Session,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let kind = SecurityEventAction::RefreshTokenReused;
        store::security_events::record(tx, session.user, kind, Some(session.id), client, now).await?;
        tx.note(self.entry(Action::RefreshTokenReused, Actor::Anonymous, client).on(session.id));
        tracing::warn!(user = %session.user, session = %session.id, "a refresh token was reused: session revoked");
        Ok(())
    }

    /// The time of the database, where several replicas may compare each other's times. Otherwise the time of this
    /// process.
    pub(super) async fn shared_now(&self, tx: &Tx) -> Result<DateTime<Utc>, Error> {
        let shared = match (&self.clock, self.store.kind()) {
            (Clock::System, _) => tx.database_time().await?,
            (clock, DatabaseType::Postgres) => clock.of_database(),
            (_, DatabaseType::Sqlite) => None,
        };
        Ok(shared.unwrap_or_else(|| self.clock.now()))
    }
}
