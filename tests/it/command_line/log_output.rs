//! Standard error and standard output that can't be written, or that have no reader: the server keeps answering and
//! stops at SIGTERM.

#![cfg(target_os = "linux")]

use std::{
    fs::File,
    io::{self, ErrorKind, Write as _, pipe},
    net::TcpStream,
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use super::program::{Program, RunningServer};

const DROPPED: &str = "fieldguard_log_lines_dropped_total";

/// An output without a reader.
fn without_reader() -> Stdio {
    pipe().unwrap().1.into()
}

/// An output that is full.
fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

/// An output whose reader does not read. The first byte written to it blocks, or fails if the stream does not block.
fn unread(blocks: bool) -> (UnixStream, Stdio) {
    let (reader, mut writer) = UnixStream::pair().unwrap();
    writer.set_nonblocking(true).unwrap();
    while writer.write(&[b'x'; 4_096]).map_err(|error| assert_eq!(error.kind(), ErrorKind::WouldBlock)).is_ok() {}
    writer.set_nonblocking(!blocks).unwrap();
    (reader, Stdio::from(OwnedFd::from(writer)))
}

/// Sends invalid requests, which the server logs, until it has dropped log lines.
async fn log_until_lines_are_dropped(server: &mut RunningServer) {
    while server.metric(DROPPED).await == 0 {
        for _ in 0..100 {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            stream.write_all(b"nonsense\r\n\r\n").unwrap();
            assert!(io::read_to_string(stream).unwrap().starts_with("HTTP/1.1 400 "));
        }
        assert!(server.runs());
    }
    server.anonymous().register("bob").await;
    assert_eq!(reqwest::get(server.url("/readyz")).await.unwrap().status(), 200);
}

#[track_caller]
fn assert_ends(server: &mut RunningServer) {
    assert!(server.runs(), "the process still runs");
    kill_process(Pid::from_raw(server.id().try_into().unwrap()).unwrap(), Signal::TERM).unwrap();
    assert_eq!(server.end(), Some(0));
}

#[tokio::test]
async fn unwritable_log_only_drops_log_lines() {
    let (_reader, blocking) = unread(true);
    let (_other_reader, failing) = unread(false);
    for log in [without_reader(), full(), blocking, failing] {
        let mut server = Program::new().set("FIELDGUARD_LOG_LEVEL", "debug").serve_logging_to(log);
        log_until_lines_are_dropped(&mut server).await;
        assert_ends(&mut server);
    }
}

#[tokio::test]
async fn log_with_a_reader_drops_no_lines() {
    let server = Program::new().serve();
    server.anonymous().register("bob").await;
    assert_eq!(server.metric(DROPPED).await, 0);
    let log = server.whole_log();
    assert!(log.contains("shutting down"), "the last lines are missing: {log}");
}

#[test]
fn server_starts_without_a_usable_standard_output() {
    let (_reader, unread) = unread(true);
    for out in [without_reader(), full(), unread] {
        assert_ends(&mut Program::new().serve_printing_to(out, |command| command));
    }
    let without = |command: Command| {
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec \"$@\" >&-", "sh"]).arg(command.get_program()).args(command.get_args());
        shell.current_dir(command.get_current_dir().unwrap()).env_clear();
        shell
    };
    assert_ends(&mut Program::new().serve_printing_to(Stdio::null(), without));
}

#[test]
fn command_without_a_usable_standard_error_keeps_its_exit_code() {
    let (_reader, unread) = unread(true);
    for err in [without_reader(), full(), unread] {
        let status = Program::new().command(&["users", "list", "--token-lifetime", "never"]).stderr(err).status();
        assert_eq!(status.unwrap().code(), Some(2));
    }
}
