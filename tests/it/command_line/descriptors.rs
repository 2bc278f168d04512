//! A server whose process may open no more files: it rests instead of spinning, makes room, and answers again.
#![cfg(target_os = "linux")]

use std::{net::TcpStream, process::Command, time::Instant};

use super::program::Program;

const MESSAGE: &str = "a connection could not be accepted";
/// How long the accept loop rests after each failure, in milliseconds.
const REST: u128 = 50;

#[tokio::test]
async fn used_up_are_waited_for_without_spinning() {
    let mut server = Program::new().serve();
    server.anonymous().gql("{ serverInfo { version } }").await.ok();
    let open = std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count();
    let (limit, id) = (format!("--nofile={0}:{0}", open + 8), server.id().to_string());
    assert!(Command::new("prlimit").args(["--pid", &id, &limit]).status().unwrap().success());

    let begun = Instant::now();
    let silent: Vec<_> = (0..100).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    while server.log().matches(MESSAGE).count() < 5 {
        tokio::task::yield_now().await;
    }
    let failures = server.log().matches(MESSAGE).count();
    let rests = begun.elapsed().as_millis() / REST;
    assert!(u128::try_from(failures).unwrap() <= rests + 2, "{failures} failures in the time of {rests} rests");

    drop(silent);
    server.anonymous().gql("{ serverInfo { version } }").await.ok();
    assert!(server.runs());
}
