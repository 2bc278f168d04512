//! A flood of valid sign-ins, at 5 times the rate that the server can hash, while a few signed-in users keep sending
//! requests. Measures the latency for those users, how fast surplus sign-ins are rejected, and the memory use. Compares
//! it with a server that no user has signed in to yet, whose hashing threads have no memory, and with one that verifies
//! occasional sign-ins.
//!
//! The flood is sent at a fixed rate, whether or not the server keeps up, as independent clients would. It uses many
//! usernames, because sign-ins with one username run one after the other.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
    time::{Duration, Instant},
};

use tokio::{net::TcpStream, task::JoinSet, time::sleep};

use super::{
    client::{self, Request, percentile},
    server::Server,
};

const FLOOD_USERS: usize = 200;
/// The users that keep sending requests, each this long after a response.
const USERS: usize = 4;
const PAUSE: Duration = Duration::from_millis(10);
const OVERLOAD_FACTOR: f64 = 5.0;
const CAPACITY: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(15);
const FLOOD: Duration = Duration::from_secs(30);
/// The default memory of a hash.
const HASH_MIB: usize = 19;

pub async fn run() {
    let mut server = Server::start();
    let mut tokens = Vec::new();
    for n in 0..USERS {
        tokens.push(server.register(&format!("person{n}")).await);
    }
    for n in 0..FLOOD_USERS {
        server.register(&format!("user{n:03}")).await;
    }
    let sign_ins =
        |server: &Server| (0..FLOOD_USERS).map(|n| server.sign_in(&format!("user{n:03}"))).collect::<Vec<_>>();
    // The server's default.
    let threads = available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
    let capacity = client::run(server.address(), &sign_ins(&server), threads * 4, CAPACITY).await.per_second();
    println!("capacity   {capacity:.0} sign-ins/s on {threads} threads");

    server.restart();
    let queries: Vec<_> =
        tokens.iter().map(|token| server.request("{ me { id username state } }", Some(token))).collect();
    send_queries(server.address(), &queries, IDLE / 10).await;
    let idle = send_queries(server.address(), &queries, IDLE).await;
    let fresh = server.resident_mib();
    report("idle me", &idle);
    one_by_one(server.address(), &sign_ins(&server)).await;
    let idle_mib = server.resident_mib();

    let rate = capacity * OVERLOAD_FACTOR;
    let flood = Arc::new(Flood { address: server.address(), requests: sign_ins(&server), free: Mutex::default() });
    let flooding = tokio::spawn(flood.send(rate));
    let busy = send_queries(server.address(), &queries, FLOOD).await;
    let answers = flooding.await.expect("the flood ends");
    report("busy me", &busy);
    let ratio = percentile(&busy, 0.99).as_secs_f64() / percentile(&idle, 0.99).as_secs_f64();
    println!("           p99 is {ratio:.2} times the idle one (bar: 2)");
    println!("flood      {rate:.0} sign-ins/s for {} s, {} failed", FLOOD.as_secs(), answers.failed);
    report("signed in", &answers.signed_in);
    report("refused", &answers.refused);
    println!("           (bar: 50ms)");
    let (peak, bar) = (server.peak_mib(), threads * HASH_MIB);
    println!(
        "memory     {fresh} MiB before the first sign-in, {idle_mib} MiB after one sign-in at a time, at most {peak} MiB"
    );
    println!("           {} MiB more than that under the flood (bar: {bar})", peak.saturating_sub(idle_mib));
}

/// Signs all users in, one after the other.
async fn one_by_one(address: SocketAddr, sign_ins: &[Request]) {
    let (mut stream, mut buffer) = (client::connect(address).await, Vec::new());
    for request in sign_ins {
        assert!(client::exchange(&mut stream, request, &mut buffer).await, "an idle server must accept every sign-in");
    }
}

fn report(what: &str, sorted: &[Duration]) {
    let [p50, p99] = [0.50, 0.99].map(|share| percentile(sorted, share));
    let most = sorted.last().copied().unwrap_or_default();
    println!("{what:<10} {} answers: p50 {p50:.1?}, p99 {p99:.1?}, max {most:.1?}", sorted.len());
}

/// Lets all users send requests for `time`. Returns the sorted latencies.
async fn send_queries(address: SocketAddr, requests: &[Request], time: Duration) -> Vec<Duration> {
    let until = Instant::now() + time;
    let mut users = JoinSet::new();
    for request in requests {
        let request = request.clone();
        users.spawn(async move {
            let (mut stream, mut buffer, mut times) = (client::connect(address).await, Vec::new(), Vec::new());
            while Instant::now() < until {
                let sent = Instant::now();
                assert!(
                    client::exchange(&mut stream, &request, &mut buffer).await,
                    "a signed-in user must get a response"
                );
                times.push(sent.elapsed());
                sleep(PAUSE).await;
            }
            times
        });
    }
    let mut times: Vec<_> = users.join_all().await.into_iter().flatten().collect();
    times.sort_unstable();
    times
}

struct Flood {
    address: SocketAddr,
    requests: Vec<Request>,
    /// The idle connections.
    free: Mutex<Vec<TcpStream>>,
}

/// The sorted latencies.
#[derive(Default)]
struct Answers {
    signed_in: Vec<Duration>,
    refused: Vec<Duration>,
    failed: usize,
}

impl Flood {
    async fn send(self: Arc<Self>, rate: f64) -> Answers {
        let (started, mut requests_in_flight, mut number) = (Instant::now(), JoinSet::new(), 0_u32);
        while started.elapsed() < FLOOD {
            while f64::from(number) < started.elapsed().as_secs_f64() * rate {
                requests_in_flight.spawn(Arc::clone(&self).one(number as usize % self.requests.len()));
                number += 1;
            }
            sleep(Duration::from_millis(1)).await;
        }
        let mut answers = Answers::default();
        for (took, is_good, is_limited) in requests_in_flight.join_all().await {
            match (is_good, is_limited) {
                (true, _) => answers.signed_in.push(took),
                (false, true) => answers.refused.push(took),
                (false, false) => answers.failed += 1,
            }
        }
        answers.signed_in.sort_unstable();
        answers.refused.sort_unstable();
        answers
    }

    async fn one(self: Arc<Self>, which: usize) -> (Duration, bool, bool) {
        let free = self.free().pop();
        let mut stream = match free {
            Some(stream) => stream,
            None => client::connect(self.address).await,
        };
        let (sent, mut buffer) = (Instant::now(), Vec::new());
        let is_good = client::exchange(&mut stream, &self.requests[which], &mut buffer).await;
        let took = sent.elapsed();
        self.free().push(stream);
        (took, is_good, client::is_limited(&buffer))
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<TcpStream>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
