//! SIGTERM and SIGINT: requests that run end, no new ones begin, and the exit code is 0.

#![cfg(target_os = "linux")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use super::program::{Program, Serving};

fn send(server: &Serving, signal: Signal) {
    kill_process(Pid::from_raw(server.id().try_into().unwrap()).unwrap(), signal).unwrap();
}

#[test]
fn end_it_with_exit_code_zero() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Program::new().serve();
        send(&server, signal);
        assert_eq!(server.end(), Some(0), "{signal:?}");
    }
}

#[test]
fn let_a_request_end_that_has_begun() {
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
