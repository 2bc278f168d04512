//! `register`: a person makes an account, without any role beyond the default one, and is signed in.

use chrono::{DateTime, Utc};

use super::{
    Accounts,
    error::Error,
    guessing::{Registering, Waste},
    keyed_lock::Guard,
    sign_in::SignIn,
};
use fieldguard_auth::hasher::Claim;
use fieldguard_domain::{
    audit::{Action, Actor, Standing},
    email::EmailAddress,
    id::UserId,
    invalid::{Invalid, Problems, Reason, both},
    network::Network,
    password::{NewPassword, PasswordHash},
    password_strength::words_of,
    role::{RoleName, USER},
    session::Client,
    user::User,
    username::Username,
};
use fieldguard_store as store;

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
        let form = self.form(registration, |name| self.choosable(name));
        let (user, password) = match form {
            Form { person: Err(problems), password: Ok(password) } => {
                return Err(self.judged_beside(problems, password, &client).await?.into());
            }
            form => form.user(self.clock.now())?,
        };
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
            let message = "This user name is reserved. Choose another one.";
            return Err(Invalid::new("username", Reason::Reserved, message));
        }
        Ok(())
    }

    /// What a registration describes. The name is one that `allow` allows, and the password is not judged yet.
    pub(super) fn form(
        &self,
        registration: Registration,
        allow: impl FnOnce(&Username) -> Result<(), Invalid>,
    ) -> Form {
        let username = Username::parse(&registration.username).and_then(|name| allow(&name).map(|()| name));
        let email = registration.email.as_deref().map(EmailAddress::parse).transpose();
        let address = email.as_ref().ok().and_then(Option::as_ref);
        let context = username.as_ref().map(|name| words_of(name, address)).unwrap_or_default();
        let password = NewPassword::parse("password", registration.password, self.policy.password, context);
        Form { person: both(username, email), password }
    }

    /// The problems of a registration that is refused anyway, and what is wrong with its password, so that a person hears of
    /// both at once. To judge it costs what a weak password of a good registration costs; where too many were judged, or no
    /// place is free, that problem is told later.
    async fn judged_beside(
        &self,
        problems: Problems,
        password: NewPassword,
        client: &Client,
    ) -> Result<Problems, Error> {
        let registering = match self.count_registration(client).await {
            Err(Error::RateLimited { .. }) => return Ok(problems),
            counted => counted?,
        };
        let judged = match self.hasher.reserve(registering.claim) {
            Ok(place) => place.judge(password).await,
            Err(busy) => Err(busy),
        };
        let waste = if judged.is_ok() { Waste::Judgement } else { Waste::Nothing };
        self.give_back(&registering, waste).await?;
        Ok(match judged {
            Ok(Err(weak)) => problems.and(weak.into()),
            _ => problems,
        })
    }
}

/// The values of a registration, each parsed or refused.
pub(super) struct Form {
    person: Result<(Username, Option<EmailAddress>), Problems>,
    password: Result<NewPassword, Invalid>,
}

impl Form {
    /// The account and its password, which is not judged yet.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with either.
    pub(super) fn user(self, now: DateTime<Utc>) -> Result<(User, NewPassword), Problems> {
        let ((username, email), password) = both(self.person, self.password)?;
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
