//! `register`: a user creates an account with the default role only, and is signed in, unless that role requires a second factor.

use chrono::{DateTime, Utc};

use super::{
    Accounts,
    error::Error,
    guessing::{CountedRegistration, RefundReason},
    keyed_lock::Guard,
    sign_in::SignInOutcome,
};
use fieldguard_auth::hasher::Claim;
use fieldguard_domain::{
    audit::{Action, Actor, RecordedState},
    authentication::Methods,
    email::EmailAddress,
    id::UserId,
    invalid::{Invalid, Problems, Reason, both},
    password::{NewPassword, PasswordHash},
    password_strength::words_of,
    role::{RoleName, USER},
    session::Client,
    user::User,
    username::Username,
};
use fieldguard_store::{self as store, users::Credentials};

/// The values of a registration. It has no roles, because users cannot choose their own.
pub struct Registration {
    /// The name to sign in with.
    pub username: String,
    /// The email address.
    pub email: Option<String>,
    /// The password, in clear text.
    pub password: String,
}

impl Accounts {
    /// Creates the account and signs it in.
    ///
    /// # Errors
    ///
    /// [`Error::RegistrationClosed`], [`Error::Invalid`] for a value that breaks a rule or a reserved name,
    /// [`Error::Taken`] for the name or address of another account, [`Error::RateLimited`] after too many registrations
    /// from that address, [`Error::Busy`] if too many passwords are being hashed.
    pub async fn register(&self, registration: Registration, client: Client) -> Result<SignInOutcome, Error> {
        if !self.policy.registration_open {
            return Err(Error::RegistrationClosed);
        }
        let form = self.form(registration, |name| self.check_not_reserved(name));
        let (user, password) = match form {
            Form { person: Err(problems), password: Ok(password) } => {
                return Err(self.with_password_problems(problems, password, &client).await?.into());
            }
            form => form.user(self.clock.now())?,
        };
        let counted = self.count_registration(&client).await?;
        let (_name_lock, hash) = self.hash_or_refund(&user.username, password, &counted).await?;

        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        store::users::insert(&tx, &user, &hash).await?;
        store::roles::give(&tx, user.id, &RoleName::from_stored(USER.to_owned())).await?;
        let roles = store::roles::of_user(&tx, user.id).await?;
        let entry = self.entry(Action::UserRegistered, Actor::holder(user.id, None), &client).on(user.id);
        tx.note(entry.changing(None, RecordedState::of_roles(&roles)));
        self.send_verification(&tx, &user).await?;
        let registered = user.id;
        let held = Credentials { user, hash };
        let outcome = self.proceed(tx, held, &roles, Methods::PASSWORD, client, now).await?;
        tracing::info!(user = %registered, "registered");
        Ok(outcome)
    }

    /// Hashes the password of a counted registration. A refused password costs its address part of a registration. A
    /// registration that gets no hashing place costs nothing.
    async fn hash_or_refund(
        &self,
        username: &Username,
        password: NewPassword,
        counted: &CountedRegistration,
    ) -> Result<(Guard, PasswordHash), Error> {
        let hashed = self.hash_locked(username, password, counted.claim).await;
        match &hashed {
            Err(Error::Busy) => self.refund_registration(counted, RefundReason::NoPlace).await?,
            Err(Error::Invalid(_)) => self.refund_registration(counted, RefundReason::PasswordRefused).await?,
            _ => {}
        }
        hashed
    }

    /// Registrations of one name run one after the other, so that those that come too late hash nothing. Whether a name
    /// is taken is decided when the account is written.
    async fn hash_locked(
        &self,
        username: &Username,
        password: NewPassword,
        claim: Claim,
    ) -> Result<(Guard, PasswordHash), Error> {
        let name_lock = self.lock_registration(username).await?;
        if store::users::named(&self.store, username.key()).await?.is_some() {
            return Err(Error::Taken("username"));
        }
        Ok((name_lock, self.hash_new(password, claim).await?))
    }

    /// Refuses a reserved name to a user who chooses it for their own account.
    pub(super) fn check_not_reserved(&self, username: &Username) -> Result<(), Invalid> {
        if self.policy.reserved_names.contain(username) {
            let message = "This username is reserved. Choose another one.";
            return Err(Invalid::new("username", Reason::Reserved, message));
        }
        Ok(())
    }

    /// Parses a registration. `allow` checks the name. The password's strength is not checked yet.
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

    /// Adds what is wrong with the password to the problems of a refused registration, so that the user sees both at
    /// once. The check costs as much as a weak password in a valid registration. After too many checks, or if no
    /// hashing place is free, the password is not checked.
    async fn with_password_problems(
        &self,
        problems: Problems,
        password: NewPassword,
        client: &Client,
    ) -> Result<Problems, Error> {
        let counted = match self.count_registration(client).await {
            Err(Error::RateLimited { .. }) => return Ok(problems),
            registration => registration?,
        };
        let judged = match self.hasher.reserve(counted.claim) {
            Ok(place) => place.judge(password).await,
            Err(busy) => Err(busy),
        };
        let reason = if judged.is_ok() { RefundReason::PasswordRefused } else { RefundReason::NoPlace };
        self.refund_registration(&counted, reason).await?;
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
    /// The account and its password, whose strength is not checked yet.
    ///
    /// # Errors
    ///
    /// All problems of both.
    pub(super) fn user(self, now: DateTime<Utc>) -> Result<(User, NewPassword), Problems> {
        let ((username, email), password) = both(self.person, self.password)?;
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
        Ok((user, password))
    }
}
