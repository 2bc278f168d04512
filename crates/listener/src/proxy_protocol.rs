//! The PROXY protocol, versions 1 and 2 (haproxy.org, `proxy-protocol.txt`): before the first request, a proxy names the
//! client in a header of its own.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use ppp::{HeaderResult, v1, v2};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The bytes that start a header of version 2.
const SIGNATURE: usize = 12;
/// These bytes, then version and command, address family, and the length of the rest.
const FIXED: usize = 16;
/// The maximum length of the rest in version 2: addresses and optional values. The protocol allows 65,535 bytes.
const MAX_REST: usize = 4_096;
/// The maximum length of version 1, which is one line.
const MAX_LINE: usize = 107;

/// Reads the header, and nothing after it. `None` if the proxy names no client: it speaks for itself, as in a health
/// check, or the client has no IP address.
///
/// # Errors
///
/// Those of `socket`; [`ErrorKind::InvalidData`] if the bytes are not a header.
pub async fn read(socket: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    let mut header = vec![0; SIGNATURE];
    socket.read_exact(&mut header).await?;
    if header.starts_with(v2::PROTOCOL_PREFIX) {
        read_rest(socket, &mut header).await?;
    } else if header.starts_with(v1::PROTOCOL_PREFIX.as_bytes()) {
        read_line(socket, &mut header).await?;
    }
    source(&header).ok_or_else(|| ErrorKind::InvalidData.into())
}

async fn read_rest(socket: &mut (impl AsyncRead + Unpin), header: &mut Vec<u8>) -> io::Result<()> {
    header.resize(FIXED, 0);
    socket.read_exact(&mut header[SIGNATURE..]).await?;
    let rest = usize::from(u16::from_be_bytes([header[FIXED - 2], header[FIXED - 1]]));
    if rest > MAX_REST {
        return Err(ErrorKind::InvalidData.into());
    }
    header.resize(FIXED + rest, 0);
    socket.read_exact(&mut header[FIXED..]).await.map(drop)
}

/// Byte by byte, since the length is unknown and the next byte belongs to HTTP.
async fn read_line(socket: &mut (impl AsyncRead + Unpin), header: &mut Vec<u8>) -> io::Result<()> {
    while header.len() < MAX_LINE && !header.ends_with(b"\r\n") {
        header.push(socket.read_u8().await?);
    }
    Ok(())
}

/// The client that the header names, or `None` in it for none. `None` if it is not a header.
#[expect(clippy::option_option, reason = "no client and no header are two answers")]
fn source(header: &[u8]) -> Option<Option<SocketAddr>> {
    match HeaderResult::parse(header) {
        HeaderResult::V1(Ok(header)) => Some(match header.addresses {
            v1::Addresses::Tcp4(it) => Some((it.source_address, it.source_port).into()),
            v1::Addresses::Tcp6(it) => Some((it.source_address, it.source_port).into()),
            v1::Addresses::Unknown => None,
        }),
        HeaderResult::V2(Ok(header)) => Some(match (header.command, header.addresses) {
            (v2::Command::Proxy, v2::Addresses::IPv4(it)) => Some((it.source_address, it.source_port).into()),
            (v2::Command::Proxy, v2::Addresses::IPv6(it)) => Some((it.source_address, it.source_port).into()),
            _ => None,
        }),
        HeaderResult::V1(Err(_)) | HeaderResult::V2(Err(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

    fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [V2, &[0x20 | command, family], &length, rest].concat()
    }

    async fn named(header: &[u8]) -> Result<String, ErrorKind> {
        let sent = [header, b"GET"].concat();
        let mut socket = &sent[..];
        let source = read(&mut socket).await.map_err(|error| error.kind())?;
        assert_eq!(socket, b"GET", "bytes of HTTP were read");
        Ok(source.map_or_else(String::new, |source| source.to_string()))
    }

    #[tokio::test]
    async fn client_is_named_in_either_version() {
        let v4 = [203, 0, 113, 7, 10, 0, 0, 1, 0xc8, 0x2d, 1, 0xbb];
        let mut v6 = [0; 36];
        (v6[..2]).copy_from_slice(&[0x20, 0x01]);
        (v6[2..4]).copy_from_slice(&[0x0d, 0xb8]);
        (v6[15], v6[33]) = (9, 80);
        let with_values = [&v4[..], &[0x04, 0, 2, 1, 2], &[0x20; 200]].concat();
        for (header, expected) in [
            (binary(1, 0x11, &v4), "203.0.113.7:51245"),
            (binary(1, 0x11, &with_values), "203.0.113.7:51245"),
            (binary(1, 0x21, &v6), "[2001:db8::9]:80"),
            (binary(0, 0x00, b""), ""),
            (binary(0, 0x11, &v4), ""),
            (binary(1, 0x00, b"anything"), ""),
            (binary(1, 0x31, &[0; 216]), ""),
            (b"PROXY TCP4 203.0.113.7 10.0.0.1 51245 443\r\n".to_vec(), "203.0.113.7:51245"),
            (b"PROXY TCP6 2001:db8::9 ::1 80 443\r\n".to_vec(), "[2001:db8::9]:80"),
            (b"PROXY UNKNOWN\r\n".to_vec(), ""),
            (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".to_vec(), ""),
        ] {
            assert_eq!(named(&header).await.as_deref(), Ok(expected), "{header:?}");
        }
    }

    #[tokio::test]
    async fn other_bytes_are_refused() {
        let long = [b"PROXY TCP4 ".as_slice(), &[b'1'; 200], b"\r\n"].concat();
        for header in [
            b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.999 10.0.0.1 51245 443\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.7 10.0.0.1 51245\r\n".to_vec(),
            b"proxy TCP4 203.0.113.7 10.0.0.1 51245 443\r\n".to_vec(),
            long,
            binary(1, 0x11, &[0; 11]),
            binary(2, 0x11, &[0; 12]),
            binary(1, 0x41, &[0; 12]),
            binary(1, 0x11, &[0; MAX_REST + 1]),
            [V2, &[0x11, 0x11, 0, 0]].concat(),
        ] {
            assert_eq!(named(&header).await, Err(ErrorKind::InvalidData), "{header:?}");
        }
        assert_eq!(named(b"").await, Err(ErrorKind::UnexpectedEof));
    }
}
