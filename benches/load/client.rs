//! Sends one request repeatedly over kept connections. It does as little as HTTP/1.1 allows, to leave the machine to
//! the server.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The bytes of a request.
pub type Request = Vec<u8>;

/// The results of a load.
pub struct Load {
    latencies: Vec<Duration>,
    /// Responses with another status than 200, or with an error that says the server is busy.
    pub refused: usize,
    elapsed: Duration,
}

impl Load {
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    pub fn answered(&self) -> f64 {
        self.latencies.len() as f64
    }

    pub fn per_second(&self) -> f64 {
        self.answered() / self.elapsed.as_secs_f64()
    }

    pub fn percentile(&self, share: f64) -> Duration {
        percentile(&self.latencies, share)
    }
}

/// The duration below which this share of `sorted` lies.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
pub fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Sends requests for `time` over `connections` connections. Each connection repeats one request; the requests are
/// assigned round-robin.
pub async fn run(address: SocketAddr, requests: &[Request], connections: usize, time: Duration) -> Load {
    let started = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|n| tokio::spawn(send(address, requests[n % requests.len()].clone(), started + time)))
        .collect();
    let mut load = Load { latencies: Vec::new(), refused: 0, elapsed: Duration::ZERO };
    for task in tasks {
        let (latencies, refused) = task.await.expect("the connection's task succeeds");
        load.latencies.extend(latencies);
        load.refused += refused;
    }
    load.elapsed = started.elapsed();
    load.latencies.sort_unstable();
    load
}

async fn send(address: SocketAddr, request: Request, until: Instant) -> (Vec<Duration>, usize) {
    let mut stream = connect(address).await;
    let (mut latencies, mut refused, mut buffer) = (Vec::new(), 0, Vec::with_capacity(64 * 1_024));
    while Instant::now() < until {
        let sent = Instant::now();
        if exchange(&mut stream, &request, &mut buffer).await {
            latencies.push(sent.elapsed());
        } else {
            refused += 1;
        }
    }
    (latencies, refused)
}

pub async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("the socket option is set");
    stream
}

/// Sends one request and reads its response into `buffer`. Returns whether it is a 200 without a limit error.
pub async fn exchange(stream: &mut TcpStream, request: &Request, buffer: &mut Vec<u8>) -> bool {
    stream.write_all(request).await.expect("the server reads the request");
    answer(stream, buffer).await
}

/// Whether the response says to try again later, because of a limit or because the server is busy.
pub fn is_limited(answer: &[u8]) -> bool {
    let contains = |code: &str| answer.windows(code.len()).any(|text| text == code.as_bytes());
    contains("RATE_LIMITED") || contains("SERVICE_UNAVAILABLE")
}

/// Reads one whole response. Returns whether it is a 200 without a limit error.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> bool {
    buffer.clear();
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        assert!(stream.read_buf(buffer).await.expect("the server answers") > 0, "the server closed the connection");
    };
    let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|length| length.parse().ok());
    let whole = end + length.unwrap_or(0_usize);
    while buffer.len() < whole {
        assert!(stream.read_buf(buffer).await.expect("the server answers") > 0, "the server closed the connection");
    }
    head.starts_with("http/1.1 200") && !is_limited(buffer)
}
