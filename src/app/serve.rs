//! Serving: listens, says so, and shuts down in order when it is told to.

use std::{net::SocketAddr, pin::pin, time::Duration};

use axum::Router;
use fieldguard_http::{origin, settings::Settings};
use tokio::{
    net::TcpListener,
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    App, Error,
    commands::Program,
    database::{refuse_second_server, watch_database},
    first_administrator,
    reload::keep_keys,
    retention::prune_audit_trail,
    signals::{Signals, Stop},
    sweep::sweep,
};
use crate::{
    accounts::clock::Clock,
    config::Config,
    listener::{self, Timeouts},
    store::presence::{self, Presence},
    telemetry::Lines,
};

/// How long requests that are running may take to end. With [`CLOSE`] and what `main` allows for the last tasks and lines, the
/// process ends within 10 seconds.
const DRAIN: Duration = Duration::from_secs(8);

/// How long the database may take to close its connections. One that hangs keeps no process alive.
const CLOSE: Duration = Duration::from_secs(1);

/// How long the last lines for the terminal may take.
const LAST_LINES: Duration = Duration::from_millis(100);

const AGAIN: &str = "press Ctrl-C or send SIGTERM again to end at once";

/// Opens a server with the schema of `program` and serves it until it is told to stop, which it may be while it starts.
pub(super) async fn run(config: Config, program: &Program) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    // Before it touches the database, which it might bring to a newer version. The lock that decides is acquired later.
    refuse_second_server(&config.database())?;
    let app = tokio::select! {
        app = Box::pin(App::open(config, program.catalogue(), Clock::System)) => app?,
        () = signals.stop().asked() => {
            stopped_while_starting();
            return Ok(());
        }
    };
    let router = program.router(&app)?;
    Box::pin(app.serve_until(signals, router, &first_administrator::program())).await
}

impl App {
    /// Serves `router` on the address of the settings until SIGTERM or SIGINT; then requests that are running end, and no
    /// new ones begin. A second signal ends it at once. SIGHUP loads the keys anew.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] where the address is taken or not ours, [`Error::Presence`] where another server runs on the SQLite
    /// database.
    pub async fn serve(self, router: Router) -> Result<(), Error> {
        // The program of an adopter may have no commands.
        Box::pin(self.serve_until(Signals::listen()?, router, first_administrator::NAME)).await
    }

    async fn serve_until(self, signals: Signals, router: Router, program: &str) -> Result<(), Error> {
        let (mut stop, hangup) = signals.split();
        let terminal = Lines::to_stdout();
        let (listener, mut presence) = tokio::select! {
            prepared = self.prepare(&terminal, program) => prepared?,
            () = stop.asked() => {
                stopped_while_starting();
                return Ok(());
            }
        };
        tokio::select! {
            in_order = self.accept_and_drain(listener, router, &mut stop, &terminal) => if !in_order { return Ok(()) },
            never = keep_keys(&self.accounts, hangup) => match never {},
            never = prune_audit_trail(&self.accounts) => match never {},
            never = sweep(&self.accounts) => match never {},
            never = watch_database(&self.store, presence.as_mut()) => match never {},
        }
        let _ = terminal.flush(LAST_LINES);
        self.close().await;
        Ok(())
    }

    async fn prepare(&self, terminal: &Lines, program: &str) -> Result<(TcpListener, Option<Presence>), Error> {
        let address = self.config.listen;
        let listener = listener::bind(address).map_err(|error| Error::Listen(address, error))?;
        // What signs from here on is noted, for whoever starts after it.
        self.accounts.reload_keys().await?;
        let presence = presence::acquire(&self.config.database()).await?;
        self.announce(listener.local_addr()?, terminal, program).await?;
        Ok((listener, presence))
    }

    /// Accepts requests until the first signal and `shutdown_delay` after it, then waits for those that are running. A second
    /// signal ends both at once; returns whether there was none.
    async fn accept_and_drain(&self, listener: TcpListener, router: Router, stop: &mut Stop, terminal: &Lines) -> bool {
        let (told, stopped) = watch::channel(false);
        let settings = self.wire().listener();
        let mut accepting = pin!(listener::accept(listener, router, &settings, stopped));
        tokio::select! {
            _ = &mut accepting => return true,
            () = stop.asked() => {}
        }
        self.shutdown.begin();
        let in_order = async {
            let delay = async {
                self.delay_shutdown(terminal).await;
                let _ = told.send(true);
            };
            let (open, ()) = tokio::join!(accepting, delay);
            drain(open, terminal).await;
        };
        tokio::select! {
            () = in_order => true,
            () = stop.asked() => {
                tracing::warn!("a second signal: ending without waiting for requests");
                false
            }
        }
    }

    async fn delay_shutdown(&self, terminal: &Lines) {
        let delay = self.config.shutdown_delay;
        tracing::info!("shutting down");
        if !delay.is_zero() {
            say(terminal, &format!("shutting down in {delay:?}; {AGAIN}"));
            sleep(delay).await;
        }
    }

    async fn close(&self) {
        if timeout(CLOSE, self.store.close()).await.is_err() {
            tracing::warn!("the database did not close its connections in time");
        }
    }

    /// What the wire is held to, by the settings and by the system.
    #[must_use]
    pub fn wire(&self) -> Settings {
        let (limits, public_url) = (&self.config.limits, self.config.base_url());
        Settings {
            timeouts: Timeouts { head: limits.header_timeout, body: limits.body_timeout, idle: limits.idle_timeout },
            uri_bytes: limits.uri_bytes,
            headers: limits.headers,
            header_bytes: limits.header_bytes,
            connections: limits.connections,
            pending_answer_bytes: limits.pending_answer_bytes,
            page: Some(format!("{}/", origin::path(&public_url))),
            public_url,
            origins: self.config.cors.origins.as_slice().into(),
            trusted_proxies: self.config.trusted_proxies.as_slice().into(),
        }
    }

    async fn announce(&self, address: SocketAddr, terminal: &Lines, program: &str) -> Result<(), Error> {
        tracing::info!(%address, "listening");
        let database = self.config.database_label();
        say(terminal, &format!("listening on http://{address}/graphql · database {database}"));
        if self.config.playground() {
            let base = self.config.public_url.as_ref().map(|url| url.as_str().to_owned());
            say(terminal, &format!("playground {}/", base.unwrap_or_else(|| format!("http://{address}"))));
        }
        if !self.accounts.has_administrator().await? {
            let command = first_administrator::command(&self.config, program);
            say(terminal, &format!("no administrator yet; create one, here called ada: {command}"));
        }
        Ok(())
    }
}

async fn drain(open: listener::OpenConnections, terminal: &Lines) {
    let requests = open.requests();
    if requests > 0 {
        tracing::info!(requests, "waiting for requests that are running");
        let (bound, requests) = (DRAIN.as_secs(), counted(requests));
        say(terminal, &format!("waiting up to {bound} s for {requests}; {AGAIN}"));
    }
    let unfinished = open.finish(DRAIN).await;
    if unfinished > 0 {
        tracing::warn!(requests = unfinished, "requests that did not end in time were cut off");
    }
}

fn counted(requests: usize) -> String {
    if requests == 1 { "1 running request".to_owned() } else { format!("{requests} running requests") }
}

fn stopped_while_starting() {
    tracing::info!("told to stop before the server was ready");
}

/// Prints a line for the person who started the server. Nothing depends on it: standard output may be closed or unread.
fn say(terminal: &Lines, text: &str) {
    terminal.send(format!("→ {text}\n").as_bytes());
}
