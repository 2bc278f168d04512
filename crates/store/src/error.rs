//! The errors of the store, as far as callers distinguish them, and the classification of database errors.
//!
//! Errors contain no SQL, values, paths or URLs, neither in `Display` nor in `Debug`, into which drivers put the
//! refused row.

use std::time::Duration;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

use super::Cause;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another user or role has the value.
    #[error("This {field} is taken.")]
    Taken {
        /// The input field that holds the value: `username`, `email`, or `name` for a role.
        field: &'static str,
    },
    /// A newer version of the program has migrated the database.
    #[error("The database belongs to a newer version of this program.")]
    Newer,
    /// The database URL is invalid. The text says why, without repeating the URL.
    #[error("{0}")]
    Url(&'static str),
    /// The PostgreSQL database stores text in this encoding instead of UTF-8.
    #[error("The encoding of the database is {0} and must be UTF8.")]
    Encoding(String),
    /// A pooler in transaction mode is in front of PostgreSQL, and [`Pooling::Session`](super::Pooling) was set.
    #[error("A pooler in transaction mode is in front of the database.")]
    TransactionPooler,
    /// There is no database, and the caller did not ask to create one.
    #[error("There is no database.")]
    Missing,
    /// The directory or the file of an SQLite database cannot be created or opened.
    #[error("The database file cannot be opened.")]
    File(#[source] std::io::Error),
    /// Other work keeps the database busy. Nothing was done. A retry may succeed soon.
    #[error("The database is too busy.")]
    Busy(#[source] Cause),
    /// The database cannot be reached or cannot work: no connection, no answer in time, a full disk, a read-only
    /// standby. Nothing was done. A retry may succeed later.
    #[error("The database is unavailable.")]
    Unavailable(#[source] Cause),
    /// A COMMIT was sent and its outcome is unknown: the changes may be stored.
    #[error("The database did not confirm a commit.")]
    Uncertain(#[source] Cause),
    /// Any other failure: a bug in this program, or a damaged database.
    #[error("The database failed.")]
    Database(#[source] Cause),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Self::Busy(Cause::definite(error.to_string())),
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => {
                Self::Unavailable(Cause::open(error.to_string()))
            }
            DbErr::Conn(RuntimeErr::SqlxError(inner))
            | DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => Self::of(inner),
            // The store's own errors about a connection, such as a passed deadline.
            DbErr::Conn(RuntimeErr::Internal(_)) => Self::Unavailable(Cause::open(error.to_string())),
            _ => Self::Database(Cause::open(error.to_string())),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::of(&error)
    }
}

impl Error {
    /// The error for a call without an answer within `limit`. Its effect is unknown.
    #[must_use]
    pub fn deadline_passed(limit: Duration) -> Self {
        Self::Unavailable(Cause::open(format!("no answer within {limit:?}")))
    }

    /// Converts the error of a COMMIT: [`Error::Uncertain`], unless certainly nothing was committed.
    ///
    /// An answer of the database that it did not commit is certain. A lost connection or a passed deadline is not: the
    /// COMMIT may have arrived, and only its confirmation was lost.
    #[must_use]
    pub fn of_commit(error: impl Into<Self>) -> Self {
        match error.into() {
            Self::Busy(cause) | Self::Unavailable(cause) | Self::Database(cause) if !cause.is_definite() => {
                Self::Uncertain(cause)
            }
            definite => definite,
        }
    }

    /// Classifies a driver error.
    fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(answer) => Self::of_answer(&**answer),
            sqlx::Error::PoolTimedOut => Self::Busy(Cause::of_driver(error, true)),
            // After `Protocol` and `BeginFailed` the connection is in an unexpected state.
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::BeginFailed
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(Cause::of_driver(error, false)),
            _ => Self::Database(Cause::of_driver(error, false)),
        }
    }

    fn of_answer(answer: &dyn sqlx::error::DatabaseError) -> Self {
        if answer.is_unique_violation()
            && let Some(field) = taken(answer)
        {
            return Self::Taken { field };
        }
        let code = answer.code().unwrap_or_default();
        if PREPARED_ELSEWHERE.contains(&&*code) {
            return Self::TransactionPooler;
        }
        let cause = Cause::of_answer(answer, !leaves_commit_open(&code));
        match TransientState::of(&code) {
            Some(TransientState::Busy) => Self::Busy(cause),
            Some(TransientState::Unavailable) => Self::Unavailable(cause),
            None => Self::Database(cause),
        }
    }
}

/// The field whose uniqueness was violated. PostgreSQL names the index, SQLite the column.
fn taken(error: &dyn sqlx::error::DatabaseError) -> Option<&'static str> {
    let place = error.constraint().unwrap_or_else(|| error.message());
    [("username_key", "username"), ("email_key", "email"), ("roles_name", "name"), ("roles.name", "name")]
        .into_iter()
        .find_map(|(column, field)| place.contains(column).then_some(field))
}

/// The transient state of the database that an error code reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TransientState {
    /// Other work blocks the statement.
    Busy,
    /// The database cannot work at the moment.
    Unavailable,
}

impl TransientState {
    /// The transient state that the code reports. `None` for statement errors and damage, which waiting does not
    /// resolve.
    fn of(code: &str) -> Option<Self> {
        match sqlite_code(code) {
            Some(number) => Self::of_sqlite(number),
            None => Self::of_postgres(code),
        }
    }

