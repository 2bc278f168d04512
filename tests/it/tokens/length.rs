//! Tokens of any length are judged in the time of short ones.

#![cfg(target_os = "linux")]

use std::time::Duration;

use fieldguard_test_macros::on_each_database;

use super::refuses;
use crate::app::{Server, each};

/// The time on a processor that only work which grows with the square of the size would need, on however slow a machine.
const BOUND: Duration = Duration::from_secs(20);

/// How long this thread, and the server on it, has had a processor; what others do meanwhile does not count
/// (Documentation/scheduler/sched-stats.rst of Linux).
fn worked() -> Duration {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(statistics.split(' ').next().unwrap().parse().unwrap())
}

const PUBLIC_BODY: &str = r#"{"query":"{ serverInfo { version } }"}"#;

#[on_each_database]
async fn of_endless_length_is_refused_at_once() {
    each(async |server| {
        let bob = server.user("bob").await;
        let before = worked();
        // Up to what fits into the headers of a request.
        for length in [1_000, 8_200, 9_000, 16_000] {
            let shapes = [".".repeat(length), "a.".repeat(length / 2), "a".repeat(length)];
            let parts = [format!("{}.e30.AA", "A".repeat(length)), format!("e30.{}.AA", "A".repeat(length))];
            for token in shapes.into_iter().chain(parts) {
                refuses(&bob, &token, "endless").await;
            }
        }
        let worked = worked().saturating_sub(before);
        assert!(worked < BOUND, "{worked:?}");
        bob.gql("{ me { id } }").await.ok();
    })
    .await;
}

/// A head of that size is refused before anybody looks at the token in it, and the client may hear of it or be hung up on; what
/// it asked is not run.
#[tokio::test]
async fn of_a_megabyte_is_refused_before_it_is_read() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let server = Server::start().await;
    let before = worked();
    for token in [".".repeat(1_000_000), "a.".repeat(500_000)] {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             authorization: Bearer {token}\r\n\r\n",
            PUBLIC_BODY.len()
        );
        // The server may hang up before it has all of it.
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(PUBLIC_BODY.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    let worked = worked().saturating_sub(before);
    assert!(worked < BOUND, "{worked:?}");
    server.user("bob").await.gql("{ me { id } }").await.ok();
}
