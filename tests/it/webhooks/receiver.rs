//! A receiver of webhooks. It checks every signature with a computation of its own.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;
use tokio::net::TcpListener;

/// The secret of every receiver.
pub const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDHCXQJqFrNfg=";

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    pub id: String,
    pub timestamp: i64,
    pub signatures: Vec<String>,
    pub headers: HeaderMap,
    pub text: String,
    pub body: Value,
    /// The answer.
    pub status: u16,
}

impl Request {
    /// The type of the event.
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap()
    }

    /// The user of the event.
    pub fn user(&self) -> &str {
        self.body["data"]["userId"].as_str().unwrap()
    }

    /// Whether one of the signatures was made with this secret.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let text = format!("{}.{}.{}", self.id, self.timestamp, self.text);
        let tag = jsonwebtoken::crypto::sign(text.as_bytes(), &EncodingKey::from_secret(&key), Algorithm::HS256);
        let expected = format!("v1,{}", STANDARD.encode(URL_SAFE_NO_PAD.decode(tag.unwrap()).unwrap()));
        self.signatures.contains(&expected)
    }
}

/// The status and the `Retry-After` of an answer, and how long the answer takes.
type Answer = (u16, Option<&'static str>, Duration);
type Answering = dyn Fn(&Request, usize) -> Answer + Send + Sync;

struct Shared {
    requests: Mutex<Vec<Request>>,
    answer: Mutex<Arc<Answering>>,
}

/// A receiver that accepts everything, unless the test says otherwise.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer: Arc<Answering> = Arc::new(|_, _| (204, None, Duration::ZERO));
        let shared = Arc::new(Shared { requests: Mutex::default(), answer: Mutex::new(answer) });
        let router = Router::new().route("/hooks", post(receive)).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers with the status that `answer` gives. It gets the request and how often its event was sent before.
    pub fn answer(&self, answer: impl Fn(&Request, usize) -> u16 + Send + Sync + 'static) {
        self.answer_with(move |request, before| (answer(request, before), None, Duration::ZERO));
    }

    pub fn answer_with(&self, answer: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) {
        *self.shared.answer.lock().unwrap() = Arc::new(answer);
    }

    /// All requests so far, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// The requests that were accepted.
    pub fn accepted(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.status < 300).collect()
    }

    /// The type of each request about this user.
    pub fn kinds(&self, user: &str) -> Vec<String> {
        let of_user = self.requests().into_iter().filter(|request| request.user() == user);
        of_user.map(|request| request.kind().to_owned()).collect()
    }

    /// Starts anew.
    pub fn forget(&self) {
        self.shared.requests.lock().unwrap().clear();
        self.answer(|_, _| 204);
    }

    /// Waits until the requests are as wanted.
    pub async fn wait(&self, is_done: impl Fn(&[Request]) -> bool) {
        let begun = Instant::now();
        while !is_done(&self.requests()) {
            assert!(begun.elapsed() < Duration::from_mins(2), "timed out: {:#?}", self.requests());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, &'static str) {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let text = String::from_utf8(body.to_vec()).unwrap();
    let mut request = Request {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().unwrap(),
        signatures: header("webhook-signature").split(' ').map(str::to_owned).collect(),
        body: serde_json::from_str(&text).unwrap(),
        headers: headers.clone(),
        text,
        status: 0,
    };
    assert!(request.is_signed_with(SECRET), "{request:#?}");
    let answer = shared.answer.lock().unwrap().clone();
    let before = shared.requests.lock().unwrap().iter().filter(|earlier| earlier.id == request.id).count();
    let (status, retry_after, delay) = answer(&request, before);
    request.status = status;
    shared.requests.lock().unwrap().push(request);
    tokio::time::sleep(delay).await;
    let mut headers = HeaderMap::new();
    if let Some(wait) = retry_after {
        headers.insert("retry-after", wait.parse().unwrap());
    }
    if (300..400).contains(&status) {
        headers.insert("location", "/elsewhere".parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), headers, "an answer")
}
