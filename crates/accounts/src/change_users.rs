//! One change to one user or to many: all of them or none. Each user is changed once, in an order that every such change
//! keeps to, so that no two of them wait for each other. What a change does to a user is in a file of its own, such as
//! `disable_user`.

use std::fmt;

use super::{Accounts, changer::Changer, effect::Effect, error::Error, set_user_roles::RoleAssignment};
use fieldguard_domain::{
    id::UserId,
    invalid::{Invalid, Reason},
    principal::Principal,
    session::Client,
    user::User,
};
use fieldguard_store::Tx;

/// How many users one change takes at the most: other administrators wait for its transaction.
pub const MAX_USERS: usize = 100;

/// A change that administrators make to users.
#[derive(Debug)]
pub enum UserChange {
    /// They can't sign in. See `disable_user`.
    Disable,
    /// They can sign in again. See `enable_user`.
    Enable,
    /// Their deletion is scheduled. See `delete_user`.
    Delete,
    /// Their scheduled deletion is undone. See `restore_user`.
    Restore,
    /// They get these roles. See [`set_user_roles`](super::set_user_roles).
    SetRoles(RoleAssignment),
}

impl UserChange {
    /// Whether the change can leave the server without an enabled administrator.
    const fn can_remove_administrators(&self) -> bool {
        matches!(self, Self::Disable | Self::Delete | Self::SetRoles(_))
    }
}

/// As the log names it.
impl fmt::Display for UserChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disable => f.write_str("disable"),
            Self::Enable => f.write_str("enable"),
            Self::Delete => f.write_str("delete"),
            Self::Restore => f.write_str("restore"),
            Self::SetRoles(roles) => write!(f, "set roles: {roles}"),
        }
    }
}

/// One of the users that a change names, and its place in the input.
struct Target {
    user: UserId,
    place: usize,
}

impl Accounts {
    /// Changes a user. Returns the user as they are after the change, and how many sessions it revoked or affected.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown user, [`Error::Protected`] where the user is protected and the caller lacks one of
    /// their permissions, [`Error::LastAdministrator`], and what the change says.
    pub async fn change_user(
        &self,
        caller: &Principal,
        change: &UserChange,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        self.change_one(Changer::Caller(caller), change, user, client).await
    }

    /// The same, as an operator asks for it on the command line, who needs no permission.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown user, [`Error::LastAdministrator`], and what the change says.
    pub async fn change_user_by_operator(&self, change: &UserChange, user: UserId) -> Result<(User, Effect), Error> {
        self.change_one(Changer::Operator, change, user, &Client::default()).await
    }

    /// Changes all of these users, or none. Returns them in the order in which they were named, each once.
    ///
    /// # Errors
    ///
    /// As [`Accounts::change_user`], as an [`Error::Item`] where it is about one of them; [`Error::Invalid`] for more than
    /// [`MAX_USERS`].
    pub async fn change_users(
        &self,
        caller: &Principal,
        change: &UserChange,
        users: &[UserId],
        client: &Client,
    ) -> Result<(Vec<User>, Effect), Error> {
        let targets = targets(users)?;
        let tx = self.begin(caller).await?;
        let administrators = self.lock_administrators(&tx).await?;
        let (mut changed, mut sessions) = (Vec::with_capacity(targets.len()), 0);
        for target in targets {
            let done = self.apply(&tx, Changer::Caller(caller), change, target.user, client).await;
            let (user, touched) = done.map_err(|error| target.blame(error))?;
            changed.push(user);
            sessions += touched;
        }
        if change.can_remove_administrators() {
            administrators.require_one_left(&tx).await?;
        }
        let effect = self.commit_change(tx, sessions).await?;
        tracing::info!(by = %caller.user(), %change, users = changed.len(), sessions, "users changed");
        changed.sort_by_key(|user| users.iter().position(|named| *named == user.id));
        Ok((changed, effect))
    }

    async fn change_one(
        &self,
        by: Changer<'_>,
        change: &UserChange,
        user: UserId,
        client: &Client,
    ) -> Result<(User, Effect), Error> {
        let tx = self.begin(by).await?;
        let administrators = self.lock_administrators(&tx).await?;
        let (changed, sessions) = self.apply(&tx, by, change, user, client).await?;
        if change.can_remove_administrators() {
            administrators.require_one_left(&tx).await?;
        }
        let effect = self.commit_change(tx, sessions).await?;
        tracing::info!(%by, %change, %user, sessions, "user changed");
        Ok((changed, effect))
    }

    /// The user after the change, and how many sessions it revoked or affected.
    async fn apply(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        change: &UserChange,
        user: UserId,
        client: &Client,
    ) -> Result<(User, u64), Error> {
        match change {
            UserChange::Disable => self.disable(tx, by, user, client).await,
            UserChange::Enable => self.enable(tx, by, user, client).await,
            UserChange::Delete => self.schedule_deletion(tx, by, user, client).await,
            UserChange::Restore => self.restore(tx, by, user, client).await,
            UserChange::SetRoles(roles) => self.assign(tx, by, roles, user, client).await,
        }
    }
}

impl Target {
    /// The error as one about this user. A value that is the same for all users is about none of them.
    fn blame(&self, error: Error) -> Error {
        if matches!(error, Error::Invalid(_)) { error } else { error.at(format!("userIds.{}", self.place)) }
    }
}

impl Error {
    /// The same error about the value in `field`, a path in the input; a failure of the server is about no value.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> Self {
        match self {
            Self::Store(_) | Self::Hashing | Self::RateLimited { .. } => self,
            temporary if temporary.is_temporary() => temporary,
            refused => Self::Item { field: field.into(), error: Box::new(refused) },
        }
    }
}

/// The users named, each once, by identifier.
fn targets(users: &[UserId]) -> Result<Vec<Target>, Error> {
    within_bound("userIds", users.len())?;
    let mut targets: Vec<_> = users.iter().enumerate().map(|(place, user)| Target { user: *user, place }).collect();
    // Stable, so that of two the first is kept.
    targets.sort_by_key(|target| target.user);
    targets.dedup_by_key(|target| target.user);
    Ok(targets)
}

/// Refuses more than [`MAX_USERS`] entries in `field`.
pub(super) fn within_bound(field: &'static str, count: usize) -> Result<(), Error> {
    if count > MAX_USERS {
        let message = format!("`{field}` can have at most {MAX_USERS} entries.");
        return Err(Invalid::new(field, Reason::TooMany, message).into());
    }
    Ok(())
}
