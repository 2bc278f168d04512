//! A whole server for a test: a real router and socket, a database of its own, cheap password hashes and a manual
//! clock.

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use chrono::{DateTime, TimeDelta};
use fieldguard::{
    accounts::{Accounts, clock::Clock, register::Registration},
    app::App,
    config::{Config, Sources},
    domain::permission,
    listener,
};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    actor::{Actor, PASSWORD},
    database::{Database, Kind, includes},
};

/// The time at which every test starts, in seconds since the Unix epoch.
pub const START: i64 = 1_800_000_000;

/// A running server.
pub struct Server {
    /// The opened application, for what no request can do.
    pub app: App,
    pub database: Database,
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server on SQLite, with the settings of [`settings`].
    pub async fn start() -> Self {
        Self::on(Database::sqlite(), settings()).await
    }

    /// Starts a server on SQLite, with changed settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = settings();
        change(&mut config);
        Self::on(Database::sqlite(), config).await
    }

    /// Starts a server on SQLite, with changed settings and its own router.
    pub async fn serving(change: impl FnOnce(&mut Config), build: impl FnOnce(&App) -> Router) -> Self {
        let mut config = settings();
        change(&mut config);
        Self::open(Database::sqlite(), config, build).await
    }

    /// Starts a server on this database.
    pub async fn on(database: Database, config: Config) -> Self {
        Self::open(database, config, |app| app.builtin_router().unwrap()).await
    }

    async fn open(database: Database, mut config: Config, build: impl FnOnce(&App) -> Router) -> Self {
        config.data_dir = database.directory.path().join("data");
        config.database_url = Some(database.url.parse().unwrap());
        let clock = Clock::manual(DateTime::from_timestamp(START, 0).unwrap());
        let app = App::open(config, permission::builtin(), clock).await.unwrap();
        let router = build(&app);
        let listener = listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let wire = app.wire().listener();
        let task = tokio::spawn(async move {
            let open = listener::accept(listener, router, &wire, stopped).await;
            assert_eq!(open.finish(Duration::from_mins(1)).await, 0, "every request ends");
        });
        Self { app, database, address, stop, task }
    }

    /// Opens another server's use cases on the same database, with this clock.
    pub async fn replica(&self, clock: &Clock) -> Accounts {
        let app = App::open(self.app.config().clone(), permission::builtin(), clock.clone()).await.unwrap();
        app.accounts().clone()
    }

    /// Stops the server, and waits until it has stopped.
    pub async fn stop(mut self) {
        self.stop.send(true).unwrap();
        (&mut self.task).await.unwrap();
    }

    /// Advances the clock past the wait after one failed sign-in.
    pub fn wait_out_a_failure(&self) {
        self.app.accounts().clock.advance(TimeDelta::seconds(1));
    }

    /// The URL of this path on the server.
    pub fn url(&self, path: &str) -> String {
        let scheme = if self.app.config().speaks_tls() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// An anonymous actor.
    pub fn anonymous(&self) -> Actor {
        Actor::new(self.url("/graphql"), None)
    }

    /// Registers this name, and signs in.
    pub async fn user(&self, name: &str) -> Actor {
        self.anonymous().register(name).await
    }

    /// The administrator `ada`, signed in. The first call creates the user.
    pub async fn admin(&self) -> Actor {
        let registration = Registration { username: "ada".to_owned(), email: None, password: PASSWORD.to_owned() };
        let made = self.app.accounts().create_admin(registration).await;
        assert!(made.is_ok() || self.app.accounts().has_administrator().await.unwrap());
        self.anonymous().login("ada").await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The default settings, with cheap password hashes and long time limits, so that no test depends on the speed of the
/// machine.
pub fn settings() -> Config {
    let mut config = Config::load(Sources::default()).unwrap();
    config.hash.memory_kib = 8;
    config.hash.iterations = 1;
    config.hash.queue = 256;
    config.limits.documents.execution = Duration::from_mins(10);
    config.limits.database = Duration::from_mins(5);
    config.limits.header_timeout = Duration::from_mins(5);
    config.limits.body_timeout = Duration::from_mins(5);
    config.limits.idle_timeout = Duration::from_hours(1);
    config
}

/// Runs the test against a server on each database.
pub async fn each(test: impl AsyncFn(&Server)) {
    each_with(|_| {}, test).await;
}

/// Runs the test against a server on each database, with changed settings.
pub async fn each_with(change: impl Fn(&mut Config), test: impl AsyncFn(&Server)) {
    let mut config = settings();
    change(&mut config);
    if includes(Kind::Sqlite) {
        test(&Server::on(Database::sqlite(), config.clone()).await).await;
    }
    if let Some(database) = Database::current_postgres().await {
        test(&Server::on(database, config).await).await;
    }
}
