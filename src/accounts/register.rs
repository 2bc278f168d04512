//! `register`: a person makes an account, without any role beyond the default one, and is signed in.

use super::{
    Accounts,
    error::Error,
    guessing::{Registering, Waste},
    keyed_lock::Guard,
    sign_in::SignIn,
};
use crate::{
    auth::hasher::Claim,
    domain::{
        audit::{Action, Actor, Standing},
        email::EmailAddress,
        id::UserId,
        invalid::Invalid,
        network::Network,
        password::{NewPassword, PasswordHash},
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
        let registering = self.count_registration(&client).await?;
        let (_turn, hash) = self.hash_counted(&user.username, password, &registering).await?;

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

    /// Hashes the password of a registration that was counted. One that is refused costs its address a part of a registration,
    /// and one that finds no place costs it nothing.
    async fn hash_counted(
        &self,
        username: &Username,
        password: NewPassword,
        registering: &Registering,
    ) -> Result<(Guard, PasswordHash), Error> {
        let hashed = self.hash_in_turn(username, password, registering.claim).await;
        match &hashed {
            Err(Error::Busy) => self.give_back(registering, Waste::Nothing).await?,
            Err(Error::Invalid(_)) => self.give_back(registering, Waste::Judgement).await?,
            _ => {}
        }
        hashed
    }

    /// Registrations of one name come one after the other: of any number at once, those that are too late hash nothing. Whether a
    /// name is taken is decided when the account is written.
    async fn hash_in_turn(
        &self,
        username: &Username,
        password: NewPassword,
        claim: Claim,
    ) -> Result<(Guard, PasswordHash), Error> {
        let turn = self.turn_to_register(username).await?;
        if store::users::named(&self.store, username.key()).await?.is_some() {
            return Err(Error::Taken("username"));
        }
        Ok((turn, self.hash_new(password, claim).await?))
    }

    /// Refuses a reserved name to a person who chooses it for their own account.
    pub(super) fn choosable(&self, username: &Username) -> Result<(), Invalid> {
        if self.policy.reserved_names.contain(username) {
            return Err(Invalid::new("username", "This user name is reserved. Choose another one."));
        }
        Ok(())
    }

    /// The account and the password a registration describes, every value parsed. The password is not judged yet.
    pub(super) fn new_user(
        &self,
        registration: Registration,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<(User, NewPassword), Error> {
        let username = Username::parse(&registration.username)?;
        let email = registration.email.as_deref().map(EmailAddress::parse).transpose()?;
        let context = words_of(&username, email.as_ref());
        let password = NewPassword::parse("password", registration.password, self.policy.password, context)?;
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
