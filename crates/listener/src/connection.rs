//! The life of one connection: HTTP/1.1 by hyper, and the end of it, by the client, by its silence, to make room, or
//! because the server stops.
//!
//! hyper refuses a head that is too large or malformed, and contradictory framing (RFC 9112, section 6.3): there is no request
//! yet that the router could answer. What the client gets then is said here, as for every other refusal.

use std::{
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, Sleep, sleep_until},
};

use super::{
    answering::Answering,
    farewell,
    progress::{Phase, Progress},
    slots::Seat,
    stream::Stream,
};
use crate::{Problem, Settings, Timeouts, settings::Refuse};

/// Room for what hyper adds to the sizes of the settings: a request line, spaces and line ends. Beyond it hyper answers by
/// itself; within it, this server does, and says what is wrong.
const SLACK: usize = 8_192;

/// How connections are served.
#[derive(Clone)]
pub struct Connections {
    router: Router,
    timeouts: Timeouts,
    http: http1::Builder,
    stop: watch::Receiver<bool>,
    refuse: Refuse,
}

/// Why a connection ends.
enum End {
    /// It is over, as HTTP has it.
    Over,
    /// The head of a request cannot be read.
    Malformed(hyper::Error),
    /// The server stops, and nothing was on it.
    Rest,
    /// The client was silent for too long.
    Silence(Phase),
    /// It must make room.
    Evicted,
}

impl Connections {
    /// Connections to `router`, until `stop` says true.
    #[must_use]
    pub fn new(router: Router, settings: &Settings, stop: watch::Receiver<bool>) -> Self {
        let mut http = http1::Builder::new();
        http.header_read_timeout(None)
            // A client that sends no more may still read: it gets its answer.
            .half_close(true)
            .max_headers(settings.headers.saturating_mul(2))
            .max_buf_size(settings.head_bytes.saturating_add(SLACK));
        Self { router, timeouts: settings.timeouts, http, stop, refuse: settings.refuse }
    }

    /// Serves the connection to its end. `seat` is free afterwards, or when the request ends that is still running then.
    pub async fn serve(self, socket: TcpStream, peer: SocketAddr, seat: Arc<Seat>) {
        // Answers are small and written at once: waiting for more to send only makes them late.
        let _ = socket.set_nodelay(true);
        let progress = Arc::clone(&seat.progress);
        let stream = TokioIo::new(Stream::new(socket, Arc::clone(&progress)));
        let answering = Answering {
            router: self.router,
            peer,
            seat: Arc::clone(&seat),
            patience: self.timeouts.body,
            refuse: self.refuse,
        };
        let mut connection = self.http.serve_connection(stream, answering);

        let mut stop = self.stop;
        let mut stopping = pin!(async move { stop.wait_for(|stopped| *stopped).await.is_ok() });
        let mut alarm = pin!(Alarm::default());
        let end = std::future::poll_fn(|cx| {
            progress.register(cx.waker());
            if !progress.is_ending() && stopping.as_mut().poll(cx).is_ready() {
                progress.end_soon();
            }
            let polled = connection.poll_without_shutdown(cx);
            // Only after the poll, which reads what the client has sent by now: a request that has arrived is answered.
            if polled.is_pending() && progress.is_ending() && progress.phase().is_at_rest() {
                Pin::new(&mut connection).graceful_shutdown();
                if connection.poll_without_shutdown(cx).is_ready() {
                    return Poll::Ready(End::Rest);
                }
            }
            if let Poll::Ready(result) = polled {
                return Poll::Ready(result.map_or_else(|error| failed(peer, error), |()| End::Over));
            }
            match progress.phase() {
                Phase::Evicted => Poll::Ready(End::Evicted),
                phase => alarm.as_mut().poll(&progress, &self.timeouts, cx).map(|()| End::Silence(phase)),
            }
        });
        let end = end.await;
        let (socket, is_owed) = connection.into_parts().io.into_inner().into_parts();
        match end {
            End::Malformed(error) if is_owed => farewell::refuse(socket, (self.refuse)(&problem(&error))).await,
            End::Over | End::Malformed(_) => farewell::close(socket).await,
            End::Silence(Phase::Head) => {
                farewell::refuse(socket, (self.refuse)(&Problem::HeadTooSlow)).await;
            }
            // No client waits for an answer, or the client does not take it.
            End::Rest | End::Silence(_) | End::Evicted => drop(socket),
        }
        drop(seat);
    }
}

fn failed(peer: SocketAddr, error: hyper::Error) -> End {
    tracing::debug!(%peer, %error, "a connection failed");
    if error.is_parse() { End::Malformed(error) } else { End::Over }
}

/// What is wrong with a head that hyper cannot read.
fn problem(error: &hyper::Error) -> Problem {
    if error.is_parse_too_large() {
        return Problem::HeadTooLarge;
    }
    // hyper has no other way to tell this error from the rest; a test holds it to the words.
    if error.to_string() == "invalid transfer-encoding parsed" {
        return Problem::UnknownTransferCoding;
    }
    Problem::MalformedHead
}

/// Rings when the client's time is up. It is set later lazily: while requests follow each other, that costs nothing.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
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
