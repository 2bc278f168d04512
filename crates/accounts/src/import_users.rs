//! `importUsers`, and `users import` on the command line: imports accounts from another system with their password
//! hashes. Users keep their passwords. Each hash is replaced when its owner first signs in.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::{Accounts, change_users::within_bound, changer::Changer, error::Error};
use fieldguard_auth::{hasher::Imported, totp};
use fieldguard_domain::{
    audit::{Action, RecordedState},
    email::EmailAddress,
    id::UserId,
    invalid::{Invalid, Problems, Reason, both, every},
    principal::Principal,
    profile::{Profile, ProfileDraft},
    role::{RoleName, USER},
    session::Client,
    user::User,
    username::Username,
};
use fieldguard_store::{self as store, Tx};

/// How other systems mark an account without a password in place of its hash.
const NO_PASSWORD: char = '!';

/// An account of another system.
#[derive(Default)]
pub struct ImportedUser {
    /// The id, a UUID. Defaults to a new one.
    pub id: Option<String>,
    /// The name to sign in with.
    pub username: String,
    /// The email address.
    pub email: Option<String>,
    /// Whether the other system verified the address.
    pub email_verified: bool,
    /// The password hash, in one of the formats that [`Hasher::import`](fieldguard_auth::hasher::Hasher::import)
    /// accepts. `None`, and text that begins with `!`, stand for an account without a password.
    pub password_hash: Option<String>,
    /// The secret of the user's authenticator app, in base32: TOTP with SHA-1, six digits and 30 seconds.
    pub totp_secret: Option<String>,
    /// The names of the roles. Defaults to `user`.
    pub roles: Option<Vec<String>>,
    /// When the account was created there. Defaults to now.
    pub created_at: Option<DateTime<Utc>>,
    /// Whether the account starts disabled.
    pub disabled: bool,
    /// The values of the profile.
    pub profile: ProfileDraft,
}

/// What happens to a user whose id or username exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// They are refused.
    Reject,
    /// They are left out, and the existing account stays as it is.
    Skip,
}

/// The result of an import. Users are named by their index in the input.
#[derive(Debug, Default)]
pub struct Import {
    /// The imported accounts, in the order of the input.
    pub users: Vec<User>,
    /// Those left out because their id or username exists.
    pub skipped: Vec<usize>,
    /// Those refused, with a problem for each value. Only for an operator; a caller imports all or nothing.
    pub refused: Vec<(usize, Problems)>,
}

/// A parsed item, with its index in the input.
struct Row {
    place: usize,
    user: User,
    hash: Imported,
    totp_secret: Option<Zeroizing<Vec<u8>>>,
    roles: BTreeSet<RoleName>,
    profile: Profile,
}

impl Row {
    fn blame(&self, error: Error) -> Error {
        let field = if let Error::Taken(field) = error { field } else { "username" };
        error.at(format!("users.{}.{field}", self.place))
    }
}

/// The rows that can be inserted, and the others.
#[derive(Default)]
struct Sorted {
    fitting: Vec<Row>,
    skipped: Vec<usize>,
    /// The row, the field and why.
    refused: Vec<(usize, &'static str, Error)>,
}

/// What existing accounts have of the values of an import.
struct Existing {
    names: BTreeSet<String>,
    emails: BTreeSet<String>,
    ids: BTreeSet<UserId>,
}

impl Accounts {
    /// Creates all of these accounts, or none. Those whose id or username exists are left out if `on_conflict` says so.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for too many accounts, and for every value of any item that breaks a rule, including a hash
    /// that cannot be verified or costs too much. [`Error::Item`], which names the item and the field, with
    /// [`Error::Taken`] for the id, name or address of another account or item, or with [`Error::BeyondOwn`] for roles
    /// that the caller may not give. [`Error::RateLimited`] after too many addresses of other accounts.
    pub async fn import_users(
        &self,
        caller: &Principal,
        users: Vec<ImportedUser>,
        on_conflict: OnConflict,
        client: &Client,
    ) -> Result<Import, Error> {
        within_bound("users", users.len())?;
        let now = self.clock.now();
        let rows = users.into_iter().enumerate().map(|(place, user)| {
            self.row(place, user, now).map_err(|problems| problems.at(|field| format!("users.{place}.{field}")))
        });
        let rows = every(rows)?;
        let sets_address = rows.iter().any(|row| row.user.email.is_some());
        let imported = Box::pin(self.import_all(caller, rows, on_conflict, client));
        self.limiting_address_probes(caller, sets_address, imported).await
    }

