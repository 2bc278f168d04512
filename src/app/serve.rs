//! Serving: listens, says so, and ends in order when it is told to.

use std::{future::IntoFuture, net::SocketAddr, time::Duration};

use axum::{Router, serve::ListenerExt};
use tokio::{net::TcpListener, sync::watch, time::timeout};

use super::{App, Error, signals::Signals};

/// How long requests that are running may take to end once the server is told to.
const GRACE: Duration = Duration::from_secs(15);

impl App {
    /// Serves `router` on the address of the settings until SIGTERM or SIGINT; then requests that are running end, and no
    /// new ones begin.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] where the address is taken or not ours.
    pub async fn serve(self, router: Router) -> Result<(), Error> {
        let address = self.config.listen;
        let listener = TcpListener::bind(address).await.map_err(|error| Error::Listen(address, error))?;
        let signals = Signals::listen()?;
        self.announce(listener.local_addr()?).await?;
        let listener = listener.tap_io(|stream| {
            // Answers are small and written at once: waiting for more to send only makes them late.
            let _ = stream.set_nodelay(true);
        });

        let (stop, mut stopped) = watch::channel(false);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(listener, service).with_graceful_shutdown(async move {
            let _ = stopped.wait_for(|it| *it).await;
        });
        let mut server = Box::pin(server.into_future());
        tokio::select! {
            ended = &mut server => ended?,
            () = signals.stop() => {
                tracing::info!("stopping");
                let _ = stop.send(true);
                // A connection that never ends must not keep the process.
                timeout(GRACE, server).await.unwrap_or(Ok(()))?;
            }
        }
        self.store.close().await?;
        Ok(())
    }

    async fn announce(&self, address: SocketAddr) -> Result<(), Error> {
        println!("→ listening on http://{address}/graphql · database {}", self.config.database_url().label());
        if !self.accounts.has_administrator().await? {
            println!("→ no administrator yet: fieldguard admin create");
        }
        Ok(())
    }
}
