//! The use cases: what people and administrators do, a verb per file, one public method each, all on [`Accounts`]. For front
//! doors such as the GraphQL schema in `fieldguard-api`.
//!
//! A use case parses its input, asks the store and the hasher, and decides what depends on the data: the last administrator, an
//! account that is protected, a name that is taken.
//!
//! ```
//! use fieldguard_accounts::{Accounts, error::Error, register::Registration};
//! use fieldguard_domain::{session::Client, user::User};
//!
//! /// Opens an account for a person who typed these in a form of your own.
//! async fn open(accounts: &Accounts, username: &str, password: &str) -> Result<User, Error> {
//!     let registration =
//!         Registration { username: username.to_owned(), email: None, password: password.to_owned() };
//!     accounts.create_admin(registration).await
//! }
//! ```
//!
//! What it does not do: it does not decide who may call a use case. Rules stand on the fields of the schema, and another front
//! door must guard itself.

pub mod administrators;
pub mod audit;
pub mod change_users;
mod changer;
pub mod clock;
pub mod create_admin;
pub mod create_personal_access_token;
pub mod create_role;
pub mod create_user;
pub mod cursors;
pub mod delete_account;
pub mod delete_role;
mod delete_user;
mod disable_user;
pub mod effect;
mod enable_user;
pub mod error;
pub mod find_user;
mod guessing;
pub mod identify;
mod identify_personal_access_token;
pub mod import_users;
pub mod issue_password_reset;
mod keyed_lock;
pub mod keyring;
pub mod login;
pub mod logout;
pub mod metrics;
pub mod overview;
pub mod personal_access_tokens;
pub mod principals;
pub mod profiles;
pub mod published;
pub mod purge_deleted;
pub mod readiness;
pub mod reauthenticate;
pub mod refresh;
pub mod register;
mod reopen;
pub mod reset_password;
mod restore_user;
pub mod revoke_personal_access_token;
pub mod revoke_user_sessions;
pub mod roles;
pub mod sessions;
mod set_password;
pub mod set_user_roles;
mod shaping;
pub mod sign_in;
pub mod stand_in;
mod standing;
mod taken_addresses;
pub mod unlock_user;
pub mod update_password;
pub mod update_profile;
pub mod update_role;
pub mod update_user;
pub mod user_actions;
pub mod users;

use std::sync::Arc;

use chrono::TimeDelta;

use audit::{Refusals, Trail};
use clock::Clock;
use error::Error;
use fieldguard_auth::{
    cursor::CursorKey,
    hasher::{Claim, Hasher},
    refresh::RefreshKey,
    token::Tokens,
};
use fieldguard_domain::{
    id::UserId,
    password::{NewPassword, PasswordHash, PasswordPolicy},
    permission::Catalogue,
    reserved_names::ReservedNames,
};
use fieldguard_store::{Store, Tx};
use keyed_lock::KeyedLock;
use keyring::Keyring;
use metrics::Counts;
use principals::Principals;
use profiles::Profiles;
use readiness::Readiness;

/// The use cases, with what they share. Cheap to clone.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

/// What [`Accounts`] is made of.
pub struct Shared {
    /// The database.
    pub store: Store,
    /// Hashes and verifies passwords.
    pub hasher: Hasher,
    /// Issues and verifies access tokens.
    pub tokens: Tokens,
    /// Where the keys of access tokens come from.
    pub keyring: Keyring,
    /// Writes positions in lists for clients.
    pub cursors: CursorKey,
    /// Makes and opens refresh tokens.
    pub refresh_key: RefreshKey,
    /// Every permission there is.
    pub catalogue: Catalogue,
    /// What the configuration decides.
    pub policy: Policy,
    /// Where the time comes from.
    pub clock: Clock,
}

/// What the configuration decides about accounts.
#[derive(Debug, Clone)]
pub struct Policy {
    /// May anyone make an account?
    pub registration_open: bool,
    /// Can people sign in with their email address, too?
    pub sign_in_with_email: bool,
    /// What a new password must be.
    pub password: PasswordPolicy,
    /// How long a code that resets a password is good.
    pub reset_lifetime: TimeDelta,
    /// How long a deletion by an administrator can be undone.
    pub deletion_grace: TimeDelta,
    /// User names that people cannot choose for themselves.
    pub reserved_names: ReservedNames,
    /// How many accounts may be made from one address in an hour.
    pub registrations_per_hour: u32,
    /// How long a session lives unused.
    pub session_idle: TimeDelta,
    /// How long a session lives at the most.
    pub session_lifetime: TimeDelta,
    /// How many live sessions an account has at the most.
    pub session_limit: u32,
    /// How long after its exchange a refresh token is answered with the newest pair.
    pub refresh_grace: TimeDelta,
    /// How long rows of the audit trail are kept; nothing for ever.
    pub audit_retention: Option<TimeDelta>,
}

impl std::ops::Deref for Accounts {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0.shared
    }
}

/// [`Shared`] and what the use cases keep in this process, which no one outside may touch.
struct Inner {
    shared: Shared,
    principals: Principals,
    profiles: Profiles,
    sign_ins: KeyedLock,
    counts: Counts,
    readiness: Readiness,
    trail: Trail,
    refusals: Refusals,
}

impl Accounts {
    /// The use cases over these parts.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(Inner {
            trail: Trail::new(shared.store.clone()),
            refusals: Refusals::default(),
            shared,
            principals: Principals::default(),
            profiles: Profiles::default(),
            sign_ins: KeyedLock::default(),
            counts: Counts::default(),
            readiness: Readiness::default(),
        }))
    }

    fn principals(&self) -> &Principals {
        &self.0.principals
    }

    fn trail(&self) -> &Trail {
        &self.0.trail
    }

    fn refusals(&self) -> &Refusals {
        &self.0.refusals
    }

    fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    fn profiles(&self) -> &Profiles {
        &self.0.profiles
    }

    /// Commits a change of what an account may do, and forgets everything that is remembered. Also where the database did not confirm:
    /// the change may have been made, and only the confirmation lost.
    async fn commit(&self, tx: Tx) -> Result<(), Error> {
        let committed = tx.commit().await;
        self.principals().forget_all();
        self.profiles().forget_all();
        Ok(committed?)
    }

    /// Commits a change of what is shown of one account and of nothing it may do.
    async fn commit_profile(&self, tx: Tx, user: UserId) -> Result<(), Error> {
        let committed = tx.commit().await;
        self.profiles().forget(user);
        Ok(committed?)
    }

    /// Judges and hashes a new password, both on the threads for hashing, in a place that `claim` gets.
    async fn hash_new(&self, password: NewPassword, claim: Claim) -> Result<PasswordHash, Error> {
        Ok(self.hasher.reserve(claim)?.hash_new(password).await??)
    }
}
