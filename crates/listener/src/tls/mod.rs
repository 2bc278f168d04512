//! TLS 1.2 and 1.3 (RFC 5246, RFC 8446) on the TCP ports of a listener. The certificate can be replaced while the
//! server runs: connections that are open keep the former one.

mod certificate;
mod validity;

use std::{
    fmt,
    io::{self, ErrorKind},
    sync::{Arc, PoisonError, RwLock},
};

use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server::TlsStream,
};

pub use self::certificate::{Certificate, Chain, ChainError, PrivateKeyError};

/// The only protocol that this listener speaks (RFC 7301).
const HTTP_1_1: &[u8] = b"http/1.1";

/// The first byte of a handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

/// Accepts TLS connections with a certificate. Clones share the certificate.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
}

impl Tls {
    /// Accepts connections with `certificate`.
    ///
    /// # Panics
    ///
    /// If aws-lc supports no version of TLS.
    #[must_use]
    pub fn new(certificate: Certificate) -> Self {
        let current = Arc::new(Current(RwLock::new(Arc::new(certificate))));
        let mut config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect("aws-lc supports both versions")
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Self { acceptor: Arc::new(config).into(), current }
    }

    /// Uses another certificate for new connections.
    pub fn replace(&self, certificate: Certificate) {
        *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certificate);
    }

    /// The certificate in use.
    #[must_use]
    pub fn certificate(&self) -> Arc<Certificate> {
        self.current.certificate()
    }

    /// The connection after the handshake.
    pub(super) async fn accept(&self, socket: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(socket).await
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.certificate()).finish()
    }
}

/// Whether the client begins with TLS. Waits for its first byte and leaves it unread.
///
/// # Errors
///
/// Those of `socket`; [`ErrorKind::UnexpectedEof`] if the client sends nothing.
pub(super) async fn is_begun(socket: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    match socket.peek(&mut first).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(first[0] == HANDSHAKE),
    }
}

/// The certificate in use.
struct Current(RwLock<Arc<Certificate>>);

impl Current {
    fn certificate(&self) -> Arc<Certificate> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.certificate().key())
    }
}
