//! Long tokens are rejected as fast as short ones.

#![cfg(target_os = "linux")]

use std::time::Duration;

use fieldguard_test_macros::on_each_database;

use super::assert_token_refused;
use crate::app::{Server, each};

/// The processor time that only quadratic work would need, even on a slow machine.
const BOUND: Duration = Duration::from_secs(20);

/// The processor time of this thread, which also runs the server. Other threads do not count
/// (Documentation/scheduler/sched-stats.rst of Linux).
fn cpu_time() -> Duration {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(statistics.split(' ').next().unwrap().parse().unwrap())
}

const PUBLIC_BODY: &str = r#"{"query":"{ serverInfo { version } }"}"#;

#[on_each_database]
async fn long_tokens_are_rejected_without_quadratic_work() {
    each(async |server| {
        let bob = server.user("bob").await;
        let before = cpu_time();
        // Up to the maximum size of request headers.
        for length in [1_000, 8_200, 9_000, 16_000] {
            let shapes = [".".repeat(length), "a.".repeat(length / 2), "a".repeat(length)];
            let parts = [format!("{}.e30.AA", "A".repeat(length)), format!("e30.{}.AA", "A".repeat(length))];
            for token in shapes.into_iter().chain(parts) {
                assert_token_refused(&bob, &token, "long token").await;
            }
        }
        let used = cpu_time().saturating_sub(before);
        assert!(used < BOUND, "{used:?}");
        bob.gql("{ me { id } }").await.ok();
    })
    .await;
}

/// The server rejects a head of this size before it examines the token. The client may get a 431 or a closed
/// connection. The operation does not run.
#[tokio::test]
async fn token_of_a_megabyte_is_rejected_before_it_is_parsed() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let server = Server::start().await;
    let before = cpu_time();
    for token in [".".repeat(1_000_000), "a.".repeat(500_000)] {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             authorization: Bearer {token}\r\n\r\n",
            PUBLIC_BODY.len()
        );
        // The server may close the connection before it has received everything.
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(PUBLIC_BODY.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    let used = cpu_time().saturating_sub(before);
    assert!(used < BOUND, "{used:?}");
    server.user("bob").await.gql("{ me { id } }").await.ok();
}
