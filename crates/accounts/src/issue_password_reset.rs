//! `issuePasswordReset`: an administrator creates a code with which a user sets a new password. The old password stops
//! working, because it may have been stolen, and all sessions and personal access tokens are revoked. The administrator
//! neither chooses nor learns a password.

use chrono::{DateTime, Utc};

use super::{Accounts, audit::by_operator, effect::Effect, error::Error};
use fieldguard_auth::reset_code::ResetCode;
use fieldguard_domain::{
    audit::{Action, Actor, Entry},
    id::UserId,
    principal::Principal,
    role::Role,
    security_event::SecurityEventAction,
    session::Client,
    user::User,
    username,
};
use fieldguard_store::{self as store, Tx};

/// A password reset code and its effects.
pub struct IssuedReset {
    /// The code. The database stores only its hash.
    pub code: ResetCode,
    /// When the code expires.
    pub expires_at: DateTime<Utc>,
    /// The account whose password it resets.
    pub user: User,
    /// The effect on the account's sessions.
    pub effect: Effect,
}

impl Accounts {
    /// Creates a code for the account and invalidates an earlier one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] if it is protected and the caller lacks some of
    /// its permissions, [`Error::NotToReset`] if it is the caller's own or has a permission the caller lacks.
    pub async fn issue_password_reset(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<IssuedReset, Error> {
        let tx = self.begin(caller).await?;
        let roles = self.authorize_change(&tx, caller, user).await?;
        if !Self::may_reset(caller, user, &roles) {
            return Err(Error::NotToReset);
        }
        let entry = self.entry(Action::PasswordResetIssued, Actor::caller(caller), client);
        let issued = self.issue(tx, user, entry).await?.ok_or(Error::NotFound("userId"))?;
        tracing::info!(by = %caller.user(), %user, ended = issued.effect.sessions, "password reset issued");
        Ok(issued)
    }

    /// The same for the account with this name, in any spelling, for an operator at the command line.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown name.
    pub async fn issue_password_reset_by_name(&self, name: &str) -> Result<IssuedReset, Error> {
        let named = store::users::named(&self.store, &username::canonical(name)).await?;
        let user = named.ok_or(Error::NotFound("name"))?.id;
        let entry = by_operator(Action::PasswordResetIssued, self.clock.now());
        let issued = self.issue(self.store.write().await?, user, entry).await?.ok_or(Error::NotFound("name"))?;
        tracing::info!(%user, ended = issued.effect.sessions, "password reset issued by the operator");
        Ok(issued)
    }

    /// Whether `caller` may reset the password of the account `user` with these roles. A caller who issues a code can
    /// act as the account afterwards.
    pub(super) fn may_reset(caller: &Principal, user: UserId, roles: &[Role]) -> bool {
        caller.may_change(roles) && !caller.is(user) && caller.has_permissions_of(roles)
    }

    async fn issue(&self, tx: Tx, user: UserId, entry: Entry) -> Result<Option<IssuedReset>, Error> {
        let now = self.clock.now();
        let Some(held) = store::users::hold(&tx, user).await? else { return Ok(None) };
        let (code, expires_at) = self.create_reset_code(&tx, user, now).await?;
        store::users::set_hash(&tx, user, &self.hasher.unmatched(), now).await?;
        let ended = store::sessions::revoke_all(&tx, user, None, now).await?;
        self.revoke_all_tokens(&tx, user, &Client::default()).await?;
        tx.note(entry.on(user));
        let effect = self.commit_change(tx, ended).await?;
        Ok(Some(IssuedReset { code, expires_at, user: held.user, effect }))
    }

    /// Creates a code for the account, and returns it with its expiry. The account owner is told by a security event.
    pub(super) async fn create_reset_code(
        &self,
        tx: &Tx,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<(ResetCode, DateTime<Utc>), Error> {
        let code = ResetCode::new();
        let expires_at = now + self.policy.reset_lifetime;
        store::password_resets::put(tx, user, &code.hash(), expires_at).await?;
        // The account owner must not learn the administrator's address.
        let (kind, no_client) = (SecurityEventAction::PasswordResetIssued, Client::default());
        store::security_events::record(tx, user, kind, None, &no_client, now).await?;
        Ok((code, expires_at))
    }
}
