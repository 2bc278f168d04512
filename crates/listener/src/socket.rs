//! The sockets that clients connect to, and the socket of one client: TCP, or a Unix socket for clients on the same
//! machine.

use std::{
    io::{self, ErrorKind, Read as _},
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use socket2::SockRef;
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::server::TlsStream;

#[cfg(unix)]
use crate::unix::SocketFile;

/// A socket that clients connect to.
#[derive(Debug)]
pub enum Listener {
    /// A TCP port.
    Tcp(TcpListener),
    /// A Unix socket. The file is deleted when the listener closes, unless another program made it.
    #[cfg(unix)]
    Unix(UnixListener, Option<SocketFile>),
}

/// The sockets of a server, at least one.
#[derive(Debug)]
pub struct Listeners {
    all: Vec<Listener>,
    /// The one that is asked first, so that a flood on one socket does not shut out the clients of another.
    next: usize,
}

impl From<TcpListener> for Listeners {
    fn from(listener: TcpListener) -> Self {
        vec![Listener::Tcp(listener)].into()
    }
}

impl From<Vec<Listener>> for Listeners {
    fn from(all: Vec<Listener>) -> Self {
        Self { all, next: 0 }
    }
}

/// What a client and this server read and write.
#[derive(Debug)]
pub enum Socket {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// A client on a Unix socket has no address. It is on this machine, as a client on a loopback address is.
#[cfg(unix)]
const UNIX_PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

impl Listeners {
    /// The next client of any socket, or the first error with its socket.
    pub(super) async fn accept(&mut self) -> Result<(Socket, SocketAddr), (io::Error, usize)> {
        std::future::poll_fn(|cx| {
            let count = self.all.len();
            for index in (0..count).map(|offset| (self.next + offset) % count) {
                if let Poll::Ready(accepted) = self.all[index].poll_accept(cx) {
                    self.next = index + 1;
                    return Poll::Ready(accepted.map_err(|error| (error, index)));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Whether a client waits to be accepted on the socket with this index.
    pub(super) fn client_waits(&self, index: usize) -> bool {
        match &self.all[index] {
            Listener::Tcp(listener) => crate::descriptors::client_waits(listener),
            #[cfg(unix)]
            Listener::Unix(listener, _) => crate::descriptors::client_waits(listener),
        }
    }

    /// The sockets.
    pub(super) fn into_vec(self) -> Vec<Listener> {
        self.all
    }
}

impl Listener {
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Socket, SocketAddr)>> {
        match self {
            Self::Tcp(listener) => listener.poll_accept(cx).map_ok(|(socket, peer)| (Socket::Tcp(socket), peer)),
            #[cfg(unix)]
            Self::Unix(listener, _) => listener.poll_accept(cx).map_ok(|(socket, _)| (Socket::Unix(socket), UNIX_PEER)),
        }
    }

    /// Accepts the clients that the system has already accepted, without waiting for more. The result is called for
    /// each, and answers `None` after the last.
    pub(super) fn into_waiting(self) -> Box<dyn FnMut() -> Option<(Socket, SocketAddr)> + Send> {
        match self {
            Self::Tcp(listener) => {
                let Ok(listener) = listener.into_std() else { return Box::new(|| None) };
                Box::new(move || {
                    let (socket, peer) = listener.accept().ok()?;
                    socket.set_nonblocking(true).ok()?;
                    Some((Socket::Tcp(TcpStream::from_std(socket).ok()?), peer))
                })
            }
            #[cfg(unix)]
            Self::Unix(listener, file) => {
                let Ok(listener) = listener.into_std() else { return Box::new(|| None) };
                Box::new(move || {
                    let _held = &file;
                    let (socket, _) = listener.accept().ok()?;
                    socket.set_nonblocking(true).ok()?;
                    Some((Socket::Unix(UnixStream::from_std(socket).ok()?), UNIX_PEER))
                })
            }
        }
    }
}

impl Socket {
    /// Answers are small and written at once, so Nagle's algorithm would only delay them.
    pub fn set_nodelay(&self) {
        let Self::Tcp(socket) = self else { return };
        let _ = socket.set_nodelay(true);
    }

    /// Reads bytes that have arrived, even before tokio is notified of them.
    pub fn read_arrived(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => (&*SockRef::from(&*socket)).read(buffer),
            Self::Tls(stream) => {
                let (socket, session) = stream.get_mut();
                loop {
                    match session.reader().read(buffer) {
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        read => return read,
                    }
                    session.read_tls(&mut &*SockRef::from(&*socket))?;
                    session.process_new_packets().map_err(io::Error::other)?;
                }
            }
            #[cfg(unix)]
            Self::Unix(socket) => (&*SockRef::from(&*socket)).read(buffer),
        }
    }
}

/// Calls the method of the socket of either kind.
macro_rules! either {
    ($this:ident, $socket:ident => $call:expr) => {
        match $this.get_mut() {
            Socket::Tcp($socket) => $call,
            Socket::Tls($socket) => $call,
            #[cfg(unix)]
            Socket::Unix($socket) => $call,
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self, socket => Pin::new(socket).poll_read(cx, buffer))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, socket => Pin::new(socket).poll_write(cx, buffer))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self, socket => Pin::new(socket).poll_write_vectored(cx, buffers))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, socket => Pin::new(socket).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, socket => Pin::new(socket).poll_shutdown(cx))
    }
}
