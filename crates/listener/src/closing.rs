//! Closes connections and answers clients whose requests the router can't answer.

use std::{
    fmt::Write,
    time::{Duration, SystemTime},
};

use axum::http::{Response, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, sink},
    time::timeout,
};

use super::{answering::CLOSE, socket::Socket};

/// The maximum time and bytes that are read from a client that is still sending. Closing a socket with unread bytes
/// makes the system reset the connection, and the client may lose the answer.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
const MAX_DISCARDED_BYTES: u64 = 1024 * 1024;

/// Closes the connection so that the client gets everything that was written.
pub async fn close(mut socket: Socket) {
    let discard_input = async {
        socket.shutdown().await?;
        copy(&mut (&mut socket).take(MAX_DISCARDED_BYTES), &mut sink()).await
    };
    let _ = timeout(CLOSE_TIMEOUT, discard_input).await;
}

/// Writes `refusal` as HTTP/1.1 and closes the connection.
pub async fn refuse(mut socket: Socket, refusal: Response<String>) {
    let text = text(&refusal);
    if matches!(timeout(CLOSE_TIMEOUT, socket.write_all(text.as_bytes())).await, Ok(Ok(()))) {
        close(socket).await;
    }
}

/// The answer as HTTP/1.1 text (RFC 9112, section 2.1).
fn text(refusal: &Response<String>) -> String {
    let mut text = format!("HTTP/1.1 {}\r\n", refusal.status());
    let own = |name: &&header::HeaderName| ![header::CONNECTION, header::CONTENT_LENGTH, header::DATE].contains(name);
    for (name, value) in refusal.headers().iter().filter(|(name, _)| own(name)) {
        let _ = write!(text, "{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    let _ = write!(text, "connection: {}\r\n", CLOSE.to_str().unwrap_or_default());
    let _ = write!(text, "content-length: {}\r\n", refusal.body().len());
    let _ = write!(text, "date: {}\r\n\r\n", httpdate::fmt_http_date(now()));
    text + refusal.body()
}

#[expect(clippy::disallowed_methods, reason = "`Date` is the system's time, whatever tests make of a server's clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
