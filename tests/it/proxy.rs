//! A TCP proxy that can stop forwarding: connections stay open, and no bytes pass.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// Forwards bytes between clients and a server unless it is paused.
pub struct Proxy {
    /// The address that clients connect to.
    pub address: SocketAddr,
    passes: watch::Sender<bool>,
}

impl Proxy {
    /// Starts to forward bytes to the server at `address`.
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

    /// Pauses forwarding until [`Proxy::resume`]. New connections are accepted but receive nothing.
    pub fn pause(&self) {
        self.passes.send(false).unwrap();
    }

    /// Resumes forwarding, including the bytes that arrived during the pause.
    pub fn resume(&self) {
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
