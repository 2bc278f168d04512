//! SIGTERM and SIGINT: running requests finish, the server accepts no new ones, and the exit code is 0.

#![cfg(target_os = "linux")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use super::program::{Program, RunningServer};

fn send(server: &RunningServer, signal: Signal) {
    kill_process(Pid::from_raw(server.id().try_into().unwrap()).unwrap(), signal).unwrap();
}

#[test]
fn server_stops_with_exit_code_zero() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Program::new().serve();
        send(&server, signal);
        assert_eq!(server.end(), Some(0), "{signal:?}");
    }
}

#[test]
fn running_request_finishes_after_the_signal() {
    let body = r#"{"query":"mutation { register(input: {username: \"bob\", password: \"correct horse battery\"}) { user { username } } }"}"#;
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Program::new().serve();
        let mut stream = BufReader::new(TcpStream::connect(&server.address).unwrap());
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nexpect: 100-continue\r\n\r\n",
            body.len()
        );
        stream.get_mut().write_all(head.as_bytes()).unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 100"), "the server reads the body: {line}");

        send(&server, signal);
        while TcpStream::connect(&server.address).is_ok() {
            std::thread::yield_now();
        }
        stream.get_mut().write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.get_mut().set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("HTTP/1.1 200 OK") && answer.contains(r#""username":"bob""#), "{answer}");
        assert_eq!(server.end(), Some(0));
    }
}

/// Opens a connection on which the server waits for a request's body.
fn half_sent(server: &RunningServer) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(TcpStream::connect(&server.address).unwrap());
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 26\r\n\
                expect: 100-continue\r\n\r\n";
    stream.get_mut().write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 100"), "{line}");
    stream
}

#[tokio::test]
async fn readyz_is_503_during_the_shutdown_delay_and_a_second_signal_skips_it() {
    for again in [Signal::TERM, Signal::INT] {
        let mut server = Program::new().set("FIELDGUARD_SHUTDOWN_DELAY", "10m").serve();
        assert!(server.line().contains("playground"));
        assert!(server.line().contains("no administrator"));
        assert_eq!(reqwest::get(server.url("/readyz")).await.unwrap().status(), 200);
        send(&server, Signal::TERM);
        assert_eq!(server.line(), "→ shutting down in 600s; press Ctrl-C or send SIGTERM again to stop at once");
        let ready = reqwest::get(server.url("/readyz")).await.unwrap();
        assert_eq!((ready.status().as_u16(), &ready.headers()["retry-after"]), (503, &"1".parse().unwrap()));
        assert_eq!(reqwest::get(server.url("/healthz")).await.unwrap().status(), 200);
        server.anonymous().register("bob").await;
        send(&server, again);
        assert_eq!(server.end(), Some(0));
    }
}

#[test]
fn shutdown_prints_the_running_requests_and_a_second_signal_stops_at_once() {
    for again in [Signal::TERM, Signal::INT] {
        let mut server = Program::new().serve();
        assert!(server.line().contains("playground"));
        assert!(server.line().contains("no administrator"));
        let _streams = (half_sent(&server), half_sent(&server), TcpStream::connect(&server.address).unwrap());
        send(&server, Signal::TERM);
        let line = "→ waiting up to 7 s for 2 running requests; press Ctrl-C or send SIGTERM again to stop at once";
        assert_eq!(server.line(), line);
        send(&server, again);
        assert_eq!(server.end(), Some(0));
    }
}

#[test]
fn signal_stops_a_server_that_waits_for_its_database() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://fieldguard@{}/fieldguard", silent.local_addr().unwrap());
    for signal in [Signal::TERM, Signal::INT] {
        let mut server =
            Program::new().set("FIELDGUARD_DATABASE_URL", &url).spawn(&["serve", "--listen", "127.0.0.1:0"]);
        let _connection = silent.accept().unwrap();
        kill_process(Pid::from_child(&server), signal).unwrap();
        assert_eq!(server.wait().unwrap().code(), Some(0));
    }
}