    /// Creates those of these accounts that can be created, as an operator asks for it on the command line. A dry run
    /// creates none.
    ///
    /// # Errors
    ///
    /// [`Error::Item`] if another change took a name or an address in the meantime; nothing was imported.
    pub async fn import_users_by_operator(
        &self,
        users: Vec<ImportedUser>,
        on_conflict: OnConflict,
        is_dry_run: bool,
    ) -> Result<Import, Error> {
        let now = self.clock.now();
        let (mut rows, mut refused) = (Vec::new(), Vec::new());
        for (place, user) in users.into_iter().enumerate() {
            match self.row(place, user, now) {
                Ok(row) => rows.push(row),
                Err(problems) => refused.push((place, problems)),
            }
        }
        let tx = self.begin(Changer::Operator).await?;
        let sorted = self.sort(&tx, Changer::Operator, rows, on_conflict).await?;
        for (place, field, error) in sorted.refused {
            refused.push((place, problem(field, error)?));
        }
        let users = self.insert(&tx, Changer::Operator, sorted.fitting, &Client::default()).await?;
        if !is_dry_run {
            tx.commit().await?;
        }
        Ok(Import { users, skipped: sorted.skipped, refused })
    }

    async fn import_all(
        &self,
        caller: &Principal,
        rows: Vec<Row>,
        on_conflict: OnConflict,
        client: &Client,
    ) -> Result<Import, Error> {
        let by = Changer::Caller(caller);
        let tx = self.begin(by).await?;
        let mut sorted = self.sort(&tx, by, rows, on_conflict).await?;
        // A taken name is refused before an address, which would otherwise tell that all addresses are free.
        sorted.refused.sort_by_key(|(_, field, _)| *field == "email");
        if let Some((place, field, error)) = sorted.refused.into_iter().next() {
            return Err(error.at(format!("users.{place}.{field}")));
        }
        let users = self.insert(&tx, by, sorted.fitting, client).await?;
        tx.commit().await?;
        tracing::info!(by = %caller.user(), accounts = users.len(), "accounts imported");
        Ok(Import { users, skipped: sorted.skipped, refused: Vec::new() })
    }

    /// Tells which rows can be inserted. An address is looked at last, and the name of a refused row counts as taken:
    /// otherwise the refusal of an import would tell whether its addresses are free.
    async fn sort(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        mut rows: Vec<Row>,
        on_conflict: OnConflict,
    ) -> Result<Sorted, Error> {
        // Every import keeps to this order, so that two imports do not deadlock on each other's names.
        rows.sort_by(|one, other| one.user.username.key().cmp(other.user.username.key()));
        let mut existing = Existing::read(tx, &rows).await?;
        let (stored, mut sorted) = (existing.clone_of_accounts(), Sorted::default());
        for row in rows {
            if on_conflict == OnConflict::Skip && stored.has_account(&row.user) {
                sorted.skipped.push(row.place);
            } else if let Some(field) = existing.taken_name(&row.user) {
                sorted.refused.push((row.place, field, Error::Taken(field)));
            } else if let Err(error) = self.require_roles(tx, by, &row.roles).await {
                existing.add_name(&row.user);
                sorted.refused.push((row.place, "roles", error));
            } else if existing.has_address(&row.user) {
                existing.add_name(&row.user);
                sorted.refused.push((row.place, "email", Error::Taken("email")));
            } else {
                existing.add_name(&row.user);
                existing.emails.extend(row.user.email.as_ref().map(|email| email.key().to_owned()));
                sorted.fitting.push(row);
            }
        }
        sorted.skipped.sort_unstable();
        Ok(sorted)
    }

    /// Refuses roles that the changer may not give. The right to import includes the default role.
    async fn require_roles(&self, tx: &Tx, by: Changer<'_>, roles: &BTreeSet<RoleName>) -> Result<(), Error> {
        let names: Vec<_> = roles.iter().filter(|role| role.as_str() != USER).cloned().collect();
        if names.is_empty() {
            return Ok(());
        }
        if !by.may_assign_roles() {
            return Err(Error::BeyondOwn);
        }
        self.givable(tx, by, &[], &names).await.map(drop)
    }

    /// Inserts the rows. Returns the accounts in the order of the input.
    async fn insert(&self, tx: &Tx, by: Changer<'_>, mut rows: Vec<Row>, client: &Client) -> Result<Vec<User>, Error> {
        let now = self.clock.now();
        for row in &rows {
            let imported_at = row.hash.outdated.then_some(now);
            let inserted = store::users::insert_imported(tx, &row.user, &row.hash.hash, imported_at).await;
            inserted.map_err(|error| row.blame(error.into()))?;
            if let Some(secret) = &row.totp_secret {
                let sealed = self.encryption.key_for_new_secret()?.seal(row.user.id, secret);
                store::second_factors::put_secret(tx, row.user.id, sealed, now).await?;
            }
            store::profiles::insert(tx, row.user.id, &row.profile).await?;
            for role in &row.roles {
                store::roles::give(tx, row.user.id, role).await?;
            }
            let entry = self.entry(Action::UserImported, by.actor(), client).on(row.user.id);
            let state = RecordedState::of_state(&row.user);
            let roles = RecordedState::holding(row.roles.iter().map(RoleName::as_str));
            tx.note(entry.changing(None, RecordedState { state: state.state, ..roles }));
        }
        rows.sort_by_key(|row| row.place);
        Ok(rows.into_iter().map(|row| row.user).collect())
    }

