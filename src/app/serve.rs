//! Serves requests and shuts down gracefully.

use std::{convert::Infallible, future::pending, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use fieldguard_http::{
    origin,
    settings::{ClientAddress, Settings},
};
use sd_notify::NotifyState;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    App, Error,
    commands::Program,
    database::{refuse_second_server, watch_database},
    deliver::Deliveries,
    export::Export,
    first_administrator,
    reload::keep_keys,
    retention::prune_audit_log,
    send_mails::Outgoing,
    signals::{Signals, StopSignals},
    sockets,
    sweep::sweep,
    tls,
};
use crate::{
    accounts::clock::Clock,
    config::{self, Config, Endpoint, HttpUrl, MailDelivery},
    http::metrics,
    listener::{self, Listener, Timeouts},
    store::presence::{self, Presence},
    telemetry::Lines,
};

/// How long running requests may take to finish at shutdown. With what follows them in `serve_until` and `main`, which
/// all have time limits, the process ends within 10 seconds.
const DRAIN: Duration = Duration::from_secs(7);

/// How long the database may take to close its connections. A hanging database must not keep the process alive.
const CLOSE: Duration = Duration::from_secs(1);

/// How long to wait for the last lines on the terminal.
const LAST_LINES: Duration = Duration::from_millis(100);

/// The connections of a listener for metrics alone, whose clients are few.
const METRICS_CONNECTIONS: usize = 64;

/// What is opened before the server is ready.
struct Prepared {
    listeners: Vec<Listener>,
    /// Those of `metrics_listen`.
    metrics: Vec<Listener>,
    presence: Option<Presence>,
}

const FORCE_HINT: &str = "press Ctrl-C or send SIGTERM again to stop at once";

/// Opens a server with the schema of `program` and serves it until a stop signal, which may also come during startup.
pub(super) async fn run(mut config: Config, program: &Program) -> Result<(), Error> {
    let inherited = sockets::inherit(&mut config)?;
    let mut signals = Signals::listen()?;
    // Before the migration, which might upgrade the database. The lock that decides is acquired later.
    refuse_second_server(&config.database())?;
    let app = tokio::select! {
        app = Box::pin(App::open(config, program.catalogue(), Clock::System)) => app?,
        () = signals.stop().received() => {
            log_stop_during_startup();
            return Ok(());
        }
    };
    let router = program.router(&app)?;
    Box::pin(app.serve_until(signals, router, inherited, &first_administrator::program())).await
}

impl App {
    /// Serves `router` on the configured addresses until SIGTERM or SIGINT. Running requests then finish, and no new ones
    /// are accepted. A second signal stops at once. SIGHUP reloads the keys.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] if an address is in use or not available, [`Error::Presence`] if another server runs on the
    /// SQLite database.
    pub async fn serve(self, router: Router) -> Result<(), Error> {
        // An adopter's program may have no commands.
        Box::pin(self.serve_until(Signals::listen()?, router, Vec::new(), first_administrator::NAME)).await
    }

    /// Serves on the `inherited` sockets, or on the configured addresses if there are none.
    async fn serve_until(
        self,
        signals: Signals,
        router: Router,
        inherited: Vec<Listener>,
        program: &str,
    ) -> Result<(), Error> {
        let (mut stop, hangup) = signals.split();
        let terminal = Lines::to_stdout();
        let Prepared { listeners, metrics, mut presence } = tokio::select! {
            prepared = self.prepare(inherited, &terminal, program) => prepared?,
            () = stop.received() => {
                log_stop_during_startup();
                return Ok(());
            }
        };
        let mut export = Export::of(&self)?;
        let mut deliveries = Deliveries::new(self.sender.clone(), self.accounts.clone(), self.shutdown.clone());
        let mut outgoing = Outgoing::new(self.mailer.clone(), self.accounts.clone(), self.shutdown.clone());
        tokio::select! {
            never = self.serve_metrics(metrics, router.clone()) => match never {},
            graceful = self.accept_and_drain(listeners, router, &mut stop, &terminal) => if !graceful { return Ok(()) },
            never = keep_keys(&self.accounts, hangup, || self.reload_certificate()) => match never {},
            never = self.follow_certificate() => match never {},
            never = prune_audit_log(&self.accounts) => match never {},
            never = sweep(&self.accounts) => match never {},
            never = deliveries.run() => match never {},
            never = outgoing.run() => match never {},
            never = watch_database(&self.store, presence.as_mut()) => match never {},
            never = export.run() => match never {},
        }
        let _ = terminal.flush(LAST_LINES);
        let last = export.last().await;
        let close = async {
            tokio::join!(deliveries.finish(), outgoing.finish());
            self.close().await;
        };
        tokio::join!(export.finish(last), close);
        Ok(())
    }

    async fn prepare(&self, inherited: Vec<Listener>, terminal: &Lines, program: &str) -> Result<Prepared, Error> {
        let listeners = if inherited.is_empty() { sockets::open(&self.config.listen).await? } else { inherited };
        let metrics = match &self.config.metrics_listen {
            Some(listen) => sockets::open(listen).await?,
            None => Vec::new(),
        };
        // Stores the key that signs from now on, for servers that start later.
        self.accounts.reload_keys().await?;
        let presence = presence::acquire(&self.config.database()).await?;
        let endpoints = listeners.iter().map(sockets::endpoint).collect::<Result<Vec<_>, _>>()?;
        for listener in &metrics {
            tracing::info!(address = %sockets::endpoint(listener)?, "serving metrics");
        }
        self.announce(&endpoints, terminal, program).await?;
        notify_supervisor(NotifyState::Ready);
        Ok(Prepared { listeners, metrics, presence })
    }

