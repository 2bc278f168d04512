//! An HTTP/1.1 listener for axum routers that stays available despite slow, silent or too many clients.
//!
//! - The number of open connections is limited. At the limit, a new connection evicts the one whose client has kept the
//!   server waiting longest. A connection with a running request is never evicted.
//! - The head and the body of a request have time limits.
//! - A request that has begun runs to its end, even if its client disconnects.
//! - If the router does not read the whole body, a short rest is read and discarded; otherwise the answer announces
//!   that the connection closes.
//! - A proxy can name the client with the PROXY protocol.
//! - TCP ports can speak TLS, with a certificate that can be replaced.
//! - On shutdown, requests that have arrived are answered, and the open connections are returned.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//!
//! use axum::{Router, http::{Response, StatusCode}, routing::get};
//! use fieldguard_listener::{Problem, Settings, Timeouts};
//! use tokio::{io::{AsyncReadExt, AsyncWriteExt}, net::TcpStream, sync::watch};
//!
//! fn refuse(problem: &Problem) -> Response<String> {
//!     let mut refusal = Response::new("Please try again later.\n".to_owned());
//!     *refusal.status_mut() = problem.status();
//!     refusal
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let seconds = Duration::from_secs;
//! let settings = Settings {
//!     timeouts: Timeouts { head: seconds(10), body: seconds(30), idle: seconds(60) },
//!     headers: 100,
//!     head_bytes: 16_384,
//!     connections: 1_000,
//!     proxies: Arc::default(),
//!     tls: None,
//!     refuse,
//! };
//! let listener = fieldguard_listener::bind(([127, 0, 0, 1], 0).into())?;
//! let address = listener.local_addr()?;
//! let router = Router::new().route("/", get(|| async { "hello" }));
//! let (stop, stopped) = watch::channel(false);
//! let serving = tokio::spawn(async move { fieldguard_listener::accept(listener, router, &settings, stopped).await });
//!
//! let mut client = TcpStream::connect(address).await?;
//! client.write_all(b"nonsense\r\n\r\n").await?;
//! let mut answer = String::new();
//! client.read_to_string(&mut answer).await?;
//! assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n") && answer.ends_with("Please try again later.\n"));
//!
//! drop(client);
//! stop.send(true).expect("the server is listening");
//! let open = serving.await.expect("the server does not panic");
//! assert_eq!(open.finish(seconds(5)).await, 0, "no request is running");
//! # Ok(())
//! # }
//! ```
//!
//! The listener does not support HTTP/2; put a proxy in front of it. It parses only the framing of requests.

mod answering;
mod closing;
mod connection;
mod descriptors;
mod problem;
pub mod progress;
mod proxy_protocol;
mod remainder;
mod settings;
mod slots;
mod socket;
mod stream;
pub mod tls;
#[cfg(unix)]
mod unix;

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

pub use self::descriptors::affordable;
#[cfg(unix)]
pub use self::unix::{SocketFile, bind_unix};
use self::{connection::Connections, slots::Slots, socket::Socket};
pub use self::{
    problem::Problem,
    settings::{Refuse, Settings, Timeouts},
    socket::{Listener, Listeners},
};

/// The pause of the accept loop when the system has no file descriptor for a connection.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// The maximum number of clients that are told at once that there is no connection for them. More are disconnected
/// without an answer.
const MAX_REJECTIONS: usize = 256;

/// The maximum number of clients that wait to be accepted. The usual 1,024 overflow in a burst, and a dropped client
/// retries only after a second. The system may lower this value.
const BACKLOG: u32 = 16_384;

/// Listens on `address`.
///
/// # Errors
///
/// If the address is in use or does not belong to this machine.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restarted server must not wait until the system has forgotten the connections of the previous one. On Windows
    // this option would let another process take over the address.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves `router` on the sockets of `listeners` until `stop` is true. Then it stops listening and returns the open connections: idle
/// ones close, others close after their running request. To the router, a client on a Unix socket has the address
/// 127.0.0.1.
pub async fn accept(
    listeners: impl Into<Listeners>,
    router: Router,
    settings: &Settings,
    stop: watch::Receiver<bool>,
) -> OpenConnections {
    let mut acceptor = Acceptor {
        slots: Slots::new(descriptors::enough_for(settings.connections)),
        connections: Connections::new(router, settings, stop.clone()),
        rejections: Arc::new(Semaphore::new(MAX_REJECTIONS)),
        refuse: settings.refuse,
    };
    let (mut stopping, mut listeners) = (stop, listeners.into());
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut stopping) => break,
            accepted = listeners.accept() => match accepted {
                Ok((socket, peer)) => acceptor.admit(socket, peer).await,
                Err((error, index)) => acceptor.recover(&error, listeners.client_waits(index)).await,
            },
        }
    }
    for listener in listeners.into_vec() {
        acceptor.admit_waiting(listener).await;
    }
    OpenConnections { slots: acceptor.slots }
}

/// The connections of a server that has stopped listening.
pub struct OpenConnections {
    slots: Slots,
}

impl OpenConnections {
    /// The number of requests that are running or arriving.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.slots.requests()
    }

    /// Waits up to `time_limit` until all connections are closed and all requests have ended. Returns the number of
    /// requests that have not.
    pub async fn finish(self, time_limit: Duration) -> usize {
        match timeout(time_limit, self.slots.emptied()).await {
            Ok(()) => 0,
            Err(_) => self.requests(),
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopped| *stopped).await;
}

struct Acceptor {
    slots: Slots,
    connections: Connections,
    rejections: Arc<Semaphore>,
    refuse: Refuse,
}

impl Acceptor {
    async fn admit(&mut self, socket: Socket, peer: SocketAddr) {
        match self.slots.take().await {
            Some(permit) => drop(tokio::spawn(self.connections.clone().serve(socket, peer, Arc::new(permit)))),
            // A client that speaks TLS can't read the answer.
            None if self.connections.is_secured(&socket) => {}
            None => self.reject(socket),
        }
    }

    /// Admits the clients that the system has already accepted: closing the listener would reset their connections and
    /// lose their requests.
    async fn admit_waiting(&mut self, listener: Listener) {
        let mut waiting = listener.into_waiting();
        for _ in 0..BACKLOG {
            let Some((socket, peer)) = waiting() else { return };
            self.admit(socket, peer).await;
        }
    }

    fn reject(&self, socket: Socket) {
        let Ok(permit) = Arc::clone(&self.rejections).try_acquire_owned() else { return };
        let refusal = (self.refuse)(&Problem::NoRoom);
        tokio::spawn(async move {
            closing::refuse(socket, refusal).await;
            drop(permit);
        });
    }

    /// Handles an error of `accept`. A client that disconnected before it was accepted needs no action. Without free
    /// file descriptors the error would repeat at once, so this evicts a connection and pauses. Linux reports that
    /// error even while no client waits; then no connection is evicted.
    async fn recover(&mut self, error: &io::Error, client_waits: bool) {
        if matches!(
            error.kind(),
            ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
        ) {
            return;
        }
        if client_waits {
            tracing::warn!(%error, "a connection could not be accepted");
            self.slots.evict_longest_waiting();
        }
        sleep(ACCEPT_RETRY_DELAY).await;
    }
}
