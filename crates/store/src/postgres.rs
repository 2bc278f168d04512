//! Connects to PostgreSQL, 14 or newer: encrypted unless the server is on this machine, and with retries while it
//! starts.

use std::{io::ErrorKind, net::IpAddr, str::FromStr, time::Duration};

use fieldguard_domain::overview::DatabaseType;
use sea_orm::{
    ConnectionTrait as _,
    sqlx::{
        self, ConnectOptions as _,
        postgres::{PgConnectOptions, PgSslMode},
    },
};
use tokio::time::{Instant, sleep, timeout};

use uuid::Uuid;

use super::{
    Cause, Error, Pooling, Settings,
    connector::{Setup, Target},
    dialect::Dialect as _,
    pool::Pool,
};

/// The time after which PostgreSQL ends an idle transaction. It is a second safeguard: this layer leaves none open.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(10);

/// The part of the deadline that one statement may take. PostgreSQL cancels a slower statement, so that the connection
/// survives.
const STATEMENT: f32 = 0.9;

/// How long to wait for a server that is starting.
const STARTING: Duration = Duration::from_secs(5);
/// The pause between two attempts.
const RETRY: Duration = Duration::from_millis(100);

/// Connects to the server, and waits while it starts.
pub(super) async fn connect(url: &str, settings: &Settings) -> Result<Pool, Error> {
    let setup = match settings.pooling {
        Pooling::Session => Setup::Session(session_setup(settings)),
        Pooling::Transaction => Setup::Transaction(transaction_setup(settings).into()),
    };
    let target = Target::Postgres(Box::new(options(url)?), setup);
    let pool = Pool::new(target, settings.max_connections as usize, settings.deadline);
    wait_for_start(&pool, settings.deadline).await?;
    check_encoding(&pool).await?;
    if settings.pooling == Pooling::Session {
        let check = timeout(settings.deadline, shares_connections(&pool)).await;
        if check.unwrap_or_else(|_| Err(Error::deadline_passed(settings.deadline)))? {
            return Err(Error::TransactionPooler);
        }
    }
    Ok(pool)
}

async fn wait_for_start(pool: &Pool, time_limit: Duration) -> Result<(), Error> {
    let deadline = Instant::now() + STARTING.min(time_limit);
    loop {
        match pool.checkout().await {
            Ok(_) => return Ok(()),
            Err(error) if is_starting(&error) && Instant::now() + RETRY < deadline => sleep(RETRY).await,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Text of any language must be stored, and compared in the order of its code points.
async fn check_encoding(pool: &Pool) -> Result<(), Error> {
    let row = pool.query_one_raw(DatabaseType::Postgres.statement("SHOW server_encoding", [])).await?;
    let encoding: String = row.ok_or_else(Cause::unreadable)?.try_get("", "server_encoding")?;
    if encoding == "UTF8" { Ok(()) } else { Err(Error::Encoding(encoding)) }
}

/// Whether two connections share one of the server, as those to a pooler in transaction mode do: what one sets in its
/// session is then seen by the other.
async fn shares_connections(pool: &Pool) -> Result<bool, Error> {
    let mark = Uuid::new_v4();
    let (mut one, mut other) = (pool.target().connect().await?, pool.target().connect().await?);
    one.execute_unprepared(&format!("SET fieldguard.mark = '{mark}'")).await?;
    let read = "SELECT coalesce(current_setting('fieldguard.mark', true), '') AS mark";
    let row = other.query_one(DatabaseType::Postgres.statement(read, [])).await?.ok_or_else(Cause::unreadable)?;
    let seen: String = row.try_get("", "mark")?;
    one.execute_unprepared("RESET fieldguard.mark").await?;
    for connection in [one, other] {
        connection.close().await?;
    }
    Ok(seen == mark.to_string())
}

fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.is_transient_in_connect_phase(),
        _ => false,
    }
}

/// The database name and the server address in a URL, without user and password: `fg`, `127.0.0.1:5432`.
pub(super) fn address(url: &str) -> Option<(String, String)> {
    let options = options(url).ok()?;
    let name = options.get_database().unwrap_or_else(|| options.get_username()).to_owned();
    let address = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    Some((name, address))
}

/// The setup of each connection. The locks of this layer require READ COMMITTED, where a statement sees what was
/// committed while it waited. JIT compilation of a statement takes a hundred times as long as running it. Operators do
/// not need notices, such as that a table exists.
fn session_setup(settings: &Settings) -> String {
    format!(
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; SET jit = off; \
         SET client_min_messages = warning; SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {}",
        statement_timeout(settings),
        IDLE_IN_TRANSACTION.as_millis(),
    )
}

/// The same for one transaction, and nothing that stays when it ends.
fn transaction_setup(settings: &Settings) -> String {
    format!(
        "SET LOCAL jit = off; SET LOCAL client_min_messages = warning; SET LOCAL statement_timeout = {}; \
         SET LOCAL idle_in_transaction_session_timeout = {}",
        statement_timeout(settings),
        IDLE_IN_TRANSACTION.as_millis(),
    )
}

/// In milliseconds.
fn statement_timeout(settings: &Settings) -> u128 {
    settings.deadline.mul_f32(STATEMENT).as_millis().max(1)
}

fn options(url: &str) -> Result<PgConnectOptions, Error> {
    // The usual form for a socket, `postgres://user@/database?host=/run/postgresql`, is not a URL: it has a user and no host.
    let names_socket = url.split_once('?').is_some_and(|(_, parameters)| parameters.contains("host=/"));
    let url = &if names_socket { url.replacen("@/", "@localhost/", 1) } else { url.to_owned() };
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| {
            Error::Url(
                "The PostgreSQL URL must have the form `postgres://user:password@host:port/database`, with characters such \
                 as `@`, `/`, `#`, `?` and `%` of the password percent-encoded: `%40` for `@`.",
            )
        })?
        .application_name("fieldguard")
        // Poolers refuse this startup parameter, and there are no such numbers in the database.
        .extra_float_digits(None)
        .disable_statement_logging();
    Ok(if is_encryption_chosen(url) || is_local(&options) { options } else { encrypted(options) })
}

