//! `register`: a person makes an account, without any role beyond the default one, and is signed in.

use super::{Accounts, error::Error, sign_in::SignIn};
use crate::{
    domain::{
        audit::{Action, Actor, Standing},
        email::EmailAddress,
        id::UserId,
        invalid::Invalid,
        network::Network,
        password::Password,
        password_strength::words_of,
        role::{RoleName, USER},
        session::Client,
        user::User,
        username::Username,
    },
    store,
};

/// Who wants an account. There is no role in it: nobody chooses his own.
pub struct Registration {
    /// The name to sign in with.
    pub username: String,
    /// The address for mail.
    pub email: Option<String>,
    /// The password, in clear.
    pub password: String,
}

impl Accounts {
    /// Makes the account and signs it in.
    ///
    /// # Errors
    ///
    /// [`Error::RegistrationClosed`], [`Error::Invalid`] for a value that breaks a rule or a reserved name, [`Error::Taken`] for a name or
    /// address of another account, [`Error::RateLimited`] where too many were made from that address, [`Error::Busy`] where
    /// too many passwords are being hashed.
    pub async fn register(&self, registration: Registration, client: Client) -> Result<SignIn, Error> {
        if !self.policy.registration_open {
            return Err(Error::RegistrationClosed);
        }
        let (user, password) = self.new_user(registration, self.clock.now())?;
        self.choosable(&user.username)?;
        let place = self.hasher.reserve()?;
        self.count_registration(&client).await?;
        let hash = place.hash(password).await?;

        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        store::users::insert(&tx, &user, &hash).await?;
        store::roles::give(&tx, user.id, &RoleName::from_stored(USER.to_owned())).await?;
        if let Some(network) = Network::of(&client) {
            store::known_addresses::remember(&tx, user.id, &network, now).await?;
        }
        let roles = store::roles::of_user(&tx, user.id).await?;
        let entry = self.entry(Action::UserRegistered, Actor::holder(user.id, None), &client).on(user.id);
        tx.note(entry.changing(None, Standing::of_roles(&roles)));
        let sign_in = self.begin_session(tx, user, &roles, client, now).await?;
        tracing::info!(user = %sign_in.user.id, "registered");
        Ok(sign_in)
    }

    /// Refuses a reserved name to a person who chooses it for their own account.
    pub(super) fn choosable(&self, username: &Username) -> Result<(), Invalid> {
        if self.policy.reserved_names.contain(username) {
            return Err(Invalid::new("username", "This user name is reserved. Choose another one."));
        }
        Ok(())
    }

    /// The account and the password a registration describes, every value parsed.
    pub(super) fn new_user(
        &self,
        registration: Registration,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<(User, Password), Error> {
        let username = Username::parse(&registration.username)?;
        let email = registration.email.as_deref().map(EmailAddress::parse).transpose()?;
        let context = words_of(&username, email.as_ref());
        let words: Vec<&str> = context.iter().map(String::as_str).collect();
        let password = Password::parse(registration.password, self.policy.password, &words)?;
        let user = User {
            id: UserId::new(now),
            username,
            email,
            disabled_at: None,
            deletion_due_at: None,
            created_at: now,
            last_sign_in_at: None,
        };
        Ok((user, password))
    }
}
