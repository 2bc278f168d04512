//! `updateProfile`: a user changes their own name, email address or profile.

use super::{Accounts, changer::Changer, error::Error, taken_addresses::refuse_taken};
use fieldguard_domain::{
    audit::{Action, Actor},
    email::EmailAddress,
    id::{SessionId, UserId},
    invalid::{Invalid, Problems, both},
    principal::Principal,
    profile::{ProfileDraft, ProfileEdit},
    security_event::SecurityEventAction,
    session::Client,
    user::User,
    username::Username,
};
use fieldguard_store::{self as store, Tx};

/// The changes to make. A value that is absent stays unchanged.
#[derive(Default)]
pub struct ProfileChange {
    /// The new name to sign in with.
    pub username: Option<String>,
    /// The new email address. `Some(None)` removes it.
    pub email: Option<Option<String>>,
    /// Whether the caller vouches for the email address of another user.
    pub email_verified: Option<bool>,
    /// The new values of the profile.
    pub profile: ProfileDraft,
}

/// The parsed changes.
pub(super) struct ParsedChange {
    username: Option<Username>,
    #[expect(clippy::option_option, reason = "as in `ProfileChange`: absent differs from `None`")]
    email: Option<Option<EmailAddress>>,
    pub(super) email_verified: Option<bool>,
    profile: ProfileEdit,
}

/// An updated account.
pub(super) struct Changed {
    pub(super) before: User,
    pub(super) after: User,
    /// The fields of the profile that changed.
    profile: Vec<&'static str>,
}

impl ProfileChange {
    pub(super) fn parse(self) -> Result<ParsedChange, Problems> {
        let username = self.username.as_deref().map(Username::parse).transpose();
        let email = match &self.email {
            None => Ok(None),
            Some(None) => Ok(Some(None)),
            Some(Some(address)) => EmailAddress::parse(address).map(|email| Some(Some(email))),
        };
        let ((username, email), profile) = both(both(username, email), self.profile.parse())?;
        Ok(ParsedChange { username, email, email_verified: self.email_verified, profile })
    }
}

impl Accounts {
    /// Updates the caller's own account.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a value that breaks a rule or a reserved name, [`Error::Taken`] for the name or address
    /// of another account, [`Error::NotFresh`] for a new address in a session that is not fresh. [`Error::RateLimited`]
    /// after too many addresses.
    pub async fn update_profile(
        &self,
        caller: &Principal,
        change: ProfileChange,
        client: &Client,
    ) -> Result<User, Error> {
        let user = caller.user();
        // Callers can't vouch for their own address.
        let change = ProfileChange { email_verified: None, ..change };
        let ((), change) = both(self.check_not_reserved_for(user, &change).await?, change.parse())?;
        if caller.is_fresh() {
            self.count_change_of_address(user, &change).await?;
        }
        let tx = self.begin_own(caller).await?;
        let changed = self.change_profile(&tx, caller, user, change, caller.session(), client).await?;
        let changed = changed.ok_or(Error::InvalidToken)?;
        // An account that was given a reserved name keeps it, in any spelling.
        if changed.before.username.key() != changed.after.username.key() {
            self.check_not_reserved(&changed.after.username)?;
        }
        let entry = self.entry(Action::UserUpdated, Actor::caller(caller), client).on(user);
        tx.note(entry.because(changed.fields()));
        self.commit_profile(tx, user).await?;
        Ok(changed.after)
    }

    /// Like [`check_not_reserved`](Self::check_not_reserved), except that an account can keep a reserved name that it
    /// was given.
    async fn check_not_reserved_for(&self, user: UserId, change: &ProfileChange) -> Result<Result<(), Invalid>, Error> {
        let Some(Ok(wanted)) = change.username.as_deref().map(Username::parse) else { return Ok(Ok(())) };
        let Err(reserved) = self.check_not_reserved(&wanted) else { return Ok(Ok(())) };
        let current = store::users::find(&self.store, user).await?;
        Ok(if current.is_some_and(|user| user.username.key() == wanted.key()) { Ok(()) } else { Err(reserved) })
    }

    /// Counts a request for an address that the account does not have, so that callers cannot probe many addresses.
    async fn count_change_of_address(&self, user: UserId, change: &ParsedChange) -> Result<(), Error> {
        let Some(Some(wanted)) = &change.email else { return Ok(()) };
        let current = store::users::find(&self.store, user).await?.and_then(|user| user.email);
        if current.as_ref() == Some(wanted) { Ok(()) } else { self.count_address_probe(user).await }
    }

    /// Updates the account, and records a security event for its owner if the address changes. Returns `None` if there
    /// is no account.
    ///
    /// # Errors
    ///
    /// [`Error::NotFresh`] for a new address in a session that is not fresh: anyone who reads the mail of an account
    /// can take the account over.
    pub(super) async fn change_profile(
        &self,
        tx: &Tx,
        caller: &Principal,
        user: UserId,
        change: ParsedChange,
        session: Option<SessionId>,
        client: &Client,
    ) -> Result<Option<Changed>, Error> {
        let ParsedChange { username, email, email_verified, profile } = change;
        let now = self.clock.now();
        let Some(before) = store::users::hold(tx, user).await? else { return Ok(None) };
        let email = email.as_ref().map(Option::as_ref);
        if email.is_some_and(|wanted| wanted != before.user.email.as_ref()) {
            Changer::from(caller).require_fresh()?;
        }
        if let Some(name) = username.as_ref().filter(|wanted| wanted.key() != before.user.username.key()) {
            refuse_taken(tx, name).await?;
        }
        let mut changed = store::users::set_profile(tx, user, username.as_ref(), email, now).await?;
        if let Some(is_verified) = email_verified.filter(|_| changed.as_ref().is_some_and(|user| user.email.is_some()))
        {
            changed = store::users::set_email_verified(tx, user, is_verified.then_some(now), now).await?;
        }
        if let Some(after) = &changed {
            self.carry_failures(tx, &before.user, after).await?;
            self.mail_new_address(tx, &before.user, after, caller.is(user)).await?;
        }
        if changed.as_ref().is_some_and(|user| user.email != before.user.email) {
            let kind = SecurityEventAction::EmailChanged;
            store::security_events::record(tx, user, kind, session, client, now).await?;
        }
        let profile = change_details(tx, user, profile).await?;
        Ok(changed.map(|after| Changed { before: before.user, after, profile }))
    }
}

/// Updates the profile. Returns the names of the fields that changed. The account must be locked.
async fn change_details(tx: &Tx, user: UserId, edit: ProfileEdit) -> Result<Vec<&'static str>, Error> {
    if edit.is_empty() {
        return Ok(Vec::new());
    }
    let mut profile = store::profiles::of_user(tx, user).await?;
    let changed = edit.apply(&mut profile);
    if !changed.is_empty() {
        store::profiles::put(tx, user, &profile).await?;
    }
    Ok(changed)
}

impl Changed {
    /// The names of the fields that changed, never their values.
    pub(super) fn fields(&self) -> String {
        let is_renamed = self.before.username.as_str() != self.after.username.as_str();
        let is_verified = self.before.email_verified_at.is_some() != self.after.email_verified_at.is_some();
        let account = [
            ("username", is_renamed),
            ("email", self.before.email != self.after.email),
            ("emailVerified", is_verified),
        ];
        let account = account.into_iter().filter(|(_, is_changed)| *is_changed).map(|(field, _)| field);
        account.chain(self.profile.iter().copied()).collect::<Vec<_>>().join(", ")
    }
}
