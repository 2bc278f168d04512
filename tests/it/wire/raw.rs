//! A client that sends exactly the bytes it is told to.

use std::{io::Write as _, net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::app::Server;

/// Longer than anything here takes, however busy the machine is. Without it, a server that never answers hangs the tests.
pub const BOUND: Duration = Duration::from_mins(2);

/// A connection.
pub struct Raw(pub TcpStream);

/// An answer as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    /// The value of a header, where it is there once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.head.lines().filter_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        values.next().filter(|_| values.next().is_none())
    }

    /// The code of the only error; the answer has no data.
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

    /// Connects and sends bytes, both before the server of this test, which shares the test's thread, accepts the
    /// connection: however late that is, the bytes are there then.
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

    /// Ends when the server has accepted the connection and has read everything that was sent. A client's system calls the
    /// connection open before the server has it, and a busy machine may hand it over later than one that came after it.
    pub async fn received(&self) {
        let received = async {
            while self.server_end().is_none_or(|end| !end.is_accepted || end.unread > 0) {
                tokio::task::yield_now().await;
            }
        };
        timeout(BOUND, received).await.expect("the server reads what is sent");
    }

    /// The server's end of the connection, as the system shows it.
    fn server_end(&self) -> Option<ServerEnd> {
        let ends = (self.0.peer_addr().unwrap(), self.0.local_addr().unwrap());
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let unsent = table.lines().filter_map(Row::parse).find(|row| row.ends == (ends.1, ends.0))?.unsent;
        let row = table.lines().filter_map(Row::parse).find(|row| row.ends == ends)?;
        Some(ServerEnd { is_accepted: row.inode != 0, unread: row.unread + unsent })
    }

    /// Sends bytes. That the server has hung up meanwhile is no fault of the test's.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
    }

    /// The next answer; nothing where the server hung up first.
    pub async fn reply(&mut self) -> Option<Reply> {
        timeout(BOUND, self.read()).await.expect("the server answers or hangs up")
    }

    /// The next answer, to HEAD: it says the length of a body that it does not have.
    pub async fn head(&mut self) -> Option<Reply> {
        timeout(BOUND, self.read_head()).await.expect("the server answers or hangs up")
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
        let length = reply.header("content-length").map_or(0, |it| it.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.ok()?;
        reply.body = String::from_utf8(body).unwrap();
        Some(reply)
    }

    /// Ends when the server hangs up, with what it sent before.
    pub async fn closed(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = timeout(BOUND, self.0.read_to_end(&mut rest)).await.expect("the server hangs up");
        String::from_utf8(rest).unwrap()
    }

    /// Sends a whole request on a connection of its own.
    pub async fn ask(server: &Server, request: impl AsRef<[u8]>) -> Reply {
        let mut raw = Self::connect(server).await;
        raw.send(request).await;
        raw.reply().await.expect("an answer")
    }
}

/// The server's end of a connection.
struct ServerEnd {
    is_accepted: bool,
    /// How many bytes the server has not read, those on their way included.
    unread: usize,
}

/// A line of `/proc/net/tcp` (proc(5)).
struct Row {
    /// The own address and the peer's.
    ends: (SocketAddr, SocketAddr),
    unsent: usize,
    unread: usize,
    /// 0 where no process has accepted the connection yet.
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

/// `0100007F:1F90`: the address as a number in the machine's order of bytes, and the port.
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
