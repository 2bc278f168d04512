//! The end of a connection, and answers to clients who have not sent a request that could be answered otherwise.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, sink},
    net::TcpStream,
    time::timeout,
};

use crate::http::refusal::Refusal;

/// How long, and for how many bytes, a client is heard out that still sends. Closing a socket with bytes in it that
/// nobody read makes the system reset the connection, and the client may lose the answer it was about to read.
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
pub async fn refuse(mut socket: TcpStream, refusal: Refusal) {
    let text = refusal.into_text();
    if matches!(timeout(PATIENCE, socket.write_all(text.as_bytes())).await, Ok(Ok(()))) {
        close(socket).await;
    }
}
