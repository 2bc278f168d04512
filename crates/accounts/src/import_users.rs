//! `importUsers`: imports accounts from another system with their password hashes. Users keep their passwords. Each
//! hash is replaced when its owner first signs in.

use chrono::{DateTime, Utc};

use super::{Accounts, change_users::within_bound, error::Error};
use fieldguard_auth::hasher::Imported;
use fieldguard_domain::{
    audit::{Action, Actor, RecordedState},
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

/// An account of another system.
pub struct ImportedUser {
    /// The name to sign in with.
    pub username: String,
    /// The email address.
    pub email: Option<String>,
    /// The password hash, in one of the formats that [`Hasher::import`](fieldguard_auth::hasher::Hasher::import)
    /// accepts.
    pub password_hash: String,
    /// When the account was created there. Defaults to now.
    pub created_at: Option<DateTime<Utc>>,
    /// Whether the account starts disabled.
    pub disabled: bool,
    /// The values of the profile.
    pub profile: ProfileDraft,
}

/// A parsed item, with its index in the input.
struct Row {
    place: usize,
    user: User,
    hash: Imported,
    profile: Profile,
}

impl Row {
    fn blame(&self, error: Error) -> Error {
        let field = if let Error::Taken(field) = error { field } else { "username" };
        error.at(format!("users.{}.{field}", self.place))
    }
}

impl Accounts {
    /// Creates all of these accounts with the default role, or none.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for too many accounts, and for every value of any item that breaks a rule, including a hash
    /// that cannot be verified or costs too much. [`Error::Item`], which names the item and the field, with
    /// [`Error::Taken`] for the name or address of another account or item. [`Error::RateLimited`] after too many
    /// addresses of other accounts.
    pub async fn import_users(
        &self,
        caller: &Principal,
        users: Vec<ImportedUser>,
        client: &Client,
    ) -> Result<Vec<User>, Error> {
        within_bound("users", users.len())?;
        let now = self.clock.now();
        let rows = users.into_iter().enumerate().map(|(place, user)| self.row(place, user, now));
        let mut rows = every(rows)?;
        // Every import keeps to this order, so that two imports do not deadlock on each other's names.
        rows.sort_by(|one, other| one.user.username.key().cmp(other.user.username.key()));
        let sets_address = rows.iter().any(|row| row.user.email.is_some());
        let inserted = Box::pin(self.insert(caller, rows, now, client));
        self.limiting_address_probes(caller, sets_address, inserted).await
    }

    async fn insert(
        &self,
        caller: &Principal,
        mut rows: Vec<Row>,
        now: DateTime<Utc>,
        client: &Client,
    ) -> Result<Vec<User>, Error> {
        let tx = self.begin(caller).await?;
        refuse_taken_names(&tx, &rows).await?;
        for row in &rows {
            let imported_at = row.hash.outdated.then_some(now);
            let inserted = store::users::insert_imported(&tx, &row.user, &row.hash.hash, imported_at).await;
            inserted.map_err(|error| row.blame(error.into()))?;
            store::profiles::insert(&tx, row.user.id, &row.profile).await?;
            store::roles::give(&tx, row.user.id, &RoleName::from_stored(USER.to_owned())).await?;
            let entry = self.entry(Action::UserImported, Actor::caller(caller), client).on(row.user.id);
            let state = RecordedState::of_state(&row.user);
            tx.note(entry.changing(None, RecordedState { state: state.state, ..RecordedState::holding([USER]) }));
        }
        tx.commit().await?;
        tracing::info!(by = %caller.user(), accounts = rows.len(), "accounts imported");
        rows.sort_by_key(|row| row.place);
        Ok(rows.into_iter().map(|row| row.user).collect())
    }

    fn row(&self, place: usize, user: ImportedUser, now: DateTime<Utc>) -> Result<Row, Problems> {
        self.parse(place, user, now).map_err(|problems| problems.at(|field| format!("users.{place}.{field}")))
    }

    fn parse(&self, place: usize, user: ImportedUser, now: DateTime<Utc>) -> Result<Row, Problems> {
        let hash = self.hasher.import(user.password_hash).ok_or_else(|| {
            let message = "`passwordHash` must be an Argon2, bcrypt or PBKDF2 hash in a supported format and cost.";
            Invalid::new("passwordHash", Reason::UnsupportedHash, message)
        });
        let email = user.email.as_deref().map(EmailAddress::parse).transpose();
        let person = both(Username::parse(&user.username), email);
        let person = both(person, user.profile.parse());
        let (((username, email), profile), (hash, created_at)) =
            both(person, both(hash, made_at(user.created_at, now)))?;
        let user = User {
            // Ids are ordered by the time of creation.
            id: UserId::new(created_at),
            username,
            email,
            disabled_at: user.disabled.then_some(now),
            deletion_due_at: None,
            created_at,
            last_sign_in_at: None,
        };
        Ok(Row { place, user, hash, profile: profile.into_profile() })
    }
}

/// Refuses items with the name of an account or of another item. `rows` must be sorted by name.
async fn refuse_taken_names(tx: &Tx, rows: &[Row]) -> Result<(), Error> {
    let names: Vec<_> = rows.iter().map(|row| &row.user.username).collect();
    let taken = store::users::taken(tx, &names).await?;
    let is_again = |place: usize| place > 0 && names[place - 1].key() == names[place].key();
    let refused = (0..rows.len()).find(|place| taken.contains(names[*place].key()) || is_again(*place));
    refused.map_or(Ok(()), |place| Err(rows[place].blame(Error::Taken("username"))))
}

fn made_at(given: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Invalid> {
    let time = given.unwrap_or(now);
    if time > now || time < DateTime::UNIX_EPOCH {
        return Err(Invalid::new("createdAt", Reason::OutOfRange, "`createdAt` must be between 1970-01-01 and now."));
    }
    Ok(time)
}
