//! A flood of sign-ins, all of them right, at 5 times what the server can hash, while a few people who are signed in go on
//! asking. What they feel, how fast the surplus is refused, and what memory it costs: more than a server that nobody signed
//! in to yet, whose hashing threads have no memory, and more than one that lets people in now and then.
//!
//! The flood is sent by the clock, whether or not the server keeps up, as strangers would; the names are many, since the
//! sign-ins of one take turns.

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

const ACCOUNTS: usize = 200;
/// People who go on asking, each that long after an answer.
const PEOPLE: usize = 4;
const PAUSE: Duration = Duration::from_millis(10);
const TIMES: f64 = 5.0;
const CAPACITY: Duration = Duration::from_secs(5);
const QUIET: Duration = Duration::from_secs(15);
const FLOOD: Duration = Duration::from_secs(30);
/// What a hash takes by default.
const HASH_MIB: usize = 19;

pub async fn run() {
    let mut server = Server::start();
    let mut tokens = Vec::new();
    for n in 0..PEOPLE {
        tokens.push(server.register(&format!("person{n}")).await);
    }
    for n in 0..ACCOUNTS {
        server.register(&format!("user{n:03}")).await;
    }
    let sign_ins = |server: &Server| (0..ACCOUNTS).map(|n| server.sign_in(&format!("user{n:03}"))).collect::<Vec<_>>();
    // As the server has it by default.
    let threads = available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
    let capacity = client::run(server.address(), &sign_ins(&server), threads * 4, CAPACITY).await.per_second();
    println!("capacity   {capacity:.0} sign-ins/s on {threads} threads");

    server.restart();
    let asking: Vec<_> =
        tokens.iter().map(|token| server.request("{ me { id username state } }", Some(token))).collect();
    ask(server.address(), &asking, QUIET / 10).await;
    let quiet = ask(server.address(), &asking, QUIET).await;
    let fresh = server.resident_mib();
    report("quiet me", &quiet);
    one_by_one(server.address(), &sign_ins(&server)).await;
    let idle = server.resident_mib();

    let rate = capacity * TIMES;
    let flood = Arc::new(Flood { address: server.address(), requests: sign_ins(&server), free: Mutex::default() });
    let flooding = tokio::spawn(flood.send(rate));
    let loud = ask(server.address(), &asking, FLOOD).await;
    let answers = flooding.await.expect("the flood ends");
    report("loud me", &loud);
    let ratio = percentile(&loud, 0.99).as_secs_f64() / percentile(&quiet, 0.99).as_secs_f64();
    println!("           p99 is {ratio:.2} times the quiet one (bar: 2)");
    println!("flood      {rate:.0} sign-ins/s for {} s, {} failed", FLOOD.as_secs(), answers.failed);
    report("signed in", &answers.signed_in);
    report("refused", &answers.refused);
    println!("           (bar: 50ms)");
    let (peak, bar) = (server.peak_mib(), threads * HASH_MIB);
    println!(
        "memory     {fresh} MiB before anybody signed in, {idle} MiB once people did one by one, at most {peak} MiB"
    );
    println!("           {} MiB more than that under the flood (bar: {bar})", peak.saturating_sub(idle));
}

/// Has everyone sign in, each after the one before.
async fn one_by_one(address: SocketAddr, sign_ins: &[Request]) {
    let (mut stream, mut buffer) = (client::connect(address).await, Vec::new());
    for request in sign_ins {
        assert!(client::exchange(&mut stream, request, &mut buffer).await, "a quiet server lets everyone in");
    }
}

fn report(what: &str, sorted: &[Duration]) {
    let [p50, p99] = [0.50, 0.99].map(|share| percentile(sorted, share));
    let most = sorted.last().copied().unwrap_or_default();
    println!("{what:<10} {} answers: p50 {p50:.1?}, p99 {p99:.1?}, max {most:.1?}", sorted.len());
}

/// Has everyone ask for that long; how long each answer took, sorted.
async fn ask(address: SocketAddr, requests: &[Request], time: Duration) -> Vec<Duration> {
    let until = Instant::now() + time;
    let mut people = JoinSet::new();
    for request in requests {
        let request = request.clone();
        people.spawn(async move {
            let (mut stream, mut buffer, mut times) = (client::connect(address).await, Vec::new(), Vec::new());
            while Instant::now() < until {
                let sent = Instant::now();
                assert!(client::exchange(&mut stream, &request, &mut buffer).await, "somebody signed in is answered");
                times.push(sent.elapsed());
                sleep(PAUSE).await;
            }
            times
        });
    }
    let mut times: Vec<_> = people.join_all().await.into_iter().flatten().collect();
    times.sort_unstable();
    times
}

struct Flood {
    address: SocketAddr,
    requests: Vec<Request>,
    /// Connections on which nothing is asked at the moment.
    free: Mutex<Vec<TcpStream>>,
}

/// How long the answers took, sorted.
#[derive(Default)]
struct Answers {
    signed_in: Vec<Duration>,
    refused: Vec<Duration>,
    failed: usize,
}

impl Flood {
    async fn send(self: Arc<Self>, rate: f64) -> Answers {
        let (began, mut strangers, mut number) = (Instant::now(), JoinSet::new(), 0_u32);
        while began.elapsed() < FLOOD {
            while f64::from(number) < began.elapsed().as_secs_f64() * rate {
                strangers.spawn(Arc::clone(&self).one(number as usize % self.requests.len()));
                number += 1;
            }
            sleep(Duration::from_millis(1)).await;
        }
        let mut answers = Answers::default();
        for (took, is_good, is_limited) in strangers.join_all().await {
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
