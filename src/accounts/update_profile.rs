//! `updateProfile`: a person changes his own name or address.

use super::{Accounts, error::Error};
use crate::{
    domain::{
        audit::{Action, Actor},
        email::EmailAddress,
        principal::Principal,
        security_event::SecurityEventKind,
        session::Client,
        user::User,
        username::Username,
    },
    store,
};

/// What is to change; what is absent stays.
#[derive(Default)]
pub struct ProfileChange {
    /// Another name to sign in with.
    pub username: Option<String>,
    /// Another address, or none any more.
    pub email: Option<Option<String>>,
}

impl Accounts {
    /// Changes the caller's own account.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a value that breaks a rule, [`Error::Taken`] for a name or address of another account.
    pub async fn update_profile(
        &self,
        caller: &Principal,
        change: ProfileChange,
        client: &Client,
    ) -> Result<User, Error> {
        let username = change.username.as_deref().map(Username::parse).transpose()?;
        let email = match change.email {
            None => None,
            Some(None) => Some(None),
            Some(Some(address)) => Some(Some(EmailAddress::parse(&address)?)),
        };
        let tx = self.store.write().await?;
        let now = self.clock.now();
        let before = store::users::hold(&tx, caller.user()).await?.ok_or(Error::InvalidToken)?.user;
        let email = email.as_ref().map(Option::as_ref);
        let changed = store::users::set_profile(&tx, caller.user(), username.as_ref(), email, now).await?;
        let changed = changed.ok_or(Error::InvalidToken)?;
        if changed.email != before.email {
            let kind = SecurityEventKind::EmailChanged;
            store::security_events::record(&tx, caller.user(), kind, Some(caller.session()), client, now).await?;
        }
        tx.note(
            self.entry(Action::UserUpdated, Actor::caller(caller), client)
                .on(caller.user())
                .because(fields(&before, &changed)),
        );
        tx.commit().await?;
        Ok(changed)
    }
}

/// Which fields have another value, by name: never the values.
fn fields(before: &User, after: &User) -> String {
    let mut fields = Vec::new();
    if before.username.as_str() != after.username.as_str() {
        fields.push("username");
    }
    if before.email != after.email {
        fields.push("email");
    }
    fields.join(", ")
}
