//! Measures the latency of a good client while thousands of bad clients hold connections, and whether the server closes
//! those.
//!
//!     cargo bench --bench connections
//!
//! Starts the built server with the default configuration on a loopback address with an empty database. 1,000 clients
//! send one byte of a request head every 5 s, 1,000 send one byte of a body, and 5,000 send nothing. Meanwhile one good
//! client sends requests, alternately on a kept and on a new connection. Prints the results after about 20 s, and
//! asserts nothing. Needs 7,500 file descriptors each for the benchmark and for the server. Both raise their limit to
//! the hard limit (`ulimit -Hn`). `FIELDGUARD_TEST_BINARY` names another server to measure.

#![expect(clippy::unwrap_used, reason = "a benchmark that fails reports where")]

use std::{
    io::BufRead,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    time::{interval, sleep_until, timeout},
};

const MEASURED: Duration = Duration::from_secs(20);
const BYTE_INTERVAL: Duration = Duration::from_secs(5);
const BAD: [(&str, usize, &str); 3] = [
    ("slow heads", 1_000, "P"),
    (
        "slow bodies",
        1_000,
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{",
    ),
    ("idle", 5_000, ""),
];
const GOOD: &str = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 26\r\n\r\n\
                    {\"query\":\"{ __typename }\"}";

#[tokio::main]
async fn main() {
    raise_limit();
    let data = tempfile::tempdir().unwrap();
    let (mut server, address) = start(data.path());
    println!("quiet:   {}", Figures::of(&good(address, Duration::from_secs(2)).await));
    let before = resident(&server);

    let outcomes: Vec<_> = BAD.iter().map(|_| Arc::new(Outcomes::default())).collect();
    let started = Instant::now();
    for ((_, number, first), outcomes) in BAD.into_iter().zip(&outcomes) {
        for _ in 0..number {
            tokio::spawn(bad(address, first, Arc::clone(outcomes)));
        }
    }
    let times = good(address, MEASURED).await;
    println!("crowded: {}", Figures::of(&times));
    for ((name, number, _), outcomes) in BAD.into_iter().zip(&outcomes) {
        let (closed, failed) = (outcomes.closed.load(Ordering::Relaxed), outcomes.failed.load(Ordering::Relaxed));
        println!("{name}: {closed} of {number} closed after {:.0?}, {failed} never connected", started.elapsed());
    }
    println!("resident: {before} KiB before, {} KiB at most", peak(&server));
    server.kill().unwrap();
    server.wait().unwrap();
}

/// The outcomes of bad clients.
#[derive(Default)]
struct Outcomes {
    closed: AtomicUsize,
    failed: AtomicUsize,
}

/// How many bad clients connect at once. A burst of all of them would overflow the system's accept queue and measure
/// only what that drops.
static CONNECTING: Semaphore = Semaphore::const_new(64);

/// A client that sends `first` and then a byte every 5 s, or nothing, until the server closes the connection.
async fn bad(address: SocketAddr, first: &'static str, outcomes: Arc<Outcomes>) {
    let permit = CONNECTING.acquire().await.unwrap();
    let connected = TcpStream::connect(address).await;
    drop(permit);
    let Ok(mut socket) = connected else {
        outcomes.failed.fetch_add(1, Ordering::Relaxed);
        return;
    };
    let _ = socket.write_all(first.as_bytes()).await;
    let mut ticks = interval(BYTE_INTERVAL);
    let mut buffer = [0; 64];
    loop {
        tokio::select! {
            read = socket.read(&mut buffer) => if matches!(read, Ok(0) | Err(_)) {
                outcomes.closed.fetch_add(1, Ordering::Relaxed);
                return;
            },
            _ = ticks.tick(), if !first.is_empty() => drop(socket.write_all(b"x").await),
        }
    }
}

/// The latencies of consecutive requests.
async fn good(address: SocketAddr, measured: Duration) -> Vec<Duration> {
    let end = Instant::now() + measured;
    let mut kept = None;
    let mut times = Vec::new();
    while Instant::now() < end {
        let started = Instant::now();
        if times.len() % 2 == 0 {
            send(address, &mut kept).await;
        } else {
            send(address, &mut None).await;
        }
        times.push(started.elapsed());
        sleep_until((started + Duration::from_millis(2)).into()).await;
    }
    times
}

/// Sends a request. If the server closes the connection, it retries, as clients do. That counts as one request.
async fn send(address: SocketAddr, kept: &mut Option<TcpStream>) {
    let mut buffer = [0; 2_048];
    for _ in 0..3 {
        let mut socket = match kept.take() {
            Some(socket) => socket,
            None => TcpStream::connect(address).await.unwrap(),
        };
        let sent = socket.write_all(GOOD.as_bytes()).await;
        let read = timeout(Duration::from_secs(10), socket.read(&mut buffer)).await;
        if let (Ok(()), Ok(Ok(1..))) = (sent, read)
            && buffer.starts_with(b"HTTP/1.1 200 ")
        {
            *kept = Some(socket);
            return;
        }
    }
    panic!("the good client got no answer");
}

struct Figures(usize, [Duration; 3]);

impl Figures {
    fn of(times: &[Duration]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let at = |percent: usize| sorted[(sorted.len() - 1) * percent / 100];
        Self(sorted.len(), [at(50), at(99), at(100)])
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(number, [median, p99, most]) = self;
        write!(f, "{number} requests, median {median:.2?}, p99 {p99:.2?}, at most {most:.2?}")
    }
}

fn start(directory: &std::path::Path) -> (Child, SocketAddr) {
    #[expect(clippy::disallowed_methods, reason = "the variable is for measurements, not a setting")]
    let binary = std::env::var("FIELDGUARD_TEST_BINARY").ok();
    let mut server = Command::new(binary.as_deref().unwrap_or(env!("CARGO_BIN_EXE_fieldguard")))
        .arg("serve")
        .current_dir(directory)
        .env("FIELDGUARD_LISTEN", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.split_once("http://").and_then(|(_, rest)| rest.split_once('/')).unwrap().0;
    (server, address.parse().unwrap())
}

fn resident(server: &Child) -> String {
    status(server, "VmRSS:")
}

fn peak(server: &Child) -> String {
    status(server, "VmHWM:")
}

/// A value from the kernel in KiB, or `?` without `/proc`.
fn status(server: &Child, name: &str) -> String {
    let text = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("?");
    line.trim().trim_end_matches(" kB").to_owned()
}

#[cfg(target_os = "linux")]
fn raise_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
}

#[cfg(not(target_os = "linux"))]
fn raise_limit() {}
