//! Bodies and documents that try to crash or exhaust the process. The same process must answer afterwards, without
//! using much more memory.

use std::fmt::Write as _;

use serde_json::json;

use super::program::Program;
use crate::attacks::{self, GET_BYTES, POST_BYTES};

#[tokio::test]
async fn hostile_bodies_do_not_stop_the_process() {
    let mut server = Program::new().serve();
    let query = |document: &str| json!({ "query": document }).to_string().into_bytes();
    let mut fragments = "{ ...a0 }".to_owned();
    for n in 0..25 {
        write!(fragments, " fragment a{n} on Query {{ ...a{0} ...a{0} }}", n + 1).unwrap();
    }
    let deep = |open: &str, close: &str, n: usize| format!("{}{}", open.repeat(n), close.repeat(n));
    let bodies: Vec<(&str, Vec<u8>, u16)> = vec![
        ("deep JSON", deep("[", "]", 30_000).into_bytes(), 400),
        ("deep JSON objects", "{\"a\":".repeat(10_000).into_bytes(), 400),
        (
            "deep variables",
            format!("{{\"query\":\"{{__typename}}\",\"variables\":{{\"a\":{}}}}}", deep("[", "]", 5_000)).into_bytes(),
            400,
        ),
        ("deep lists in a document", query(&format!("{{ node(id: {}) {{ id }} }}", deep("[", "]", 4_000))), 200),
        ("deep selections", query(&deep("{ a ", "}", 3_000)), 200),
        ("only open brackets", query(&"{".repeat(16_000)), 200),
        ("fragments that double", query(&fragments), 200),
        ("a long name", query(&format!("{{ {} }}", "a".repeat(16_000))), 200),
        ("a large body", vec![b' '; 1_000_000], 413),
        ("a large document", query(&" ".repeat(60_000)), 200),
        ("invalid UTF-8", b"{\"query\":\"{ \xff\xfe }\"}".to_vec(), 400),
        ("NUL", b"{\"query\":\"{ \0 }\"}".to_vec(), 400),
        ("NUL in a document", query("{ \0 }"), 200),
        (
            "NUL in a name",
            query("mutation { login(input: { username: \"a\\u0000\", password: \"b\" }) { expiresIn } }"),
            200,
        ),
        ("half a surrogate", b"{\"query\":\"{ \\ud800 }\"}".to_vec(), 400),
        ("nothing", Vec::new(), 400),
    ];
    for (name, body, status) in bodies {
        // A new connection: the server may close a connection whose body it has not read.
        let answer =
            server.anonymous().request(|request| request.header("content-type", "application/json").body(body)).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
        assert!(answer.at("/errors/0/extensions/code").is_string(), "{name}: {}", answer.text);
        assert!(!answer.text.contains("INTERNAL_SERVER_ERROR"), "{name}: {}", answer.text);
        assert!(server.runs(), "{name}: {}", server.log());
        server.anonymous().gql("{ serverInfo { version } }").await.ok();
    }
}

/// The maximum growth of the process's memory during the test: 64 MiB, in KiB.
const GROWTH: usize = 65_536;

/// A figure of the process's memory in KiB, if the system reports it.
fn memory(process: u32, name: &str) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.trim_start_matches(':').trim().strip_suffix(" kB")?.parse().ok())
}

#[tokio::test]
async fn hostile_documents_do_not_stop_or_grow_the_process() {
    let mut server = Program::new().serve();
    let anonymous = server.anonymous();
    anonymous.gql("{ serverInfo { version } }").await.ok();
    let (process, before) = (server.id(), memory(server.id(), "VmRSS"));
    for _ in 0..2 {
        for attack in attacks::all(POST_BYTES) {
            assert_eq!(anonymous.gql(&attack.document).await.codes(), [attack.code], "{}", attack.name);
        }
        for attack in attacks::all(GET_BYTES) {
            assert_eq!(
                anonymous.get(&attack.document, |request| request).await.codes(),
                [attack.code],
                "{}",
                attack.name
            );
        }
    }
    anonymous.gql("{ serverInfo { version } }").await.ok();
    assert!(server.runs() && server.id() == process, "{}", server.log());
    for name in ["VmRSS", "VmHWM"] {
        let grown = memory(process, name).zip(before).map_or(0, |(now, before)| now.saturating_sub(before));
        assert!(grown < GROWTH, "{name} grew by {grown} KiB from {before:?}");
    }
    assert!(before.is_some() || !cfg!(target_os = "linux"), "Linux reports memory");
}
