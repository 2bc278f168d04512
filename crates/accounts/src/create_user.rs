//! `createUser`: creates an account for another user, who sets the password with a code.

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error, taken_addresses::refuse_taken};
use fieldguard_auth::reset_code::ResetCode;
use fieldguard_domain::{
    audit::{Action, Actor, RecordedState},
    email::EmailAddress,
    id::UserId,
    invalid::both,
    principal::Principal,
    profile::ProfileDraft,
    role::{RoleName, USER},
    session::Client,
    user::User,
    username::Username,
};
use fieldguard_store as store;

/// An account created for another user.
pub struct CreatedUser {
    /// The account. It has no known password yet.
    pub user: User,
    /// The code that sets the first password. The database stores only its hash.
    pub code: ResetCode,
    /// When the code expires.
    pub expires_at: DateTime<Utc>,
}

impl Accounts {
    /// Creates an account with the default role, and a code to set its password, even if registration is closed.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a value that breaks a rule, [`Error::Taken`] for the name or address of another account,
    /// [`Error::RateLimited`] after too many addresses that belong to other accounts.
    pub async fn create_user(
        &self,
        caller: &Principal,
        username: &str,
        email: Option<&str>,
        profile: ProfileDraft,
        client: &Client,
    ) -> Result<CreatedUser, Error> {
        let created = Box::pin(self.create_account(caller, username, email, profile, client));
        self.limiting_address_probes(caller, email.is_some(), created).await
    }

    async fn create_account(
        &self,
        caller: &Principal,
        username: &str,
        email: Option<&str>,
        profile: ProfileDraft,
        client: &Client,
    ) -> Result<CreatedUser, Error> {
        let now = self.clock.now();
        let email = email.map(EmailAddress::parse).transpose();
        let ((username, email), profile) = both(both(Username::parse(username), email), profile.parse())?;
        let user = User {
            id: UserId::new(now),
            username,
            email,
            email_verified_at: None,
            disabled_at: None,
            deletion_due_at: None,
            created_at: now,
            last_sign_in_at: None,
            totp_since: None,
        };
        let tx = self.begin(caller).await?;
        refuse_taken(&tx, &user.username).await?;
        store::users::insert(&tx, &user, &self.hasher.unmatched()).await?;
        store::profiles::insert(&tx, user.id, &profile.into_profile()).await?;
        store::roles::give(&tx, user.id, &RoleName::from_stored(USER.to_owned())).await?;
        let (code, expires_at) = self.create_reset_code(&tx, user.id, now).await?;
        let entry = self.entry(Action::UserCreated, Actor::caller(caller), client).on(user.id);
        tx.note(entry.changing(None, RecordedState::holding([USER])));
        tx.commit().await?;
        tracing::info!(by = %caller.user(), user = %user.id, "account created");
        Ok(CreatedUser { user, code, expires_at })
    }
}
