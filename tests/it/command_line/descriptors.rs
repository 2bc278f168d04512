//! A server whose process has used up its file descriptors: it pauses instead of spinning, closes connections, and
//! recovers.
#![cfg(target_os = "linux")]

use std::{collections::HashSet, fs::DirEntry, io, net::TcpStream, process::Command, time::Instant};

use super::program::{Program, RunningServer};

const MESSAGE: &str = "a connection could not be accepted";
const DOCUMENT: &str = "{ serverInfo { version } }";
/// The pause of the accept loop after a failure, in milliseconds.
const PAUSE: u128 = 50;

#[tokio::test]
async fn server_without_descriptors_pauses_and_recovers() {
    let mut server = Program::new().serve();
    server.anonymous().gql(DOCUMENT).await.ok();
    allow(&server, 8);

    let begun = Instant::now();
    let silent: Vec<_> = (0..100).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    while server.log().matches(MESSAGE).count() < 5 {
        tokio::task::yield_now().await;
    }
    let failures = server.log().matches(MESSAGE).count();
    let pauses = begun.elapsed().as_millis() / PAUSE;
    assert!(u128::try_from(failures).unwrap() <= pauses + 2, "{failures} failures in the time of {pauses} pauses");

    drop(silent);
    server.anonymous().gql(DOCUMENT).await.ok();
    assert!(server.runs());
}

/// Allows the server this many more open files. The limit applies to descriptor numbers, and the open ones may have
/// gaps.
fn allow(server: &RunningServer, more: usize) {
    let number = |file: io::Result<DirEntry>| file.unwrap().file_name().to_str().unwrap().parse::<usize>().unwrap();
    let open: HashSet<_> = std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().map(number).collect();
    let limit = (0..).filter(|number| !open.contains(number)).nth(more).unwrap();
    let (limit, id) = (format!("--nofile={limit}:{limit}"), server.id().to_string());
    assert!(Command::new("prlimit").args(["--pid", &id, &limit]).status().unwrap().success());
}
