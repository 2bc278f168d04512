//! `importUsers`: accounts come over from another system with the hashes of their passwords, which people go on using. Each
//! hash is made anew when its owner first signs in.

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error, many::bounded};
use crate::{
    auth::hasher::Imported,
    domain::{
        audit::{Action, Actor, Standing},
        email::EmailAddress,
        id::UserId,
        invalid::Invalid,
        principal::Principal,
        role::{RoleName, USER},
        session::Client,
        user::User,
        username::Username,
    },
    store,
};

/// An account of another system.
pub struct ImportedUser {
    /// The name to sign in with.
    pub username: String,
    /// The address for mail.
    pub email: Option<String>,
    /// The hash of the password, in one of the forms that [`Hasher::import`](crate::auth::hasher::Hasher::import) takes.
    pub password_hash: String,
    /// When the account was made there; now, where that is not known.
    pub created_at: Option<DateTime<Utc>>,
    /// Is it to be disabled?
    pub disabled: bool,
}

/// What a row describes, and which row it was.
struct Row {
    place: usize,
    user: User,
    hash: Imported,
}

impl Row {
    fn blame(&self, error: Error) -> Error {
        let field = if let Error::Taken(field) = error { field } else { "username" };
        error.at(format!("users.{}.{field}", self.place))
    }
}

impl Accounts {
    /// Makes all of these accounts with the default role, or none.
    ///
    /// # Errors
    ///
    /// An [`Error::Item`] that names the row and its field: [`Error::Invalid`] for a value that breaks a rule, a hash that
    /// cannot be verified or costs too much among them, [`Error::Taken`] for a name or address of another account or row.
    /// [`Error::Invalid`] for too many, [`Error::RateLimited`] after too many addresses of other accounts.
    pub async fn import_users(
        &self,
        caller: &Principal,
        users: Vec<ImportedUser>,
        client: &Client,
    ) -> Result<Vec<User>, Error> {
        bounded("users", users.len())?;
        let now = self.clock.now();
        let rows = users.into_iter().enumerate().map(|(place, user)| self.row(place, user, now));
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        // In an order that every import keeps to, so that two of them do not wait for each other's names.
        rows.sort_by(|one, other| one.user.username.key().cmp(other.user.username.key()));
        let sets_address = rows.iter().any(|it| it.user.email.is_some());
        let inserted = Box::pin(self.insert(caller, rows, now, client));
        self.heeding_addresses(caller, sets_address, inserted).await
    }

    async fn insert(
        &self,
        caller: &Principal,
        mut rows: Vec<Row>,
        now: DateTime<Utc>,
        client: &Client,
    ) -> Result<Vec<User>, Error> {
        let tx = self.begin(caller).await?;
        for row in &rows {
            let imported_at = row.hash.outdated.then_some(now);
            let inserted = store::users::insert_imported(&tx, &row.user, &row.hash.hash, imported_at).await;
            inserted.map_err(|it| row.blame(it.into()))?;
            store::roles::give(&tx, row.user.id, &RoleName::from_stored(USER.to_owned())).await?;
            let entry = self.entry(Action::UserImported, Actor::caller(caller), client).on(row.user.id);
            let state = Standing::of_state(&row.user);
            tx.note(entry.changing(None, Standing { state: state.state, ..Standing::holding([USER]) }));
        }
        tx.commit().await?;
        tracing::info!(by = %caller.user(), accounts = rows.len(), "accounts imported");
        rows.sort_by_key(|it| it.place);
        Ok(rows.into_iter().map(|it| it.user).collect())
    }

    fn row(&self, place: usize, user: ImportedUser, now: DateTime<Utc>) -> Result<Row, Error> {
        self.parse(user, now)
            .map(|(user, hash)| Row { place, user, hash })
            .map_err(|it| Error::from(it.clone()).at(format!("users.{place}.{}", it.field)))
    }

    fn parse(&self, user: ImportedUser, now: DateTime<Utc>) -> Result<(User, Imported), Invalid> {
        let created_at = user.created_at.unwrap_or(now);
        if created_at > now || created_at < DateTime::UNIX_EPOCH {
            return Err(Invalid::new("createdAt", "An account was made between 1970 and now."));
        }
        let hash = self.hasher.import(user.password_hash).ok_or_else(|| {
            let reason = "This is no hash of Argon2, bcrypt or PBKDF2 in a form and at a cost that this server takes.";
            Invalid::new("passwordHash", reason)
        })?;
        let user = User {
            // Identifiers follow the time of making.
            id: UserId::new(created_at),
            username: Username::parse(&user.username)?,
            email: user.email.as_deref().map(EmailAddress::parse).transpose()?,
            disabled_at: user.disabled.then_some(now),
            deletion_due_at: None,
            created_at,
            last_sign_in_at: None,
        };
        Ok((user, hash))
    }
}
