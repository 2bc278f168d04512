//! One connection: HTTP/1.1 with hyper, and its end, caused by the client, by a timeout, by eviction, or by a shutdown.
//!
//! hyper rejects malformed and too large heads and contradictory framing (RFC 9112, section 6.3) before the router gets
//! a request. This module answers them in the same form as every other rejection.

use std::{
    io::ErrorKind,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use tokio::{
    sync::watch,
    time::{Instant, Sleep, sleep, sleep_until, timeout_at},
};

use super::{
    answering::RequestService,
    closing,
    progress::{Phase, Progress},
    proxy_protocol,
    slots::ConnectionPermit,
    socket::Socket,
    stream::Stream,
    tls::{self, Tls},
};
use crate::{Problem, Settings, Timeouts, settings::Refuse};

/// The extra size that hyper accepts on top of the settings, for the request line, spaces and line ends. Up to this
/// size this server answers with the reason; beyond it hyper answers.
const EXTRA_HEAD_BYTES: usize = 8_192;

/// How long a client may take to begin TLS, and a proxy to name the client, when the server shuts down. A connection
/// that was just accepted may carry a request.
const LAST_PREFACE: Duration = Duration::from_millis(500);

/// Serves connections.
#[derive(Clone)]
pub struct Connections {
    router: Router,
    timeouts: Timeouts,
    http: http1::Builder,
    stop: watch::Receiver<bool>,
    proxies: Arc<[IpNet]>,
    tls: Option<Tls>,
    refuse: Refuse,
}

/// Why a connection ends.
enum End {
    /// HTTP ended it.
    Closed,
    /// The head of a request can't be parsed.
    Malformed(hyper::Error),
    /// The server shuts down and the connection is idle.
    Stopped,
    /// The client timed out in this phase.
    TimedOut(Phase),
    /// The connection was evicted.
    Evicted,
}

impl Connections {
    /// Serves connections with `router` until `stop` is true.
    #[must_use]
    pub fn new(router: Router, settings: &Settings, stop: watch::Receiver<bool>) -> Self {
        let mut http = http1::Builder::new();
        http.header_read_timeout(None)
            // A client that has shut down its write side can still read its answer.
            .half_close(true)
            .max_headers(settings.headers.saturating_mul(2))
            .max_buf_size(settings.head_bytes.saturating_add(EXTRA_HEAD_BYTES));
        Self {
            router,
            timeouts: settings.timeouts,
            http,
            stop,
            proxies: settings.proxies.clone(),
            tls: settings.tls.clone(),
            refuse: settings.refuse,
        }
    }

    /// Serves the connection to its end. `permit` is released then, or when the running request ends.
    pub async fn serve(self, socket: Socket, peer: SocketAddr, permit: Arc<ConnectionPermit>) {
        socket.set_nodelay();
        let progress = Arc::clone(&permit.progress);
        let (socket, peer) = match self.begin(socket, peer, &progress).await {
            Ok(begun) => begun,
            Err(NoHttp::Ended) => return,
            Err(NoHttp::Refused(socket, problem)) => return closing::refuse(socket, (self.refuse)(&problem)).await,
        };
        let stream = TokioIo::new(Stream::new(socket, Arc::clone(&progress)));
        let answering = RequestService {
            router: self.router,
            peer,
            permit: Arc::clone(&permit),
            time_limit: self.timeouts.body,
            refuse: self.refuse,
        };
        let mut connection = self.http.serve_connection(stream, answering);

        let mut stop = self.stop;
        let mut stopping = pin!(async move { stop.wait_for(|stopped| *stopped).await.is_ok() });
        let mut timer = pin!(DeadlineTimer::default());
        let end = std::future::poll_fn(|cx| {
            progress.register(cx.waker());
            if !progress.is_ending() && stopping.as_mut().poll(cx).is_ready() {
                progress.end_soon();
            }
            let polled = connection.poll_without_shutdown(cx);
            // Only after the poll, which reads what the client has sent so far: a request that has arrived is answered.
            if polled.is_pending() && progress.is_ending() && progress.phase().is_idle() {
                Pin::new(&mut connection).graceful_shutdown();
                if connection.poll_without_shutdown(cx).is_ready() {
                    return Poll::Ready(End::Stopped);
                }
            }
            if let Poll::Ready(result) = polled {
                return Poll::Ready(result.map_or_else(|error| failed(peer, error), |()| End::Closed));
            }
            match progress.phase() {
                Phase::Evicted => Poll::Ready(End::Evicted),
                phase => timer.as_mut().poll(&progress, &self.timeouts, cx).map(|()| End::TimedOut(phase)),
            }
        });
        let end = end.await;
        let (socket, answer_withheld) = connection.into_parts().io.into_inner().into_parts();
        match end {
            End::Malformed(error) if answer_withheld => closing::refuse(socket, (self.refuse)(&problem(&error))).await,
            End::Closed | End::Malformed(_) => closing::close(socket).await,
            End::TimedOut(Phase::Head) => {
                closing::refuse(socket, (self.refuse)(&Problem::HeadTooSlow)).await;
            }
            // The client does not wait for an answer, or does not read it.
            End::Stopped | End::TimedOut(_) | End::Evicted => drop(socket),
        }
        drop(permit);
    }
}

/// Why a connection carries no HTTP.
enum NoHttp {
    /// The client gets an answer.
    Refused(Socket, Problem),
    /// It ended before, or its client took too long.
    Ended,
}

/// What precedes HTTP on a connection: the header of the PROXY protocol, and TLS.
impl Connections {
    /// The socket that carries HTTP, and the client: the peer, or whom it names if it is one of the proxies.
    async fn begin(
        &self,
        mut socket: Socket,
        peer: SocketAddr,
        progress: &Progress,
    ) -> Result<(Socket, SocketAddr), NoHttp> {
        let address = peer.ip().to_canonical();
        if !self.proxies.iter().any(|network| network.contains(&address)) {
            return Ok((self.secure(socket, peer, progress).await?, peer));
        }
        let client = match self.in_time(progress, proxy_protocol::read(&mut socket)).await? {
            Ok(client) => client.unwrap_or(peer),
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                tracing::warn!(%peer, "a connection of a proxy has no header of the PROXY protocol");
                return Err(NoHttp::Refused(socket, Problem::NoProxyHeader));
            }
            // The proxy disconnected, as after a check of the port.
            Err(_) => return Err(NoHttp::Ended),
        };
        Ok((self.secure(socket, client, progress).await?, client))
    }

    /// The socket after the TLS handshake, if it has one.
    async fn secure(&self, socket: Socket, client: SocketAddr, progress: &Progress) -> Result<Socket, NoHttp> {
        let (tls, socket) = match (&self.tls, socket) {
            (Some(tls), Socket::Tcp(socket)) => (tls, socket),
            (_, socket) => return Ok(socket),
        };
        let handshake =
            async { if tls::is_begun(&socket).await? { tls.accept(socket).await.map(Ok) } else { Ok(Err(socket)) } };
        match self.in_time(progress, handshake).await? {
            Ok(Ok(stream)) => Ok(Socket::Tls(Box::new(stream))),
            Ok(Err(socket)) => Err(NoHttp::Refused(Socket::Tcp(socket), Problem::NoTls)),
            Err(error) => {
                tracing::debug!(%client, %error, "TLS handshake failed");
                Err(NoHttp::Ended)
            }
        }
    }

    /// Waits within the time limit for a head, which also bounds what precedes it.
    async fn in_time<T>(&self, progress: &Progress, arriving: impl Future<Output = T>) -> Result<T, NoHttp> {
        let mut stop = self.stop.clone();
        let stopped = async {
            let _ = stop.wait_for(|stopped| *stopped).await;
            sleep(LAST_PREFACE).await;
        };
        let evicted = std::future::poll_fn(|cx| {
            progress.register(cx.waker());
            if progress.phase() == Phase::Evicted { Poll::Ready(()) } else { Poll::Pending }
        });
        let deadline = progress.deadline(&self.timeouts).unwrap_or_else(Instant::now);
        tokio::select! {
            biased;
            arrived = timeout_at(deadline, arriving) => arrived.map_err(|_| NoHttp::Ended),
            () = evicted => Err(NoHttp::Ended),
            () = stopped => Err(NoHttp::Ended),
        }
    }

    /// Whether clients of this socket speak TLS.
    pub fn is_secured(&self, socket: &Socket) -> bool {
        self.tls.is_some() && matches!(socket, Socket::Tcp(_))
    }
}

fn failed(peer: SocketAddr, error: hyper::Error) -> End {
    tracing::debug!(%peer, %error, "connection failed");
    if error.is_parse() { End::Malformed(error) } else { End::Closed }
}

/// The problem with a head that hyper can't parse.
fn problem(error: &hyper::Error) -> Problem {
    if error.is_parse_too_large() {
        return Problem::HeadTooLarge;
    }
    // hyper distinguishes this error only by its message; a test checks the message.
    if error.to_string() == "invalid transfer-encoding parsed" {
        return Problem::UnknownTransferCoding;
    }
    Problem::MalformedHead
}

/// A timer for the client's deadline. It moves the deadline lazily, which costs nothing while requests follow each
/// other.
#[derive(Default)]
struct DeadlineTimer(Option<Pin<Box<Sleep>>>);

impl DeadlineTimer {
    fn poll(mut self: Pin<&mut Self>, progress: &Progress, timeouts: &Timeouts, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = progress.deadline(timeouts) else { return Poll::Pending };
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if deadline < sleep.deadline() {
            sleep.as_mut().reset(deadline);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if deadline <= Instant::now() {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
