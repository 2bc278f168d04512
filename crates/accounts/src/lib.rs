//! The use cases: what users and administrators do. Each file holds one verb, with one public method on [`Accounts`].
//! Frontends such as the GraphQL schema in `fieldguard-api` call them.
//!
//! A use case parses its input, calls the store and the hasher, and decides what depends on the data: whether the
//! account is the last administrator or protected, and whether a name is taken.
//!
//! ```
//! use fieldguard_accounts::{Accounts, error::Error, register::Registration};
//! use fieldguard_domain::{session::Client, user::User};
//!
//! /// Creates an account from values that a user typed into your own form.
//! async fn open(accounts: &Accounts, username: &str, password: &str) -> Result<User, Error> {
//!     let registration =
//!         Registration { username: username.to_owned(), email: None, password: password.to_owned() };
//!     accounts.create_admin(registration).await
//! }
//! ```
//!
//! Use cases do not check who may call them. In the GraphQL schema, rules on the fields do that. Another frontend must
//! check access itself.

pub mod account_cache;
pub mod administrators;
pub mod audit;
mod begin_change;
pub mod change_users;
mod changer;
mod claim_mails;
pub mod claim_webhook_events;
pub mod clock;
pub mod complete_sign_in;
pub mod create_admin;
pub mod create_personal_access_token;
pub mod create_recovery_codes;
pub mod create_role;
pub mod create_user;
pub mod cursors;
pub mod delete_account;
pub mod delete_role;
mod delete_user;
mod disable_user;
pub mod effect;
mod enable_user;
pub mod encryption;
pub mod enroll_totp;
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
pub mod mail;
pub mod metrics;
pub mod next_step;
pub mod overview;
pub mod pending_sign_in;
pub mod personal_access_tokens;
mod prepare_mail;
pub mod principals;
pub mod profiles;
pub mod published;
pub mod purge_deleted;
mod reactivate;
pub mod readiness;
pub mod reauthenticate;
pub mod refresh;
pub mod register;
mod remembered;
pub mod remove_totp;
pub mod replay_webhook_events;
mod request_email_verification;
mod request_password_reset;
pub mod reset_password;
pub mod reset_second_factor;
mod restore_user;
pub mod revoke_personal_access_token;
pub mod revoke_user_sessions;
mod role_rules;
pub mod roles;
mod second_factor_code;
pub mod sessions;
mod set_password;
pub mod set_user_roles;
mod settle_mail;
pub mod settle_webhook_event;
pub mod sign_in;
pub mod substitute_principal;
mod taken_addresses;
mod undo_email_change;
pub mod unlock_user;
pub mod update_password;
pub mod update_profile;
pub mod update_role;
pub mod update_user;
pub mod user_actions;
pub mod users;
mod verify_email;
pub mod webhook_events;

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;

use account_cache::AccountCache;
use audit::{AuditWriter, Refusals};
use clock::Clock;
use encryption::Encryption;
use error::Error;
use fieldguard_auth::{
    cursor::CursorKey,
    hasher::{Claim, Hasher},
    refresh::RefreshKey,
    token::Tokens,
};
use fieldguard_domain::{
    claims::Claims,
    id::UserId,
    password::{NewPassword, PasswordHash, PasswordPolicy},
    permission::Catalogue,
    reserved_names::ReservedNames,
    role::RoleName,
    webhook_event::RetryPolicy,
};
use fieldguard_store::{Store, Tx};
use keyed_lock::KeyedLock;
use keyring::Keyring;
use mail::MailPolicy;
use metrics::Counts;
use overview::Totals;
use principals::Principals;
use readiness::Readiness;

/// The use cases and their shared state. Cheap to clone.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

/// The parts that [`Accounts`] needs.
pub struct Shared {
    /// The database.
    pub store: Store,
    /// Hashes and verifies passwords.
    pub hasher: Hasher,
    /// Issues and verifies access tokens.
    pub tokens: Tokens,
    /// The source of the keys that sign access tokens.
    pub keyring: Keyring,
    /// Encodes list positions as cursors for clients.
    pub cursors: CursorKey,
    /// Creates and opens refresh tokens.
    pub refresh_key: RefreshKey,
    /// Encrypts secrets in the database.
    pub encryption: Encryption,
    /// All permissions that exist.
    pub catalogue: Catalogue,
    /// The configuration of accounts.
    pub policy: Policy,
    /// The source of the time.
    pub clock: Clock,
}

