//! `issuePasswordReset`: an administrator makes a code with which a person sets a new password. From then on the old one is
//! good for nothing, since it may be what was stolen, and all sessions and personal access tokens are over. The administrator neither chooses a password
//! nor learns one.

use chrono::{DateTime, Utc};

use super::{Accounts, audit::by_operator, effect::Effect, error::Error};
use fieldguard_auth::reset_code::ResetCode;
use fieldguard_domain::{
    audit::{Action, Actor, Entry},
    id::UserId,
    principal::Principal,
    role::Role,
    security_event::SecurityEventKind,
    session::Client,
    user::User,
    username,
};
use fieldguard_store::{self as store, Tx};

/// A code, with what making it did.
pub struct IssuedReset {
    /// The code. The database keeps its hash only.
    pub code: ResetCode,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// Whose password it resets.
    pub user: User,
    /// What became of the account's sessions.
    pub effect: Effect,
}

impl Accounts {
    /// Makes a code for the account; one made before is worth nothing then.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown account, [`Error::Protected`] where it is protected and the caller does not
    /// hold as much, [`Error::NotToReset`] where it is the caller's own or has a permission the caller lacks.
    pub async fn issue_password_reset(
        &self,
        caller: &Principal,
        user: UserId,
        client: &Client,
    ) -> Result<IssuedReset, Error> {
        let tx = self.begin(caller).await?;
        let roles = self.touchable(&tx, caller, user).await?;
        if !Self::may_reset(caller, user, &roles) {
            return Err(Error::NotToReset);
        }
        let entry = self.entry(Action::PasswordResetIssued, Actor::caller(caller), client);
        let issued = self.issue(tx, user, entry).await?.ok_or(Error::NotFound("userId"))?;
        tracing::info!(by = %caller.user(), %user, ended = issued.effect.sessions, "password reset issued");
        Ok(issued)
    }

    /// The same for the account of that name, in any spelling, as an operator asks for it on the command line.
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

    /// May `caller` reset the password of the account `user`, which holds these roles? Whoever hands himself a code acts as
    /// the account afterwards.
    pub(super) fn may_reset(caller: &Principal, user: UserId, roles: &[Role]) -> bool {
        caller.may_touch(roles) && !caller.is(user) && caller.holds_as_much_as(roles)
    }

    async fn issue(&self, tx: Tx, user: UserId, entry: Entry) -> Result<Option<IssuedReset>, Error> {
        let now = self.clock.now();
        let Some(held) = store::users::hold(&tx, user).await? else { return Ok(None) };
        let (code, expires_at) = self.put_code(&tx, user, now).await?;
        store::users::set_hash(&tx, user, &self.hasher.unmatched(), now).await?;
        let ended = store::sessions::end_all(&tx, user, None, now).await?;
        self.revoke_all_tokens(&tx, user, &Client::default()).await?;
        tx.note(entry.on(user));
        let effect = self.commit_change(tx, ended).await?;
        Ok(Some(IssuedReset { code, expires_at, user: held.user, effect }))
    }

    /// A new code for the account, and until when it is good. The owner is told.
    pub(super) async fn put_code(
        &self,
        tx: &Tx,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<(ResetCode, DateTime<Utc>), Error> {
        let code = ResetCode::new();
        let expires_at = now + self.policy.reset_lifetime;
        store::password_resets::put(tx, user, &code.hash(), expires_at).await?;
        // From where the administrator did it is not for the owner to know.
        let (kind, nowhere) = (SecurityEventKind::PasswordResetIssued, Client::default());
        store::security_events::record(tx, user, kind, None, &nowhere, now).await?;
        Ok((code, expires_at))
    }
}
