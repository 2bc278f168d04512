//! The stream of a connection. It records when the client sends or reads bytes.
//!
//! hyper answers a head that it can't parse without our headers and without a body, and offers no hook. The stream
//! detects such an answer and withholds it, and the connection's task answers instead.

use std::{
    io::{self, ErrorKind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{progress::Progress, socket::Socket};

/// A socket that updates the progress of its connection.
pub struct Stream {
    socket: Socket,
    progress: Arc<Progress>,
    withheld: bool,
}

impl Stream {
    /// Creates the stream of a connection.
    #[must_use]
    pub fn new(socket: Socket, progress: Arc<Progress>) -> Self {
        Self { socket, progress, withheld: false }
    }

    /// The socket, and whether an answer of hyper was withheld, so that the client still needs one.
    #[must_use]
    pub fn into_parts(self) -> (Socket, bool) {
        (self.socket, self.withheld)
    }

    /// Reads bytes that have arrived, even before tokio is notified of them. On a connection that is about to close,
    /// they could be a request that would get no answer.
    fn read_arrived(&mut self, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.socket.read_arrived(buffer.initialize_unfilled()) {
            Ok(bytes) => buffer.advance(bytes),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Poll::Pending,
            Err(error) => return Poll::Ready(Err(error)),
        }
        Poll::Ready(Ok(()))
    }

    fn written(&self, written: io::Result<usize>) -> Poll<io::Result<usize>> {
        if written.as_ref().is_ok_and(|bytes| *bytes > 0) {
            self.progress.written();
        }
        Poll::Ready(written)
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let mut polled = Pin::new(&mut self.socket).poll_read(cx, buffer);
        if polled.is_pending() && self.progress.is_ending() {
            polled = self.read_arrived(buffer);
        }
        ready!(polled)?;
        if buffer.filled().len() > before {
            self.progress.read();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let own = own_answer(buffer);
        let before = &buffer[..buffer.len() - own];
        if before.is_empty() && own > 0 {
            self.withheld = true;
            return Poll::Ready(Ok(own));
        }
        let written = ready!(Pin::new(&mut self.socket).poll_write(cx, before));
        self.written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if buffers.iter().any(|buffer| own_answer(buffer) > 0) {
            // hyper closes the connection after it, so the cost of separate writes does not matter.
            let first = buffers.iter().find(|buffer| !buffer.is_empty()).map_or(&[][..], |buffer| buffer);
            return self.poll_write(cx, first);
        }
        let written = ready!(Pin::new(&mut self.socket).poll_write_vectored(cx, buffers));
        self.written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

/// The length of hyper's own answer at the end of `buffer`, or 0. It has only hyper's header fields, while such an
/// answer of the router always has [`MARK`](super::answering::MARK).
fn own_answer(buffer: &[u8]) -> usize {
    // Only answers without a body end like this, and they are rare.
    if !buffer.ends_with(b"\r\n\r\n") {
        return 0;
    }
    let heads = buffer.windows(START.len()).rposition(|window| window == START);
    let head = heads.map_or(&[][..], |start| &buffer[start..]);
    if is_own(head) { head.len() } else { 0 }
}

/// The start of every answer, up to the status.
const START: &[u8] = b"HTTP/1.1 ";

fn is_own(head: &[u8]) -> bool {
    let Ok(head) = std::str::from_utf8(head) else { return false };
    let mut lines = head.trim_end_matches("\r\n").split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let mut names = lines.map(|line| line.split_once(':').map_or(line, |(name, _)| name));
    let is_refusal = matches!(status, Some("400" | "414" | "431"));
    is_refusal && names.all(|name| matches!(name, "connection" | "content-length" | "date"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_of_hyper_itself_are_recognized() {
        let own = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
        let ok = "HTTP/1.1 204 No Content\r\ndate: x\r\n\r\n";
        for (text, length) in [
            (own.to_owned(), own.len()),
            (format!("{ok}{own}"), own.len()),
            (format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{{}}{own}"), own.len()),
            (ok.to_owned(), 0),
            (own.replace("date", "cache-control"), 0),
            (format!("{own}x"), 0),
            ("\r\n\r\n".to_owned(), 0),
            (String::new(), 0),
        ] {
            assert_eq!(own_answer(text.as_bytes()), length, "{text}");
        }
    }
}
