//! A server whose process may open no more files: it rests instead of spinning, makes room, and answers again.
#![cfg(target_os = "linux")]

use std::{collections::HashSet, fs::DirEntry, io, net::TcpStream, process::Command, time::Instant};

use super::program::{Program, Serving};

const MESSAGE: &str = "a connection could not be accepted";
const DOCUMENT: &str = "{ serverInfo { version } }";
/// How long the accept loop rests after each failure, in milliseconds.
const REST: u128 = 50;

#[tokio::test]
async fn used_up_are_waited_for_without_spinning() {
    let mut server = Program::new().serve();
    server.anonymous().gql(DOCUMENT).await.ok();
    allow(&server, 8);

    let begun = Instant::now();
    let silent: Vec<_> = (0..100).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    while server.log().matches(MESSAGE).count() < 5 {
        tokio::task::yield_now().await;
    }
    let failures = server.log().matches(MESSAGE).count();
    let rests = begun.elapsed().as_millis() / REST;
    assert!(u128::try_from(failures).unwrap() <= rests + 2, "{failures} failures in the time of {rests} rests");

    drop(silent);
    server.anonymous().gql(DOCUMENT).await.ok();
    assert!(server.runs());
}

/// The server may open a file of its own at the wrong moment; then a client does wait. That does not happen every time.
#[tokio::test]
async fn used_up_by_the_last_client_cost_nobody_a_connection() {
    let mut logs = Vec::new();
    for _ in 0..5 {
        let log = after_the_last_descriptor_is_used_up().await;
        if !log.contains(MESSAGE) {
            return;
        }
        logs.push(log);
    }
    panic!("connections were closed although no client waited: {logs:#?}");
}

async fn after_the_last_descriptor_is_used_up() -> String {
    let server = Program::new().serve();
    let (first, last) = (server.anonymous(), server.anonymous());
    first.gql(DOCUMENT).await.ok();
    allow(&server, 1);

    let begun = Instant::now();
    while begun.elapsed().as_millis() < 4 * REST {
        first.gql(DOCUMENT).await.ok();
        last.gql(DOCUMENT).await.ok();
    }
    server.log()
}

/// Lets the server open so many more files. The limit is on their numbers, and there may be gaps between those that are open.
fn allow(server: &Serving, more: usize) {
    let number = |file: io::Result<DirEntry>| file.unwrap().file_name().to_str().unwrap().parse::<usize>().unwrap();
    let open: HashSet<_> = std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().map(number).collect();
    let limit = (0..).filter(|it| !open.contains(it)).nth(more).unwrap();
    let (limit, id) = (format!("--nofile={limit}:{limit}"), server.id().to_string());
    assert!(Command::new("prlimit").args(["--pid", &id, &limit]).status().unwrap().success());
}
