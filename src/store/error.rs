//! How the store fails, as few ways as callers tell apart, and which failure of the database is which.
//!
//! Nothing here shows SQL, values, paths or URLs: not in `Display`, and not in `Debug`, which drivers fill with the row that
//! was refused.

use std::fmt;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another account, or another role, has the value.
    #[error("This {field} is taken.")]
    Taken {
        /// The input field that holds the value: `username` or `email`, or `name` for a role's.
        field: &'static str,
    },
    /// A newer version of the program has changed the database.
    #[error("The database belongs to a newer version of this program.")]
    Newer,
    /// The database URL cannot be used; the text says why without repeating it.
    #[error("{0}")]
    Url(&'static str),
    /// The directory or the file of an SQLite database cannot be made or opened.
    #[error("The database file cannot be opened.")]
    File(#[source] std::io::Error),
    /// More is asked of the database than it gets done: what was asked now was not done, and may be asked again.
    #[error("The database is too busy.")]
    Busy(#[source] Cause),
    /// The database cannot be reached: the same request may succeed later.
    #[error("The database cannot be reached.")]
    Unavailable(#[source] Cause),
    /// Anything else.
    #[error("The database failed.")]
    Database(#[source] Cause),
}

/// What the database said, for the log.
pub struct Cause(String);

impl Cause {
    /// A row that does not hold what this program writes.
    pub(super) fn unreadable() -> Error {
        Error::Database(Self("a stored value is not in the form it was written in".to_owned()))
    }
}

impl std::error::Error for Cause {}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let cause = Cause(error.to_string());
        match &error {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Self::Busy(cause),
            DbErr::ConnectionAcquire(_) => Self::Unavailable(cause),
            DbErr::Conn(RuntimeErr::SqlxError(inner))
            | DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => Self::of(inner, cause),
            _ => Self::Database(cause),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let cause = Cause(error.to_string());
        Self::of(&error, cause)
    }
}

impl Error {
    fn of(error: &sqlx::Error, cause: Cause) -> Self {
        match error {
            sqlx::Error::Database(it) if it.is_unique_violation() => match taken(&**it) {
                Some(field) => Self::Taken { field },
                None => Self::Database(cause),
            },
            sqlx::Error::Database(it) if it.code().is_some_and(|code| is_busy(&code)) => Self::Busy(cause),
            sqlx::Error::Database(it) if it.code().is_some_and(|code| is_away(&code)) => Self::Unavailable(cause),
            sqlx::Error::PoolTimedOut => Self::Busy(cause),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unavailable(cause)
            }
            _ => Self::Database(cause),
        }
    }
}

/// The field whose uniqueness was violated: PostgreSQL names the index, SQLite the column.
fn taken(error: &dyn sqlx::error::DatabaseError) -> Option<&'static str> {
    let place = error.constraint().unwrap_or_else(|| error.message());
    [("username_key", "username"), ("email_key", "email"), ("roles_name", "name"), ("roles.name", "name")]
        .into_iter()
        .find_map(|(column, field)| place.contains(column).then_some(field))
}

/// Does the code say that others are in the way? PostgreSQL: rollbacks for concurrency (40), too many connections (53300), a
/// lock that was not to be had (55P03). SQLite: `SQLITE_BUSY` (5) and `SQLITE_LOCKED` (6) with their extensions.
fn is_busy(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6),
        _ => code.starts_with("40") || ["53300", "55P03"].contains(&code),
    }
}

/// Does the code, one of PostgreSQL's, say that the database is away for now: connection exceptions (08), lack of resources
/// (53), operator intervention (57P)?
fn is_away(code: &str) -> bool {
    ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) && code.len() == 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_passes() {
        for busy in ["5", "6", "261", "517", "262", "40001", "40P01", "53300", "55P03"] {
            assert!(is_busy(busy), "{busy}");
        }
        for away in ["08006", "53100", "57P01", "57P03"] {
            assert!(is_away(away) && !is_busy(away), "{away}");
        }
        for lasting in ["1", "14", "787", "2067", "23505", "42601", "28P01", "57014"] {
            assert!(!is_busy(lasting) && !is_away(lasting), "{lasting}");
        }
    }
}