/// The configuration of accounts.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Whether anyone may register an account.
    pub registration_open: bool,
    /// Whether users can also sign in with their email address.
    pub sign_in_with_email: bool,
    /// The names of the roles that require a second factor, and so of the roles that include them.
    pub second_factor_roles: BTreeSet<RoleName>,
    /// The requirements for a new password.
    pub password: PasswordPolicy,
    /// How long a password reset code is valid.
    pub reset_lifetime: TimeDelta,
    /// How long a deletion by an administrator can be undone.
    pub deletion_grace: TimeDelta,
    /// Usernames that users cannot choose for themselves.
    pub reserved_names: ReservedNames,
    /// How many accounts may be registered from one address per hour.
    pub registrations_per_hour: u32,
    /// How long a session stays valid without use.
    pub session_idle: TimeDelta,
    /// How long a session stays valid at most.
    pub session_lifetime: TimeDelta,
    /// How many live sessions an account can have.
    pub session_limit: u32,
    /// How long after its exchange a refresh token is still answered with the newest pair.
    pub refresh_grace: TimeDelta,
    /// How long audit events are kept. `None` keeps them forever.
    pub audit_retention: Option<TimeDelta>,
    /// The claims from users' profiles that access tokens carry.
    pub claims: Claims,
    /// How webhook events are delivered. `None` if no receiver is configured.
    pub webhooks: Option<WebhookPolicy>,
    /// How mail is sent. `None` if the server sends none.
    pub mail: Option<MailPolicy>,
}

/// How webhook events are delivered.
#[derive(Debug, Clone)]
pub struct WebhookPolicy {
    /// When attempts are repeated, and for how long.
    pub retry: RetryPolicy,
    /// How long a process may take for one attempt. After that, another process may make the next.
    pub lease: TimeDelta,
    /// How long delivered and dead events are kept.
    pub retention: TimeDelta,
}

impl std::ops::Deref for Accounts {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0.shared
    }
}

/// [`Shared`], plus state of this process that only the use cases may access.
struct Inner {
    shared: Shared,
    principals: Principals,
    account_cache: AccountCache,
    sign_ins: KeyedLock,
    counts: Counts,
    readiness: Readiness,
    audit_writer: AuditWriter,
    refusals: Refusals,
    totals: Totals,
}

impl Accounts {
    /// Creates the use cases from these parts.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(Inner {
            audit_writer: AuditWriter::new(shared.store.clone()),
            refusals: Refusals::default(),
            totals: Totals::default(),
            shared,
            principals: Principals::default(),
            account_cache: AccountCache::default(),
            sign_ins: KeyedLock::default(),
            counts: Counts::default(),
            readiness: Readiness::default(),
        }))
    }

    fn principals(&self) -> &Principals {
        &self.0.principals
    }

    fn audit_writer(&self) -> &AuditWriter {
        &self.0.audit_writer
    }

    fn refusals(&self) -> &Refusals {
        &self.0.refusals
    }

    fn totals(&self) -> &Totals {
        &self.0.totals
    }

    fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    fn account_cache(&self) -> &AccountCache {
        &self.0.account_cache
    }

    /// Commits a change of what an account may do, and clears the caches. It clears them even if the database did not
    /// confirm the commit, because the change may have been made all the same.
    async fn commit(&self, tx: Tx) -> Result<(), Error> {
        let committed = tx.commit().await;
        self.forget_rights();
        Ok(committed?)
    }

    /// Clears the caches of what accounts may do.
    fn forget_rights(&self) {
        self.principals().forget_all();
        self.account_cache().forget_all();
    }

    /// Commits a change of one account's profile that changes no rights.
    async fn commit_profile(&self, tx: Tx, user: UserId) -> Result<(), Error> {
        let committed = tx.commit().await;
        self.account_cache().forget(user);
        Ok(committed?)
    }

    /// Checks and hashes a new password on the hashing threads, in a place that `claim` gets.
    async fn hash_new(&self, password: NewPassword, claim: Claim) -> Result<PasswordHash, Error> {
        Ok(self.hasher.reserve(claim)?.hash_new(password).await??)
    }
}
