//! The end of a connection, and answers to clients who have not sent a request that could be answered otherwise.

use std::{
    fmt::Write,
    time::{Duration, SystemTime},
};

use axum::http::{Response, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, sink},
    net::TcpStream,
    time::timeout,
};

use crate::answering::CLOSE;

/// How long, and for how many bytes, a client is heard out that still sends. Closing a socket with unread bytes in it
/// makes the system reset the connection, and the client may lose the answer it was about to read.
const PATIENCE: Duration = Duration::from_secs(1);
const BYTES: u64 = 1024 * 1024;

/// Ends the connection so that the client gets what was written to it.
pub async fn close(mut socket: TcpStream) {
    let hear_out = async {
        socket.shutdown().await?;
        copy(&mut (&mut socket).take(BYTES), &mut sink()).await
    };
    let _ = timeout(PATIENCE, hear_out).await;
}

/// Answers with `refusal`, as HTTP/1.1 has it, and ends the connection.
pub async fn refuse(mut socket: TcpStream, refusal: Response<String>) {
    let text = text(&refusal);
    if matches!(timeout(PATIENCE, socket.write_all(text.as_bytes())).await, Ok(Ok(()))) {
        close(socket).await;
    }
}

/// The refusal as HTTP/1.1 has it (RFC 9112, section 2.1).
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
