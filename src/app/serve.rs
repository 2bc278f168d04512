//! Serving: listens, says so, and ends in order when it is told to.

use std::{net::SocketAddr, pin::pin, time::Duration};

use axum::Router;
use tokio::sync::watch;

use super::{App, Error, reload::keep_keys, retention::prune_audit_trail, signals::Signals, sweep::sweep};
use crate::{
    http::{
        listener,
        settings::{Settings, Timeouts},
    },
    store::presence,
    telemetry::Lines,
};

/// How long requests that are running may take to end.
const DRAIN: Duration = Duration::from_secs(8);

/// How long the last lines for the terminal may take.
const LAST_LINES: Duration = Duration::from_millis(100);

impl App {
    /// Serves `router` on the address of the settings until SIGTERM or SIGINT; then requests that are running end, and no
    /// new ones begin. SIGHUP loads the keys anew.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] where the address is taken or not ours.
    pub async fn serve(self, router: Router) -> Result<(), Error> {
        let address = self.config.listen;
        let listener = listener::bind(address).map_err(|error| Error::Listen(address, error))?;
        let (asked_to_stop, hangup) = Signals::listen()?.split();
        // What signs from here on is noted, for whoever starts after it.
        self.accounts.reload_keys().await?;
        let present = presence::announce(self.config.database_url().expose()).await;
        let _present = present.inspect_err(|reason| tracing::debug!(%reason, "no lock tells of this server"));
        let terminal = Lines::to_stdout();
        self.announce(listener.local_addr()?, &terminal).await?;

        let (stop, stopped) = watch::channel(false);
        let settings = self.wire();
        let mut server = pin!(async {
            let open = listener::accept(listener, router, &settings, stopped).await;
            let unfinished = open.finish(DRAIN).await;
            if unfinished > 0 {
                tracing::warn!(requests = unfinished, "requests that did not end in time were cut off");
            }
        });
        tokio::select! {
            () = &mut server => {}
            never = keep_keys(&self.accounts, hangup) => match never {},
            never = prune_audit_trail(&self.accounts) => match never {},
            never = sweep(&self.accounts) => match never {},
            () = asked_to_stop.asked() => {
                tracing::info!("shutting down");
                let _ = stop.send(true);
                server.await;
            }
        }
        let _ = terminal.flush(LAST_LINES);
        self.store.close().await;
        Ok(())
    }

    /// What the wire is held to, by the settings and by the system.
    #[must_use]
    pub fn wire(&self) -> Settings {
        let limits = &self.config.limits;
        Settings {
            timeouts: Timeouts { head: limits.header_timeout, body: limits.body_timeout, idle: limits.idle_timeout },
            uri_bytes: limits.uri_bytes,
            headers: limits.headers,
            header_bytes: limits.header_bytes,
            connections: limits.connections,
            public_url: self.config.base_url(),
            origins: self.config.cors.origins.as_slice().into(),
            trusted_proxies: self.config.trusted_proxies.as_slice().into(),
        }
    }

    async fn announce(&self, address: SocketAddr, terminal: &Lines) -> Result<(), Error> {
        tracing::info!(%address, "listening");
        let database = self.config.database_url().label();
        say(terminal, &format!("listening on http://{address}/graphql · database {database}"));
        if !self.accounts.has_administrator().await? {
            say(terminal, "no administrator yet: fieldguard admin create");
        }
        Ok(())
    }
}

/// Prints a line for the person who started the server. Nothing depends on it: standard output may be closed or unread.
fn say(terminal: &Lines, text: &str) {
    terminal.send(format!("→ {text}\n").as_bytes());
}
