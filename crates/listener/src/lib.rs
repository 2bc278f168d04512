//! An HTTP/1.1 listener for axum's routers, for servers that slow, silent or very many clients must not stop.
//!
//! - It has no more connections open than the settings allow. For one more, it closes the one whose client has kept the server
//!   waiting longest, and never one whose request is being answered.
//! - The head and the body of a request must arrive in time.
//! - A request that has begun runs to its end, even where its client hangs up.
//! - Where the router leaves a body unread, the rest is read if it is short; if not, the answer says that the connection closes.
//! - Once told to stop, it answers the requests that have arrived, and returns the connections that are still open.
//!
//! ```
//! use std::time::Duration;
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
//! stop.send(true).expect("it is listened to");
//! let open = serving.await.expect("it does not panic");
//! assert_eq!(open.finish(seconds(5)).await, 0, "no request is left");
//! # Ok(())
//! # }
//! ```
//!
//! What it does not do: TLS and HTTP/2, which a proxy before it can do. It reads nothing of a request but its framing.

mod answering;
mod connection;
mod descriptors;
mod farewell;
mod problem;
pub mod progress;
mod remainder;
mod settings;
mod slots;
mod stream;

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

use self::{connection::Connections, slots::Slots};
pub use self::{
    problem::Problem,
    settings::{Refuse, Settings, Timeouts},
};

/// How long the accept loop rests when the system has no file descriptor left for a connection.
const REST: Duration = Duration::from_millis(50);

/// How many clients without a place hear so at once; more are hung up on.
const FAREWELLS: usize = 256;

/// How many clients may wait to be accepted. The usual 1,024 overflow in a burst, and a client that is dropped there tries again
/// only after a second; the system may cut this to its own limit.
const BACKLOG: u32 = 16_384;

/// Listens on `address`.
///
/// # Errors
///
/// Where the address is taken or not ours.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that is started anew must not wait until the system has forgotten the connections of the last one. On Windows
    // the option would mean that another process may take the address over.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves `router` on `listener` until `stop` says true. Then it listens no more and gives the connections that are still
/// open: idle ones close by themselves, others after the request that is on them.
pub async fn accept(
    listener: TcpListener,
    router: Router,
    settings: &Settings,
    stop: watch::Receiver<bool>,
) -> OpenConnections {
    let mut entrance = Entrance {
        slots: Slots::new(descriptors::enough_for(settings.connections)),
        connections: Connections::new(router, settings, stop.clone()),
        farewells: Arc::new(Semaphore::new(FAREWELLS)),
        refuse: settings.refuse,
    };
    let mut stopping = stop;
    loop {
        tokio::select! {
            biased;
            () = told(&mut stopping) => break,
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => entrance.admit(socket, peer).await,
                Err(error) => entrance.recover(&error, descriptors::client_waits(&listener)).await,
            },
        }
    }
    entrance.admit_waiting(listener).await;
    OpenConnections { slots: entrance.slots }
}

/// The connections of a server that has stopped listening.
pub struct OpenConnections {
    slots: Slots,
}

impl OpenConnections {
    /// How many requests are running or arriving.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.slots.requests()
    }

    /// Waits, at most for `patience`, until all connections are closed and all requests have ended. Gives the number of
    /// requests that have not.
    pub async fn finish(self, patience: Duration) -> usize {
        match timeout(patience, self.slots.emptied()).await {
            Ok(()) => 0,
            Err(_) => self.requests(),
        }
    }
}

async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopped| *stopped).await;
}

struct Entrance {
    slots: Slots,
    connections: Connections,
    farewells: Arc<Semaphore>,
    refuse: Refuse,
}

impl Entrance {
    async fn admit(&mut self, socket: TcpStream, peer: SocketAddr) {
        match self.slots.take().await {
            Some(seat) => drop(tokio::spawn(self.connections.clone().serve(socket, peer, Arc::new(seat)))),
            None => self.turn_away(socket),
        }
    }

    /// Admits the clients that the system has accepted already: closing the listener would reset their connections, requests
    /// included.
    async fn admit_waiting(&mut self, listener: TcpListener) {
        let Ok(listener) = listener.into_std() else { return };
        for _ in 0..BACKLOG {
            let Ok((socket, peer)) = listener.accept() else { return };
            let socket = socket.set_nonblocking(true).and_then(|()| TcpStream::from_std(socket));
            if let Ok(socket) = socket {
                self.admit(socket, peer).await;
            }
        }
    }

    fn turn_away(&self, socket: TcpStream) {
        let Ok(permit) = Arc::clone(&self.farewells).try_acquire_owned() else { return };
        let refusal = (self.refuse)(&Problem::NoRoom);
        tokio::spawn(async move {
            farewell::refuse(socket, refusal).await;
            drop(permit);
        });
    }

    /// A client that is gone before it was accepted is none of our business. With no file descriptors left, the same error
    /// would come back at once, for ever: close a connection and rest. Linux reports that error even while no client waits;
    /// then no connection is closed.
    async fn recover(&mut self, error: &io::Error, client_waits: bool) {
        if matches!(
            error.kind(),
            ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
        ) {
            return;
        }
        if client_waits {
            tracing::warn!(%error, "a connection could not be accepted");
            self.slots.send_one_away();
        }
        sleep(REST).await;
    }
}
