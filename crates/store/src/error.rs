//! How the store fails, as few ways as callers tell apart, and which failure of the database is which.
//!
//! Nothing here shows SQL, values, paths or URLs: not in `Display`, and not in `Debug`, which drivers fill with the row that
//! was refused.

use std::time::Duration;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

use super::Cause;

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
    /// There is no database, and it was not to be created.
    #[error("There is no database.")]
    Missing,
    /// The directory or the file of an SQLite database cannot be created or opened.
    #[error("The database file cannot be opened.")]
    File(#[source] std::io::Error),
    /// Other work keeps the database busy. Nothing was done; the same request may succeed in a moment.
    #[error("The database is too busy.")]
    Busy(#[source] Cause),
    /// The database cannot be reached or cannot work: no connection, no answer in time, a full disk, a standby that only
    /// reads. Nothing was done; the same request may succeed later.
    #[error("The database is unavailable.")]
    Unavailable(#[source] Cause),
    /// A COMMIT was sent and its outcome is unknown: the changes of the transaction may last.
    #[error("The database did not confirm a commit.")]
    Uncertain(#[source] Cause),
    /// Anything else: a fault of this program, or a database that is damaged.
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
            // What the store itself says of a connection, such as that a deadline passed.
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
    /// A call of the database got no answer within `limit`. Whether the database carried it out is unknown.
    #[must_use]
    pub fn deadline_passed(limit: Duration) -> Self {
        Self::Unavailable(Cause::open(format!("no answer within {limit:?}")))
    }

    /// What the failure of a COMMIT means: [`Error::Uncertain`], unless it is known that nothing was committed.
    ///
    /// The database knows where it answered that it did not commit. A lost connection and a deadline that passed tell
    /// nothing, since the COMMIT may have arrived and only its confirmation was lost.
    #[must_use]
    pub fn of_commit(error: impl Into<Self>) -> Self {
        match error.into() {
            Self::Busy(cause) | Self::Unavailable(cause) | Self::Database(cause) if !cause.is_definite() => {
                Self::Uncertain(cause)
            }
            definite => definite,
        }
    }

    /// Classifies an error of the driver.
    fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(answer) => Self::of_answer(&**answer),
            sqlx::Error::PoolTimedOut => Self::Busy(Cause::of_driver(error, true)),
            // After `Protocol` and `BeginFailed` the connection is in a state that this program does not expect.
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
        let cause = Cause::of_answer(answer, !leaves_commit_open(&code));
        match Trouble::of(&code) {
            Some(Trouble::Busy) => Self::Busy(cause),
            Some(Trouble::Unavailable) => Self::Unavailable(cause),
            None => Self::Database(cause),
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

/// What an error code says about the state of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Other work is in the way.
    Busy,
    /// The database cannot work for now.
    Unavailable,
}

impl Trouble {
    /// The trouble that the code names; `None` for the fault of a statement and for damage, which do not pass by waiting.
    fn of(code: &str) -> Option<Self> {
        match sqlite_code(code) {
            Some(number) => Self::of_sqlite(number),
            None => Self::of_postgres(code),
        }
    }

    /// By the primary code, which is the last byte of an extended one (<https://www.sqlite.org/rescode.html>).
    const fn of_sqlite(number: u32) -> Option<Self> {
        match number & 0xff {
            // BUSY, LOCKED, and PROTOCOL, which many processes that open a file at once run into.
            5 | 6 | 15 => Some(Self::Busy),
            // ABORT (rolled back from elsewhere), NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, NOLFS.
            4 | 7 | 8 | 9 | 10 | 13 | 14 | 22 => Some(Self::Unavailable),
            _ => None,
        }
    }

    /// By the SQLSTATE or its class (PostgreSQL's manual, appendix A).
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

/// Rollbacks for concurrency, too many connections, a lock that is not free.
const POSTGRES_BUSY: &[&str] = &["40", "53300", "55P03"];

const POSTGRES_UNAVAILABLE: &[&str] = &[
    // Connections, resources such as disk and memory, operator intervention, files.
    "08", "53", "57P", "58",    // A statement that was canceled, most likely by its timeout.
    "57014", // A standby that only reads.
    "25006", // A transaction that an earlier error, or a timeout, has ended.
    "25P02", "25P03", "25P04",
    // It does not let this server in: the password, the database, a database that takes no connections.
    "28", "3D000", "55000",
];

/// SQLite's codes are numbers of up to four digits, and PostgreSQL's have five characters.
fn sqlite_code(code: &str) -> Option<u32> {
    if code.len() < 5 { code.parse().ok() } else { None }
}

/// Whether a COMMIT that failed with this code may have been carried out all the same.
fn leaves_commit_open(code: &str) -> bool {
    match sqlite_code(code) {
        // IOERR_FSYNC and IOERR_DIR_FSYNC: the commit is in the log, and what the disk keeps of it shows after a crash.
        Some(number) => matches!(number, 1034 | 1290),
        // A pooler answers with these when it loses the server (08, XX), and a server that shuts down or crashes with 57P.
        None => ["08", "57P", "XX", "40003"].iter().any(|class| code.starts_with(class)) || code.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn codes_that_pass_by_waiting_are_told_from_those_that_do_not() {
        for busy in ["5", "6", "261", "517", "262", "15", "40001", "40P01", "53300", "55P03"] {
            assert_eq!(Trouble::of(busy), Some(Trouble::Busy), "{busy}");
        }
        for sqlite in ["4", "516", "7", "8", "264", "1032", "9", "10", "266", "1034", "6922", "13", "14", "526"] {
            assert_eq!(Trouble::of(sqlite), Some(Trouble::Unavailable), "{sqlite}");
        }
        for postgres in [
            "08006", "08P01", "53100", "53200", "57P01", "57P03", "57014", "25006", "25P02", "25P03", "28P01", "3D000",
            "55000", "58030",
        ] {
            assert_eq!(Trouble::of(postgres), Some(Trouble::Unavailable), "{postgres}");
        }
        for lasting in ["1", "11", "267", "26", "787", "2067", "23505", "42601", "42P01", "XX000", "XX001", "57000", ""]
        {
            assert_eq!(Trouble::of(lasting), None, "{lasting}");
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
    fn a_commit_that_the_database_refuses_is_certain() {
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
