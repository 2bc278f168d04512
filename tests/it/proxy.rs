//! A way to a server that can fall silent: connections stay open, and nothing passes.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// Passes bytes to a server and back while it is told to.
pub struct Proxy {
    /// Where clients connect to.
    pub address: SocketAddr,
    passes: watch::Sender<bool>,
}

impl Proxy {
    /// Begins to pass bytes to the server at `address`.
    pub async fn to(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (passes, gate) = watch::channel(true);
        let proxy = Self { address: listener.local_addr().unwrap(), passes };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(address).await.unwrap();
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                tokio::spawn(pass(from_client, to_server, gate.clone()));
                tokio::spawn(pass(from_server, to_client, gate.clone()));
            }
        });
        proxy
    }

    /// Passes nothing until [`Proxy::speak`]. New connections are accepted and hear nothing.
    pub fn fall_silent(&self) {
        self.passes.send(false).unwrap();
    }

    /// Passes everything again, what arrived in the silence included.
    pub fn speak(&self) {
        self.passes.send(true).unwrap();
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut gate: watch::Receiver<bool>) {
    let mut buffer = [0; 4096];
    while let Ok(bytes @ 1..) = from.read(&mut buffer).await {
        if gate.wait_for(|passes| *passes).await.is_err() || to.write_all(&buffer[..bytes]).await.is_err() {
            return;
        }
    }
}