/// Never weaker than the environment variable `PGSSLMODE`.
fn encrypted(options: PgConnectOptions) -> PgConnectOptions {
    match options.get_ssl_mode() {
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => options.ssl_mode(PgSslMode::Require),
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => options,
    }
}

fn is_encryption_chosen(url: &str) -> bool {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    parameters.split('&').any(|parameter| parameter.starts_with("sslmode=") || parameter.starts_with("ssl-mode="))
}

/// Whether the server is on this machine: a socket or a loopback address.
fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_matches(['[', ']']);
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_encrypted(url: &str) -> bool {
        let mode = options(url).unwrap().get_ssl_mode();
        matches!(mode, PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull)
    }

    #[test]
    fn connections_to_other_machines_are_encrypted() {
        for url in ["postgres://u@db.example/x", "postgres://u@192.0.2.1:5433/x", "postgresql://u@[2001:db8::1]/x"] {
            assert!(is_encrypted(url), "{url}");
        }
        assert!(is_encrypted("postgres://u@localhost/x?host=db.example"));
    }

    #[test]
    fn local_servers_and_explicit_modes_keep_their_encryption() {
        for url in [
            "postgres://u@localhost/x",
            "postgres://u@127.0.0.1/x",
            "postgres://u@[::1]/x",
            "postgres://u@%2Frun%2Fpostgresql/x",
            "postgres://u@db.example/x?sslmode=disable",
        ] {
            assert!(!is_encrypted(url), "{url}");
        }
        assert!(is_encrypted("postgres://u@localhost/x?sslmode=verify-full"));
    }

    #[test]
    fn an_address_has_no_user_and_no_password() {
        for (url, name, server) in [
            ("postgres://u:hunter2@db.example/fg", "fg", "db.example:5432"),
            ("postgres://u:hunter2@127.0.0.1:6543/fg?sslmode=disable", "fg", "127.0.0.1:6543"),
            ("postgres://u@[::1]/fg", "fg", "[::1]:5432"),
            ("postgres://u:hunter2@%2Frun%2Fpostgresql/fg", "fg", "/run/postgresql"),
            ("postgres://u:hunter2@/fg?host=/run/postgresql", "fg", "/run/postgresql"),
            ("postgres://u@/fg?host=/run/postgresql", "fg", "/run/postgresql"),
            ("postgres://u:a%40%2Fb@db.example/fg", "fg", "db.example:5432"),
        ] {
            assert_eq!(address(url), Some((name.to_owned(), server.to_owned())), "{url}");
        }
        assert_eq!(address("postgres://u:hunter2@host:port/x"), None);
    }

    #[test]
    fn errors_do_not_repeat_the_url() {
        for url in ["postgres://u:hunter2@host:port/x", "postgres://u:hunter2@host/x?sslmode=hunter2"] {
            let error = options(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{url}");
        }
    }
}
