//! Bodies made to bring the process down. Whatever it answers, the same process answers afterwards.

use std::fmt::Write as _;

use serde_json::json;

use super::program::Program;

#[tokio::test]
async fn bodies_leave_the_process_standing() {
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
        // A connection of its own: the server may close one whose body it has not read.
        let answer = server.anonymous().request(|it| it.header("content-type", "application/json").body(body)).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
        assert!(answer.at("/errors/0/extensions/code").is_string(), "{name}: {}", answer.text);
        assert!(!answer.text.contains("INTERNAL_SERVER_ERROR"), "{name}: {}", answer.text);
        assert!(server.runs(), "{name}: {}", server.log());
        server.anonymous().gql("{ serverInfo { version } }").await.ok();
    }
}