    /// By the primary code, the last byte of an extended code (<https://www.sqlite.org/rescode.html>).
    const fn of_sqlite(number: u32) -> Option<Self> {
        match number & 0xff {
            // BUSY, LOCKED, and PROTOCOL, which occurs when many processes open a file at once.
            5 | 6 | 15 => Some(Self::Busy),
            // ABORT (rolled back by another connection), NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, NOLFS.
            4 | 7 | 8 | 9 | 10 | 13 | 14 | 22 => Some(Self::Unavailable),
            _ => None,
        }
    }

    /// By the SQLSTATE or its class (PostgreSQL manual, appendix A).
    fn of_postgres(code: &str) -> Option<Self> {
        let is_among = |classes: &[&str]| classes.iter().any(|class| code.starts_with(class));
        if is_among(POSTGRES_BUSY) {
            Some(Self::Busy)
        } else if is_among(POSTGRES_UNAVAILABLE) {
            Some(Self::Unavailable)
        } else {
            None
        }
    }
}

/// A prepared statement that exists already, or does not exist: another client of the same connection prepared it.
const PREPARED_ELSEWHERE: [&str; 2] = ["42P05", "26000"];

/// Serialization failures, too many connections, an unavailable lock.
const POSTGRES_BUSY: &[&str] = &["40", "53300", "55P03"];

/// The server cannot work now, or refuses the connection.
const POSTGRES_UNAVAILABLE: &[&str] = &[
    "08",    // Connection failures.
    "53",    // A lack of resources such as disk and memory.
    "57P",   // Operator intervention.
    "58",    // System errors, such as of files.
    "57014", // A canceled statement, most likely by its timeout.
    "25006", // A read-only standby.
    "25P02", // A transaction that an earlier error ended.
    "25P03", // A transaction that the idle timeout ended.
    "25P04", // A transaction that the transaction timeout ended.
    "28",    // A wrong user or password.
    "3D000", // An unknown database.
    "55000", // A database that accepts no connections.
];

/// SQLite codes are numbers of up to four digits. PostgreSQL codes have five characters.
fn sqlite_code(code: &str) -> Option<u32> {
    if code.len() < 5 { code.parse().ok() } else { None }
}

/// Whether a COMMIT that failed with this code may still have been carried out.
fn leaves_commit_open(code: &str) -> bool {
    match sqlite_code(code) {
        // IOERR_FSYNC and IOERR_DIR_FSYNC: the commit is in the log, but may be lost in a crash.
        Some(number) => matches!(number, 1034 | 1290),
        // A pooler answers with these when it loses the server (08, XX); a server that shuts down or crashes answers
        // with 57P.
        None => ["08", "57P", "XX", "40003"].iter().any(|class| code.starts_with(class)) || code.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn transient_codes_are_classified() {
        for busy in ["5", "6", "261", "517", "262", "15", "40001", "40P01", "53300", "55P03"] {
            assert_eq!(TransientState::of(busy), Some(TransientState::Busy), "{busy}");
        }
        for sqlite in ["4", "516", "7", "8", "264", "1032", "9", "10", "266", "1034", "6922", "13", "14", "526"] {
            assert_eq!(TransientState::of(sqlite), Some(TransientState::Unavailable), "{sqlite}");
        }
        for postgres in [
            "08006", "08P01", "53100", "53200", "57P01", "57P03", "57014", "25006", "25P02", "25P03", "28P01", "3D000",
            "55000", "58030",
        ] {
            assert_eq!(TransientState::of(postgres), Some(TransientState::Unavailable), "{postgres}");
        }
        for lasting in ["1", "11", "267", "26", "787", "2067", "23505", "42601", "42P01", "XX000", "XX001", "57000", ""]
        {
            assert_eq!(TransientState::of(lasting), None, "{lasting}");
        }
    }

    fn connection_lost() -> sqlx::Error {
        sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    }

    #[test]
    fn a_commit_without_an_answer_is_uncertain() {
        let passed = Error::deadline_passed(Duration::from_secs(5));
        assert!(matches!(passed, Error::Unavailable(_)));
        let connection = DbErr::Conn(RuntimeErr::Internal("the connection was closed".to_owned()));
        let query = DbErr::Query(RuntimeErr::SqlxError(Arc::new(connection_lost())));
        for error in
            [passed, connection.into(), query.into(), connection_lost().into(), sqlx::Error::WorkerCrashed.into()]
        {
            assert!(matches!(Error::of_commit(error), Error::Uncertain(_)));
        }
    }

    #[test]
    fn a_refused_commit_is_certain() {
        let busy = Error::of_commit(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        assert!(matches!(busy, Error::Busy(_)));
        assert!(matches!(Error::of_commit(Error::Taken { field: "username" }), Error::Taken { .. }));
        for definite in ["5", "13", "10", "778", "7", "11", "787", "40001", "40P01", "53100", "57014", "25P02", "23503"]
        {
            assert!(!leaves_commit_open(definite), "{definite}");
        }
        for open in ["1034", "1290", "08006", "08007", "57P01", "57P02", "XX000", "40003"] {
            assert!(leaves_commit_open(open), "{open}");
        }
    }
}
