//! The sockets to accept connections on: those of `listen`, or those that systemd opened and passed on (socket
//! activation, `sd_listen_fds(3)`).

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    path::PathBuf,
};

use listenfd::ListenFd;
use tokio::net::{TcpListener, UnixListener, lookup_host};

use super::Error;
use crate::{
    config::{Config, Endpoint, Listen, is_localhost},
    listener::{Listener, bind, bind_unix},
};

/// The sockets that systemd passed to this process, if any. They replace `listen` in `config`. Call this before other
/// threads read the environment: it removes the variables, so that child processes do not take the sockets too.
///
/// # Errors
///
/// [`Error::Inherited`] if one is not a listening TCP or Unix socket, [`Error::Config`] if other machines can reach one
/// and the settings do not allow it.
pub(super) fn inherit(config: &mut Config) -> Result<Vec<Listener>, Error> {
    let mut passed = ListenFd::from_env();
    let taken: io::Result<Vec<_>> = (0..passed.len()).map(|index| take(&mut passed, index)).collect();
    let sockets = taken.map_err(Error::Inherited)?;
    if !sockets.is_empty() {
        let endpoints: io::Result<Vec<_>> = sockets.iter().map(endpoint).collect();
        config.listen_on_inherited(endpoints?)?;
    }
    Ok(sockets)
}

fn take(passed: &mut ListenFd, index: usize) -> io::Result<Listener> {
    if let Ok(Some(socket)) = passed.take_tcp_listener(index) {
        socket.set_nonblocking(true)?;
        return Ok(Listener::Tcp(TcpListener::from_std(socket)?));
    }
    let socket = passed.take_unix_listener(index)?.ok_or(ErrorKind::NotFound)?;
    socket.set_nonblocking(true)?;
    // systemd deletes the file of its socket.
    Ok(Listener::Unix(UnixListener::from_std(socket)?, None))
}

/// Opens the sockets of `listen`.
///
/// # Errors
///
/// [`Error::Listen`] with the first address that cannot be used.
pub(super) async fn open(listen: &Listen) -> Result<Vec<Listener>, Error> {
    let mut sockets = Vec::new();
    for endpoint in listen.as_slice() {
        let opened = match endpoint {
            Endpoint::Address(address) => bind(*address).map(|socket| vec![Listener::Tcp(socket)]),
            Endpoint::Name(name, port) => open_name(name, *port).await,
            Endpoint::Unix(path) => bind_unix(path).map(|socket| vec![socket]),
        };
        sockets.extend(opened.map_err(|error| Error::Listen(endpoint.to_string(), error))?);
    }
    Ok(sockets)
}

/// Opens a socket for each address of `name`.
async fn open_name(name: &str, port: u16) -> io::Result<Vec<Listener>> {
    let mut addresses: Vec<_> = lookup_host((name, port)).await?.collect();
    addresses.sort_unstable();
    addresses.dedup();
    if is_localhost(name) && !addresses.iter().all(|address| address.ip().to_canonical().is_loopback()) {
        return Err(io::Error::other("the name has an address that other machines can reach"));
    }
    bind_all(&addresses)
}

/// Machines without IPv6 often still give `localhost` its IPv6 address, so an address that this machine lacks is left
/// out if there is another.
fn bind_all(addresses: &[SocketAddr]) -> io::Result<Vec<Listener>> {
    let (mut sockets, mut missing) = (Vec::new(), io::Error::from(ErrorKind::NotFound));
    for address in addresses {
        match bind(*address) {
            Ok(socket) => sockets.push(Listener::Tcp(socket)),
            Err(error) if is_missing(&error) => missing = error,
            Err(error) => return Err(error),
        }
    }
    if sockets.is_empty() { Err(missing) } else { Ok(sockets) }
}

fn is_missing(error: &io::Error) -> bool {
    let no_family = rustix::io::Errno::AFNOSUPPORT.raw_os_error();
    error.kind() == ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(no_family)
}

/// The address of a socket, with the port that the system chose.
pub(super) fn endpoint(socket: &Listener) -> io::Result<Endpoint> {
    match socket {
        Listener::Tcp(socket) => socket.local_addr().map(Endpoint::Address),
        Listener::Unix(socket, _) => {
            let address = socket.local_addr()?;
            Ok(Endpoint::Unix(address.as_pathname().map_or_else(|| PathBuf::from("abstract"), Into::into)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn name_is_opened_on_every_address_that_the_machine_has() {
        let foreign = "192.0.2.1:0".parse().unwrap();
        let sockets = bind_all(&["127.0.0.1:0".parse().unwrap(), foreign]).unwrap();
        assert!(matches!(endpoint(&sockets[0]).unwrap(), Endpoint::Address(address) if address.port() != 0));
        assert_eq!(sockets.len(), 1);
        assert_eq!(bind_all(&[foreign]).unwrap_err().kind(), ErrorKind::AddrNotAvailable);
    }

    #[tokio::test]
    async fn used_address_stops_the_start() {
        let taken = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = taken.local_addr().unwrap().port();
        let listen: Listen = format!("localhost:{port}").parse().unwrap();
        let error = open(&listen).await.unwrap_err();
        assert!(
            matches!(&error, Error::Listen(name, error) if name.starts_with("localhost:") && error.kind() == ErrorKind::AddrInUse)
        );
    }
}
