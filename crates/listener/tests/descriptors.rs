//! The limit on file descriptors. It applies to the whole process, so this test has a process of its own.
#![cfg(target_os = "linux")]

use std::{error::Error, io, time::Duration};

use axum::{Router, http::Response, routing::get};
use fieldguard_listener::{Problem, Settings, Timeouts, accept, bind};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::Instant,
};

/// Four pauses of the accept loop after a failure.
const SEVERAL_PAUSES: Duration = Duration::from_millis(200);
const ANSWER: &str = "served";

#[tokio::test]
async fn last_descriptor_taken_by_a_client_closes_no_connection() -> Result<(), Box<dyn Error>> {
    let listener = bind("127.0.0.1:0".parse()?)?;
    let address = listener.local_addr()?;
    let (_keep_running, stop) = watch::channel(false);
    tokio::spawn(async move { accept(listener, router(), &settings(), stop).await });
    let mut first = TcpStream::connect(address).await?;
    request(&mut first).await?;

    // One for each end of the next connection.
    allow_open_files(2)?;
    let mut last = TcpStream::connect(address).await?;
    let begun = Instant::now();
    while begun.elapsed() < SEVERAL_PAUSES {
        request(&mut last).await?;
        request(&mut first).await?;
    }
    assert!(TcpStream::connect(address).await.is_err(), "the limit left no descriptor");
    Ok(())
}

fn router() -> Router {
    Router::new().route("/", get(async || ANSWER))
}

fn settings() -> Settings {
    Settings {
        timeouts: Timeouts { head: Duration::from_mins(1), body: Duration::from_mins(1), idle: Duration::from_mins(1) },
        headers: 10,
        head_bytes: 1_000,
        connections: 100,
        proxies: [].into(),
        tls: None,
        refuse: |_: &Problem| Response::new(String::new()),
    }
}

async fn request(connection: &mut TcpStream) -> io::Result<()> {
    connection.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
    let mut answer = String::new();
    while !answer.ends_with(ANSWER) {
        let mut bytes = [0; 1_000];
        match connection.read(&mut bytes).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => answer.push_str(&String::from_utf8_lossy(&bytes[..length])),
        }
    }
    Ok(())
}

/// Allows this process as many more open files. The limit applies to descriptor numbers, and the open ones may have
/// gaps.
fn allow_open_files(more: usize) -> Result<(), Box<dyn Error>> {
    let directory = std::fs::read_dir("/proc/self/fd")?;
    let open = directory.map(|file| Ok(file?.file_name().to_string_lossy().parse()?));
    let open: Vec<u64> = open.collect::<Result<_, Box<dyn Error>>>()?;
    let mut limit = getrlimit(Resource::Nofile);
    // One number fewer: that of the directory itself is free again.
    limit.current = (0..).filter(|number| !open.contains(number)).nth(more - 1);
    setrlimit(Resource::Nofile, limit)?;
    Ok(())
}
