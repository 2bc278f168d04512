//! Connects to PostgreSQL, 14 or newer: encrypted off this machine, and again after the server was away.

use std::{net::IpAddr, str::FromStr, time::Duration};

use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector,
    sqlx::{
        self, AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _,
        postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    },
};

use super::{Error, Settings};

/// A connection unused for that long is tried before it is used, so that a restarted server is noticed without a second
/// round trip on every query.
const FRESH: Duration = Duration::from_millis(500);

/// A pool of connections.
pub(super) async fn connect(settings: &Settings) -> Result<DatabaseConnection, Error> {
    // The locks of this floor hold only where a statement sees what was committed while it waited. Statements are short, and
    // compiling one takes a hundred times as long as running it.
    // What PostgreSQL remarks on, that a table is there already, is nothing an operator should have to read.
    let setup = format!(
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; SET jit = off; \
         SET client_min_messages = warning; SET statement_timeout = {}",
        settings.statement_timeout.as_millis()
    );
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections.max(1))
        .acquire_timeout(settings.patience)
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let setup = AssertSqlSafe(setup.clone());
            Box::pin(async move { connection.execute(sqlx::raw_sql(setup)).await.map(drop) })
        })
        .before_acquire(|connection, state| {
            Box::pin(async move { if state.idle_for < FRESH { Ok(true) } else { Ok(connection.ping().await.is_ok()) } })
        })
        .connect_with(options(&settings.url)?)
        .await?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

fn options(url: &str) -> Result<PgConnectOptions, Error> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| {
            Error::Url("The PostgreSQL URL is not of the form `postgres://user:password@host:port/database`.")
        })?
        .application_name("fieldguard")
        .disable_statement_logging();
    Ok(if is_encryption_chosen(url) || is_here(&options) { options } else { encrypted(options) })
}

/// Never weaker than what the environment (`PGSSLMODE`) asks for.
fn encrypted(options: PgConnectOptions) -> PgConnectOptions {
    match options.get_ssl_mode() {
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => options.ssl_mode(PgSslMode::Require),
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => options,
    }
}

fn is_encryption_chosen(url: &str) -> bool {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    parameters.split('&').any(|it| it.starts_with("sslmode=") || it.starts_with("ssl-mode="))
}

/// Is the server on this machine, by socket or by loopback?
fn is_here(options: &PgConnectOptions) -> bool {
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
    fn encrypts_off_this_machine() {
        for url in ["postgres://u@db.example/x", "postgres://u@192.0.2.1:5433/x", "postgresql://u@[2001:db8::1]/x"] {
            assert!(is_encrypted(url), "{url}");
        }
        assert!(is_encrypted("postgres://u@localhost/x?host=db.example"));
    }

    #[test]
    fn leaves_the_choice_on_this_machine_and_where_it_was_made() {
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
    fn never_repeats_the_url() {
        for url in ["postgres://u:hunter2@host:port/x", "postgres://u:hunter2@host/x?sslmode=hunter2"] {
            let error = options(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{url}");
        }
    }
}
