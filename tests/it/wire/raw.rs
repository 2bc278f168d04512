//! A client that sends raw bytes.

use std::{io::Write as _, net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::app::Server;

/// Longer than any operation here takes, even on a busy machine. Without it, a server that never answers would block
/// the tests.
pub const BOUND: Duration = Duration::from_mins(2);

/// A connection.
pub struct Raw(pub TcpStream);

/// An answer, unparsed except for its status.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    /// The value of a header that occurs exactly once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.head.lines().filter_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        values.next().filter(|_| values.next().is_none())
    }

    /// The code of the only error. The answer must have no data.
    #[track_caller]
    pub fn code(&self) -> String {
        let json: Value = serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"));
        assert!(json.get("data").is_none(), "{self:?}");
        json.pointer("/errors/0/extensions/code").and_then(Value::as_str).unwrap_or("none").to_owned()
    }
}

impl Raw {
    pub async fn connect(server: &Server) -> Self {
        Self(TcpStream::connect(server.address).await.unwrap())
    }

    /// Connects and sends bytes before the server accepts the connection. The server shares the thread of the test, so
    /// the bytes are there when it accepts, however late that is.
    pub fn connect_with(server: &Server, bytes: impl AsRef<[u8]>) -> Self {
        let mut stream = std::net::TcpStream::connect(server.address).unwrap();
        stream.write_all(bytes.as_ref()).unwrap();
        stream.set_nonblocking(true).unwrap();
        let raw = Self(TcpStream::from_std(stream).unwrap());
        while raw.server_end().is_none_or(|end| end.unread != bytes.as_ref().len()) {
            std::thread::yield_now();
        }
        raw
    }

    /// Returns when the server has accepted the connection and read everything that was sent. The client's system
    /// reports the connection as open before the server has it, and a busy machine may hand over a later connection
    /// first.
    pub async fn received(&self) {
        let received = async {
            while self.server_end().is_none_or(|end| !end.is_accepted || end.unread > 0) {
                tokio::task::yield_now().await;
            }
        };
        timeout(BOUND, received).await.expect("the server reads what the client sends");
    }

    /// The server's end of the connection, from the system's table.
    fn server_end(&self) -> Option<ServerEnd> {
        let ends = (self.0.peer_addr().unwrap(), self.0.local_addr().unwrap());
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let unsent = table.lines().filter_map(Row::parse).find(|row| row.ends == (ends.1, ends.0))?.unsent;
        let row = table.lines().filter_map(Row::parse).find(|row| row.ends == ends)?;
        Some(ServerEnd { is_accepted: row.inode != 0, unread: row.unread + unsent })
    }

    /// Sends bytes. Ignores that the server may have closed the connection.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
    }

    /// The next answer, or `None` if the server closes the connection first.
    pub async fn reply(&mut self) -> Option<Reply> {
        timeout(BOUND, self.read()).await.expect("the server answers or closes the connection")
    }

    /// The next answer to HEAD: it has a `Content-Length` but no body.
    pub async fn head(&mut self) -> Option<Reply> {
        timeout(BOUND, self.read_head()).await.expect("the server answers or closes the connection")
    }

    async fn read_head(&mut self) -> Option<Reply> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Reply { status, head, body: String::new() })
    }

    async fn read(&mut self) -> Option<Reply> {
        let mut reply = self.read_head().await?;
        let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.ok()?;
        reply.body = String::from_utf8(body).unwrap();
        Some(reply)
    }

    /// Returns when the server closes the connection, with everything it sent before.
    pub async fn closed(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = timeout(BOUND, self.0.read_to_end(&mut rest)).await.expect("the server closes the connection");
        String::from_utf8(rest).unwrap()
    }

    /// Sends a whole request on a new connection.
    pub async fn ask(server: &Server, request: impl AsRef<[u8]>) -> Reply {
        let mut raw = Self::connect(server).await;
        raw.send(request).await;
        raw.reply().await.expect("an answer")
    }
}

/// The server's end of a connection.
struct ServerEnd {
    is_accepted: bool,
    /// The number of bytes that the server has not read, including those in transit.
    unread: usize,
}

/// A line of `/proc/net/tcp` (proc(5)).
struct Row {
    /// The local address and the peer's.
    ends: (SocketAddr, SocketAddr),
    unsent: usize,
    unread: usize,
    /// 0 if no process has accepted the connection yet.
    inode: u64,
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<_> = line.split_whitespace().collect();
        let (unsent, unread) = fields.get(4)?.split_once(':')?;
        let bytes = |text| usize::from_str_radix(text, 16).ok();
        Some(Self {
            ends: (address(fields.get(1)?)?, address(fields.get(2)?)?),
            unsent: bytes(unsent)?,
            unread: bytes(unread)?,
            inode: fields.get(9)?.parse().ok()?,
        })
    }
}

/// `0100007F:1F90`: the address as a number in the byte order of the machine, and the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let ip = u32::from_str_radix(ip, 16).ok()?.to_ne_bytes();
    Some(SocketAddr::from((ip, u16::from_str_radix(port, 16).ok()?)))
}

/// A POST of a document.
pub fn post(document: &str) -> String {
    with_body("content-type: application/json\r\n", &serde_json::json!({ "query": document }).to_string())
}

/// A POST of any body.
pub fn with_body(headers: &str, body: &str) -> String {
    let length = body.len();
    format!("POST /graphql HTTP/1.1\r\nhost: x\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

/// A request without a body.
pub fn request(method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n")
}
