//! A mail server that keeps what it gets.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail that the server accepted or refused.
#[derive(Debug, Clone)]
pub struct Received {
    pub sender: String,
    pub recipient: String,
    pub text: String,
    /// The answer.
    pub status: u16,
}

impl Received {
    /// The value of a header in one line.
    pub fn header(&self, name: &str) -> &str {
        let (head, _) = self.text.split_once("\r\n\r\n").unwrap();
        let prefix = format!("{name}: ");
        head.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_default()
    }
}

/// The status for a mail, given the number of mails before it, and the wait before the answer.
type Answering = dyn Fn(usize) -> (u16, Duration) + Send + Sync;

struct Shared {
    received: Mutex<Vec<Received>>,
    answer: Mutex<Arc<Answering>>,
}

/// A mail server that accepts everything, unless the test says otherwise.
pub struct Sink {
    port: u16,
    shared: Arc<Shared>,
}

impl Sink {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer: Arc<Answering> = Arc::new(|_| (250, Duration::ZERO));
        let shared = Arc::new(Shared { received: Mutex::default(), answer: Mutex::new(answer) });
        let own = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = own.clone();
                // A client that is killed ends the conversation anywhere.
                tokio::spawn(async move { converse(stream, &shared).await });
            }
        });
        Self { port, shared }
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Answers mails with this status.
    pub fn answer(&self, answer: impl Fn(usize) -> (u16, Duration) + Send + Sync + 'static) {
        *self.shared.answer.lock().unwrap() = Arc::new(answer);
    }

    /// Accepts everything again, and forgets what it got.
    pub fn forget(&self) {
        self.answer(|_| (250, Duration::ZERO));
        self.shared.received.lock().unwrap().clear();
    }

    /// The mails, in order.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Waits until the condition holds, for at most a minute.
    pub async fn wait(&self, condition: impl Fn(&[Received]) -> bool) {
        let begun = Instant::now();
        while !condition(&self.received()) {
            assert!(begun.elapsed() < Duration::from_mins(1), "{:#?}", self.received());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Speaks SMTP (RFC 5321) with one client. `None` when it has gone.
async fn converse(stream: TcpStream, shared: &Shared) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink.example.org\r\n").await.ok()?;
    let (mut sender, mut recipient) = (String::new(), String::new());
    loop {
        let line = line(&mut stream).await?;
        let reply = match line.split([' ', ':']).next()?.to_ascii_uppercase().as_str() {
            "EHLO" => "250-sink.example.org\r\n250 SMTPUTF8".to_owned(),
            "MAIL" => {
                sender = address(&line);
                "250 ok".to_owned()
            }
            "RCPT" => {
                recipient = address(&line);
                "250 ok".to_owned()
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                let mut text = String::new();
                loop {
                    let line = self::line(&mut stream).await?;
                    if line == "." {
                        break;
                    }
                    text += line.strip_prefix('.').unwrap_or(&line);
                    text += "\r\n";
                }
                let before = shared.received.lock().unwrap().len();
                let (status, wait) = shared.answer.lock().unwrap()(before);
                let (sender, recipient) = (sender.clone(), recipient.clone());
                shared.received.lock().unwrap().push(Received { sender, recipient, text, status });
                tokio::time::sleep(wait).await;
                format!("{status} as the test says for secret@example.org")
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await.ok()?;
                return Some(());
            }
            _ => "250 ok".to_owned(),
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    }
}

async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

fn address(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap();
    rest.split('>').next().unwrap().to_owned()
}