    /// Serves only metrics on the sockets of `metrics_listen`, also during a shutdown. Runs until it is dropped.
    async fn serve_metrics(&self, listeners: Vec<Listener>, router: Router) -> Infallible {
        if !listeners.is_empty() {
            let (_running, stopped) = watch::channel(false);
            let settings = listener::Settings {
                connections: METRICS_CONNECTIONS,
                proxies: Arc::default(),
                tls: None,
                ..self.wire().listener()
            };
            listener::accept(listeners, metrics::alone(router), &settings, stopped).await;
        }
        pending().await
    }

    /// Accepts requests until the first signal and the `shutdown_delay` after it, then waits for running requests. A
    /// second signal stops both at once. Returns whether there was no second signal.
    async fn accept_and_drain(
        &self,
        listeners: Vec<Listener>,
        router: Router,
        stop: &mut StopSignals,
        terminal: &Lines,
    ) -> bool {
        let (stop_sender, stopped) = watch::channel(false);
        let settings = self.wire().listener();
        let mut accepting = pin!(listener::accept(listeners, router, &settings, stopped));
        tokio::select! {
            _ = &mut accepting => return true,
            () = stop.received() => {}
        }
        self.shutdown.begin();
        notify_supervisor(NotifyState::Stopping);
        let graceful = async {
            let delay = async {
                self.delay_shutdown(terminal).await;
                let _ = stop_sender.send(true);
            };
            let (open, ()) = tokio::join!(accepting, delay);
            drain(open, terminal).await;
        };
        tokio::select! {
            () = graceful => true,
            () = stop.received() => {
                tracing::warn!("second signal: stopping without waiting for requests");
                false
            }
        }
    }

    async fn delay_shutdown(&self, terminal: &Lines) {
        let delay = self.config.shutdown_delay;
        tracing::info!("shutting down");
        if !delay.is_zero() {
            print_line(terminal, &format!("shutting down in {delay:?}; {FORCE_HINT}"));
            sleep(delay).await;
        }
    }

    fn reload_certificate(&self) {
        if let Some(certificate) = &self.tls {
            tls::reload(&self.config, certificate, self.accounts.clock.now());
        }
    }

    async fn follow_certificate(&self) -> Infallible {
        match &self.tls {
            Some(certificate) => tls::follow(&self.config, certificate, || self.accounts.clock.now()).await,
            None => pending().await,
        }
    }

    async fn close(&self) {
        if timeout(CLOSE, self.store.close()).await.is_err() {
            tracing::warn!("the database did not close its connections in time");
        }
    }

    /// The HTTP settings, from the configuration and the system.
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
            client_address: match self.config.client_address {
                config::ClientAddress::XForwardedFor => ClientAddress::XForwardedFor,
                config::ClientAddress::Forwarded => ClientAddress::Forwarded,
                config::ClientAddress::ProxyProtocol => ClientAddress::ProxyProtocol,
            },
            tls: self.tls.clone(),
        }
    }

    async fn announce(&self, endpoints: &[Endpoint], terminal: &Lines, program: &str) -> Result<(), Error> {
        for address in endpoints {
            tracing::info!(%address, "listening");
        }
        if self.wire().keeps_no_cookies() {
            let public_url = self.config.public_url.as_ref().map(HttpUrl::as_str);
            tracing::warn!(
                public_url,
                "browsers keep no cookies of a server without TLS: `delivery: COOKIE` is refused"
            );
        }
        let database = self.config.database_label();
        print_line(
            terminal,
            &format!("listening on {} · database {database}", labels(endpoints, self.config.speaks_tls())),
        );
        if self.config.playground() {
            let address = || endpoints.iter().find(|endpoint| !endpoint.is_unix());
            let base = self.config.public_url.as_ref().map(|url| url.as_str().to_owned());
            if let Some(base) = base.or_else(|| address().map(|own| own.base_url(self.config.speaks_tls()))) {
                print_line(terminal, &format!("playground {base}/"));
            }
        }
        if self.config.mail_delivery() == MailDelivery::Off {
            tracing::warn!("no mail is sent: users can't reset their password by mail; set `mail.smtp_host`");
        }
        if !self.accounts.has_administrator().await? {
            let command = first_administrator::command(&self.config, program);
            print_line(terminal, &format!("no administrator yet; create one, here called ada: {command}"));
        }
        Ok(())
    }
}

async fn drain(open: listener::OpenConnections, terminal: &Lines) {
    let requests = open.requests();
    if requests > 0 {
        tracing::info!(requests, "waiting for running requests");
        let (bound, requests) = (DRAIN.as_secs(), count_label(requests));
        print_line(terminal, &format!("waiting up to {bound} s for {requests}; {FORCE_HINT}"));
    }
    let unfinished = open.finish(DRAIN).await;
    if unfinished > 0 {
        tracing::warn!(requests = unfinished, "requests that did not finish in time were aborted");
    }
}

fn labels(endpoints: &[Endpoint], speaks_tls: bool) -> String {
    let label = |endpoint: &Endpoint| match endpoint {
        Endpoint::Unix(_) => endpoint.to_string(),
        _ => format!("{}/graphql", endpoint.base_url(speaks_tls)),
    };
    endpoints.iter().map(label).collect::<Vec<_>>().join(", ")
}

/// Tells systemd, if it started the server and waits for that (`Type=notify`).
fn notify_supervisor(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager cannot be notified");
    }
}

fn count_label(requests: usize) -> String {
    if requests == 1 { "1 running request".to_owned() } else { format!("{requests} running requests") }
}

fn log_stop_during_startup() {
    tracing::info!("stopped before the server was ready");
}

/// Prints a line for the person who started the server. Standard output may be closed or unread.
fn print_line(terminal: &Lines, text: &str) {
    terminal.send(format!("→ {text}\n").as_bytes());
}
