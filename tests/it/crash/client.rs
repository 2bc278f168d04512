//! Requests to a server that may be killed at any moment.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Longer than a server takes that runs at all.
const BOUND: Duration = Duration::from_mins(2);

/// What a client knows of a change that it asked for.
#[derive(Debug)]
pub enum Outcome {
    /// It was made. The value of the field `it`.
    Done(Value),
    /// It was not made. The error's code.
    Refused(String),
    /// There was no answer, or one that leaves it open.
    Unknown,
}

/// Codes of the answers of a server that cannot serve at the moment: the change may have been made.
const UNKNOWN: [&str; 2] = ["RATE_LIMITED", "SERVICE_UNAVAILABLE"];

impl Outcome {
    /// The value, where the change was made; nothing where that is unknown.
    #[track_caller]
    pub fn done(self) -> Option<Value> {
        match self {
            Self::Done(value) => Some(value),
            Self::Unknown => None,
            Self::Refused(code) => panic!("refused with {code}"),
        }
    }
}

/// Sends requests, each on behalf of the account whose access token comes with it.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    /// A client of the server at this URL.
    pub fn new(url: String) -> Self {
        Self { http: reqwest::Client::new(), url }
    }

    /// Sends a document, of which only the field `it` counts.
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

    /// Asks until the server can serve, for something that changes nothing or may be done twice.
    pub async fn insist(&self, token: Option<&str>, document: &str, variables: Value) -> Outcome {
        let begun = Instant::now();
        loop {
            match self.ask(token, document, variables.clone()).await {
                Outcome::Unknown => assert!(begun.elapsed() < BOUND, "the server does not answer"),
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
