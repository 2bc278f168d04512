//! Measures requests per second of the server's own processor time, on the built binary over loopback.
//!
//! ```sh
//! cargo bench --bench load            # all workloads, 3 seconds each
//! cargo bench --bench load -- W3 W4   # some of them
//! cargo bench --bench load -- flood   # 30 seconds of sign-ins at 5 times what the server can hash
//! cargo bench --bench load -- traces  # the same queries with traces and with log lines, and without
//! ```
//!
//! W2 is `{ me … }` with a token, W3 a guarded field as administrator, W4 the same denied, W5 a page of 100 users
//! with 5 fields each, W6 sign-ins, and the 99th percentile of W2 while sign-ins saturate the server. The numbers
//! depend on the machine and the run: compare ratios. `FIELDGUARD_TEST_BINARY` names another server to measure.

mod client;
mod flood;
mod server;
mod traces;

use std::time::Duration;

use client::{Load, Request};
use server::Server;

const SECONDS: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 16;
const LIST: &str = "{ users(first: 100) { edges { node { id username email createdAt state } } } }";

#[tokio::main]
async fn main() {
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|argument| argument == name);
    if wanted.iter().any(|argument| argument == "flood") {
        return flood::run().await;
    }
    if wanted.iter().any(|argument| argument == "traces") {
        return traces::run().await;
    }
    let server = Server::start();
    let (user, admin) = (server.register("bob").await, server.login_admin().await);
    for n in 0..120 {
        server.register(&format!("user{n:03}")).await;
    }
    let query = |document: &str, token: &str| server.request(document, Some(token));
    let me = query("{ me { id username state } }", &user);
    println!("{:<4} {:>12} {:>12} {:>9} {:>9}", "", "req/s", "req/CPU-s", "p50", "p99");
    for (name, request) in [
        ("W2", me.clone()),
        ("W3", query("{ admin { message } }", &admin)),
        ("W4", query("{ admin { message } }", &user)),
        ("W5", query(LIST, &admin)),
    ] {
        if is_wanted(name) {
            measure(&server, name, &[request]).await;
        }
    }
    if is_wanted("W6") {
        // Sign-ins with one username run one after the other, and each revokes an older session. Therefore bob, who
        // keeps sending requests, is not among them.
        let sign_ins: Vec<_> = (0..CONNECTIONS).map(|n| server.sign_in(&format!("user{n:03}"))).collect();
        measure(&server, "W6", &sign_ins).await;
        let (address, flooding) = (server.address(), sign_ins);
        let flood = tokio::spawn(async move { client::run(address, &flooding, CONNECTIONS * 4, SECONDS).await });
        let load = client::run(server.address(), &[me], 1, SECONDS).await;
        let _ = flood.await;
        report("W2/6", &load, None);
    }
    println!("resident: {} MiB", server.resident_mib());
}

async fn measure(server: &Server, name: &str, requests: &[Request]) {
    client::run(server.address(), requests, CONNECTIONS, SECONDS / 6).await;
    let before = server.cpu();
    let load = client::run(server.address(), requests, CONNECTIONS, SECONDS).await;
    report(name, &load, Some(server.cpu().saturating_sub(before)));
}

fn report(name: &str, load: &Load, cpu: Option<Duration>) {
    let (p50, p99) = (load.percentile(0.50), load.percentile(0.99));
    let per_cpu = cpu.map_or_else(String::new, |cpu| format!("{:.0}", load.answered() / cpu.as_secs_f64()));
    println!("{name:<4} {:>12.0} {per_cpu:>12} {p50:>9.1?} {p99:>9.1?}", load.per_second());
    assert!(load.refused == 0 || name == "W6", "{} responses were not 200", load.refused);
}