    fn row(&self, place: usize, user: ImportedUser, now: DateTime<Utc>) -> Result<Row, Problems> {
        let email = user.email.as_deref().map(EmailAddress::parse).transpose();
        let person = both(both(user.id.as_deref().map(parse_id).transpose(), Username::parse(&user.username)), email);
        let person = both(person, both(user.profile.parse(), roles(user.roles.as_deref())));
        let hash = self.imported_hash(user.password_hash);
        let credentials = both(hash, user.totp_secret.as_deref().map(totp_secret).transpose());
        let ((((id, username), email), (profile, roles)), ((hash, totp_secret), created_at)) =
            both(person, both(credentials, made_at(user.created_at, now)))?;
        let user = User {
            // Ids are ordered by the time of creation.
            id: id.unwrap_or_else(|| UserId::new(created_at)),
            username,
            email_verified_at: email.as_ref().filter(|_| user.email_verified).map(|_| now),
            email,
            disabled_at: user.disabled.then_some(now),
            deletion_due_at: None,
            created_at,
            last_sign_in_at: None,
            totp_since: totp_secret.as_ref().map(|_| now),
        };
        Ok(Row { place, user, hash, totp_secret, roles, profile: profile.into_profile() })
    }

    /// The hash, or one that no password matches.
    fn imported_hash(&self, text: Option<String>) -> Result<Imported, Invalid> {
        let Some(text) = text.filter(|text| !text.starts_with(NO_PASSWORD)) else {
            return Ok(Imported { hash: self.hasher.unmatched(), outdated: false });
        };
        let imported = self.hasher.import(&text);
        imported.map_err(|reason| Invalid::new("passwordHash", Reason::UnsupportedHash, reason.to_string()))
    }
}

impl Existing {
    async fn read(tx: &Tx, rows: &[Row]) -> Result<Self, Error> {
        let names: Vec<_> = rows.iter().map(|row| &row.user.username).collect();
        let emails: Vec<_> = rows.iter().filter_map(|row| row.user.email.as_ref()).collect();
        let ids: Vec<_> = rows.iter().map(|row| row.user.id).collect();
        Ok(Self {
            names: store::users::taken(tx, &names).await?,
            emails: store::users::taken_addresses(tx, &emails).await?,
            ids: store::users::existing(tx, &ids).await?,
        })
    }

    /// The names and ids.
    fn clone_of_accounts(&self) -> Self {
        Self { names: self.names.clone(), emails: BTreeSet::new(), ids: self.ids.clone() }
    }

    fn has_account(&self, user: &User) -> bool {
        self.names.contains(user.username.key()) || self.ids.contains(&user.id)
    }

    /// The field that names the account, if its value is taken.
    fn taken_name(&self, user: &User) -> Option<&'static str> {
        let fields = [(self.names.contains(user.username.key()), "username"), (self.ids.contains(&user.id), "id")];
        fields.into_iter().find_map(|(is_taken, field)| is_taken.then_some(field))
    }

    fn has_address(&self, user: &User) -> bool {
        user.email.as_ref().is_some_and(|email| self.emails.contains(email.key()))
    }

    fn add_name(&mut self, user: &User) {
        self.names.insert(user.username.key().to_owned());
        self.ids.insert(user.id);
    }
}

/// The refusal of one row as a problem of its input; other errors end the import.
fn problem(field: &'static str, error: Error) -> Result<Problems, Error> {
    match error {
        Error::Taken(_) => Ok(Invalid::new(field, Reason::Taken, format!("Another user has this `{field}`.")).into()),
        Error::Invalid(problems) => Ok(problems),
        other => Err(other),
    }
}

fn parse_id(text: &str) -> Result<UserId, Invalid> {
    let message = "`id` must be a UUID in lower case with hyphens.";
    let id = UserId::parse(text).filter(|id| !id.uuid().is_nil());
    id.ok_or_else(|| Invalid::new("id", Reason::InvalidFormat, message))
}

fn totp_secret(base32: &str) -> Result<Zeroizing<Vec<u8>>, Invalid> {
    let message = "`totpSecret` must have 16 to 64 bytes in base32.";
    totp::parse_secret(base32).ok_or_else(|| Invalid::new("totpSecret", Reason::InvalidFormat, message))
}

fn roles(names: Option<&[String]>) -> Result<BTreeSet<RoleName>, Invalid> {
    let Some(names) = names else { return Ok([RoleName::from_stored(USER.to_owned())].into()) };
    names.iter().map(|name| RoleName::parse(name)).collect::<Result<_, _>>().map_err(|invalid| invalid.at("roles"))
}

fn made_at(given: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Invalid> {
    let time = given.unwrap_or(now);
    if time > now || time < DateTime::UNIX_EPOCH {
        return Err(Invalid::new("createdAt", Reason::OutOfRange, "`createdAt` must be between 1970-01-01 and now."));
    }
    Ok(time)
}
