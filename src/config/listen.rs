//! The addresses to accept connections on.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::value::{Kind, Value, without_control_characters};

/// One place to accept connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// An IP address and a port.
    Address(SocketAddr),
    /// All addresses of a host name, and a port.
    Name(String, u16),
    /// A Unix socket.
    Unix(PathBuf),
}

/// The addresses to accept connections on, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen(Vec<Endpoint>);

impl Endpoint {
    /// Whether only programs on this machine can connect.
    fn is_local(&self) -> bool {
        match self {
            Self::Address(address) => address.ip().to_canonical().is_loopback(),
            // Checked again when the name is resolved.
            Self::Name(name, _) => is_localhost(name),
            Self::Unix(_) => true,
        }
    }

    /// The base of the URLs that reach it. For a Unix socket, which has no TLS, it has the name that most clients send.
    pub(crate) fn base_url(&self, speaks_tls: bool) -> String {
        match self {
            Self::Unix(_) => "http://localhost".to_owned(),
            other if speaks_tls => format!("https://{other}"),
            other => format!("http://{other}"),
        }
    }

    /// Whether it is a Unix socket.
    pub(crate) const fn is_unix(&self) -> bool {
        matches!(self, Self::Unix(_))
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            return (!path.is_empty()).then(|| Self::Unix(path.into()));
        }
        let name = || {
            let (name, port) = text.rsplit_once(':')?;
            is_name(name).then_some(Self::Name(name.to_owned(), port.parse().ok()?))
        };
        text.parse().map(Self::Address).ok().or_else(name)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name, port) => write!(f, "{name}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Whether the name means a loopback address (RFC 6761, section 6.3).
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// A host name, and not an IP address with a mistake in it.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.split('.').all(is_label) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

impl Listen {
    /// The addresses.
    #[must_use]
    pub fn as_slice(&self) -> &[Endpoint] {
        &self.0
    }

    /// Whether only programs on this machine can connect.
    pub(super) fn is_local(&self) -> bool {
        self.0.iter().all(Endpoint::is_local)
    }

    /// The base of the URLs that reach the first address, or with TLS the first that has it.
    pub(super) fn base_url(&self, speaks_tls: bool) -> String {
        let first = self.0.iter().find(|endpoint| !(speaks_tls && endpoint.is_unix()));
        first.map(|endpoint| endpoint.base_url(speaks_tls)).unwrap_or_default()
    }

    /// Changes the port of every IP address and host name. Returns whether there is one.
    pub(super) fn set_port(&mut self, port: u16) -> bool {
        let mut found = false;
        for endpoint in &mut self.0 {
            match endpoint {
                Endpoint::Address(address) => address.set_port(port),
                Endpoint::Name(_, own) => *own = port,
                Endpoint::Unix(_) => continue,
            }
            found = true;
        }
        found
    }
}

impl Default for Listen {
    fn default() -> Self {
        SocketAddr::from((Ipv4Addr::LOCALHOST, 4000)).into()
    }
}

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Self(vec![Endpoint::Address(address)])
    }
}

impl From<Vec<Endpoint>> for Listen {
    fn from(endpoints: Vec<Endpoint>) -> Self {
        Self(endpoints)
    }
}

impl Value for Listen {
    const PLACEHOLDER: &'static str = "ADDRESS:PORT,…";
    const KIND: Kind = Kind::TextOrList;

    fn parse(text: &str) -> Result<Self, String> {
        let text = without_control_characters(text)?;
        let endpoints: Option<Vec<_>> = text.split(',').map(|part| Endpoint::parse(part.trim())).collect();
        endpoints.map(Self).ok_or_else(|| {
            "must be an IP address or a host name with a port, such as `127.0.0.1:4000`, `[::1]:4000` or `localhost:4000`, or `unix:` and a path"
                .to_owned()
        })
    }

    fn show(&self) -> Option<String> {
        Some(self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_names_and_sockets_are_accepted() {
        for (text, local, base) in [
            ("127.0.0.1:4000", true, "http://127.0.0.1:4000"),
            ("[::1]:0", true, "http://[::1]:0"),
            ("0.0.0.0:80", false, "http://0.0.0.0:80"),
            ("localhost:4000", true, "http://localhost:4000"),
            ("id.localhost:4000", true, "http://id.localhost:4000"),
            ("id.example.org:4000", false, "http://id.example.org:4000"),
            ("unix:/run/fieldguard/server.sock", true, "http://localhost"),
            ("unix:server.sock,127.0.0.1:4000", true, "http://localhost"),
            ("127.0.0.1:4000,192.0.2.1:4000", false, "http://127.0.0.1:4000"),
        ] {
            let listen = Listen::parse(text).unwrap();
            assert_eq!((listen.is_local(), &*listen.base_url(false)), (local, base), "{text}");
            assert_eq!(listen.show().unwrap(), text);
        }
        let listen = Listen::parse("unix:server.sock,127.0.0.1:4000").unwrap();
        assert_eq!(listen.base_url(true), "https://127.0.0.1:4000", "a Unix socket has no TLS");
    }

    #[test]
    fn other_texts_are_refused() {
        let bad = "localhost 4000 :4000 127.0.0.1 localhost: localhost:port localhost:70000 127.0.0:4000 ::1:4000 unix: \
                   127.0.0.1:4000, http://localhost:4000 a..b:1 [localhost]:1";
        for bad in bad.split_whitespace().chain(["", "a b:1", "unix:a\nb"]) {
            assert!(Listen::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn port_changes_everywhere_but_on_a_unix_socket() {
        let mut listen = Listen::parse("127.0.0.1:1,localhost:2,unix:s").unwrap();
        assert!(listen.set_port(8080));
        assert_eq!(listen.show().unwrap(), "127.0.0.1:8080,localhost:8080,unix:s");
        assert!(!Listen::parse("unix:s").unwrap().set_port(8080));
    }
}
