//! A client of a server that may be killed at any moment.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A time limit that any running server keeps.
const TIMEOUT: Duration = Duration::from_mins(2);

/// The outcome of a change, as far as the client knows.
#[derive(Debug)]
pub enum Outcome {
    /// The change was made. The value of the field `it`.
    Done(Value),
    /// The change was refused. The code of the error.
    Refused(String),
    /// There was no answer, or an answer that leaves the outcome open.
    Unknown,
}

/// Codes of a server that is temporarily unavailable: the change may have been made.
const UNKNOWN: [&str; 2] = ["RATE_LIMITED", "SERVICE_UNAVAILABLE"];

impl Outcome {
    /// The value of a change that was made, or `None` if the outcome is unknown.
    #[track_caller]
    pub fn done(self) -> Option<Value> {
        match self {
            Self::Done(value) => Some(value),
            Self::Unknown => None,
            Self::Refused(code) => panic!("refused with {code}"),
        }
    }
}

/// Sends requests, each with the access token of a user or none.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    pub fn new(url: String) -> Self {
        Self { http: reqwest::Client::new(), url }
    }

    /// Sends a document whose only field of interest is `it`.
    pub async fn ask(&self, token: Option<&str>, document: &str, variables: Value) -> Outcome {
        match self.send(token, document, variables).await {
            Ok(answer) => outcome(&answer),
            Err(_) => Outcome::Unknown,
        }
    }

    async fn send(&self, token: Option<&str>, document: &str, variables: Value) -> reqwest::Result<Value> {
        let mut request = self.http.post(&self.url).json(&json!({ "query": document, "variables": variables }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await?.json().await
    }

    /// Repeats a request until the server is available. The request must be safe to repeat.
    pub async fn insist(&self, token: Option<&str>, document: &str, variables: Value) -> Outcome {
        let begun = Instant::now();
        loop {
            match self.ask(token, document, variables.clone()).await {
                Outcome::Unknown => assert!(begun.elapsed() < TIMEOUT, "the server does not answer"),
                known => return known,
            }
        }
    }
}

fn outcome(answer: &Value) -> Outcome {
    let code = answer.pointer("/errors/0/extensions/code").and_then(Value::as_str);
    match (answer.pointer("/data/it"), code) {
        (_, Some(code)) if UNKNOWN.contains(&code) => Outcome::Unknown,
        (_, Some(code)) => Outcome::Refused(code.to_owned()),
        (Some(value), None) => Outcome::Done(value.clone()),
        (None, None) => panic!("neither data nor errors: {answer}"),
    }
}
