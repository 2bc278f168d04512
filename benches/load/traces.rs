//! What observability costs: the processor time of the same requests on servers with traces as by default, with a trace of
//! every request, with a log line per operation, with all of that, and with none. The servers take turns, so that a busy
//! moment of the machine meets all of them.

use std::time::Duration;

use axum::{Router, http::StatusCode, routing::any};
use tokio::net::TcpListener;

use super::{CONNECTIONS, LIST, client, server::Server};

const ROUNDS: usize = 15;
const TURN: Duration = Duration::from_secs(1);
const LINES: &str = "--log-level=info,fieldguard::operations=debug";

/// A server with its name, and the access tokens of a user and of an administrator.
type Measured = (&'static str, Server, String, String);

pub async fn run() {
    let traces = format!("--otlp-endpoint=http://{}", collector().await);
    let every = [traces.clone(), "--otlp-traces-percent=100".to_owned()];
    let lines = LINES.to_owned();
    let all = [every.as_slice(), std::slice::from_ref(&lines)].concat();
    let kinds: [(&'static str, &[String]); 6] = [
        ("none", &[]),
        ("none", &[]),
        ("traces", std::slice::from_ref(&traces)),
        ("every trace", &every),
        ("lines", std::slice::from_ref(&lines)),
        ("all", &all),
    ];
    let mut servers = Vec::new();
    for (name, settings) in kinds {
        let server = Server::with(settings);
        for n in 0..120 {
            server.register(&format!("user{n:03}")).await;
        }
        let (user, admin) = (server.register("bob").await, server.login_admin().await);
        servers.push((name, server, user, admin));
    }
    println!("µs of processor time per request, and compared with the first server");
    for work in ["W2", "W3", "W5"] {
        let times = times_of(work, &servers).await;
        let columns = servers.iter().zip(&times);
        let columns = columns.map(|((name, ..), time)| format!("{name} {time:.1} ({:.3})", time / times[0]));
        println!("{work}  {}", columns.collect::<Vec<_>>().join("   "));
    }
}

/// The median over all rounds for each server, in microseconds per request.
async fn times_of(work: &str, servers: &[Measured]) -> Vec<f64> {
    let mut times = vec![Vec::new(); servers.len()];
    for round in 0..=ROUNDS {
        for ((_, server, user, admin), times) in servers.iter().zip(&mut times) {
            let request = match work {
                "W2" => server.request("{ me { id username state } }", Some(user)),
                "W3" => server.request("{ admin { message } }", Some(admin)),
                _ => server.request(LIST, Some(admin)),
            };
            let before = server.cpu();
            let load = client::run(server.address(), &[request], CONNECTIONS, TURN).await;
            assert_eq!(load.refused, 0, "some responses were not 200");
            // The first round fills caches.
            if round > 0 {
                times.push(server.cpu().saturating_sub(before).as_secs_f64() * 1e6 / load.answered());
            }
        }
    }
    times.into_iter().map(median).collect()
}

/// Starts a collector that takes everything and keeps nothing. Returns its address.
async fn collector() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the socket is bound");
    let router = Router::new().fallback(any(async |_: axum::body::Bytes| StatusCode::OK));
    tokio::spawn(async move { axum::serve(listener, router.layer(axum::extract::DefaultBodyLimit::disable())).await });
    address
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
