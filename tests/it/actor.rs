//! Actors send requests over HTTP, anonymously or with a token.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::{Client, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

/// The password of every user in tests.
pub const PASSWORD: &str = "a long walk by the river";

/// Characters that must be escaped in the query of a URL.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'<').add(b'>');

/// A client that sends requests.
#[derive(Clone)]
pub struct Actor {
    http: Client,
    url: String,
    /// The access token, if the actor is signed in.
    pub token: Option<String>,
    /// The user's `id`, if the actor is signed in.
    pub id: String,
}

/// An answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    /// The part of the body at this JSON pointer (RFC 6901), or null.
    pub fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The codes of the errors, in order.
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.at("/errors").as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|it| it.pointer("/extensions/code").and_then(Value::as_str).unwrap_or("none")).collect()
    }

    /// Returns the answer. Panics if it has errors.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.at("/errors").is_null() && self.status == StatusCode::OK, "{self:#?}");
        self
    }
}

/// A client that accepts the certificates that tests make.
pub fn client() -> Client {
    Client::builder().user_agent("walker/1.0").danger_accept_invalid_certs(true).build().unwrap()
}

impl Actor {
    /// An actor that sends this token, or none.
    pub fn new(url: String, token: Option<String>) -> Self {
        Self { http: client(), url, token, id: String::new() }
    }

    /// This actor with another token.
    pub fn bearing(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// This actor without a token.
    pub fn signed_out(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    pub async fn gql(&self, document: &str) -> Answer {
        self.gql_with(document, json!({})).await
    }

    pub async fn gql_with(&self, document: &str, variables: Value) -> Answer {
        self.send(&json!({ "query": document, "variables": variables })).await
    }

    /// Sends a JSON body.
    pub async fn send(&self, body: &Value) -> Answer {
        self.request(|it| it.json(body)).await
    }

    /// Sends a POST request that the test builds.
    pub async fn request(&self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Answer {
        self.ask(change(self.http.post(&self.url))).await
    }

    /// Sends a document by GET, in the shortest possible URL.
    pub async fn get(&self, document: &str, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Answer {
        let query = utf8_percent_encode(document, RESERVED).to_string().replace("%20", "+");
        self.ask(change(self.http.get(format!("{}?query={query}", self.url)))).await
    }

    /// Sends a GET request with this query string.
    pub async fn get_raw(&self, query: &str) -> Answer {
        self.ask(self.http.get(format!("{}?{query}", self.url))).await
    }

    async fn ask(&self, mut request: RequestBuilder) -> Answer {
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Answer { status, headers, text, json }
    }

    /// Registers this name, and signs in.
    pub async fn register(&self, name: &str) -> Self {
        let document = "mutation ($input: RegisterInput!) { it: register(input: $input) { accessToken user { id } } }";
        self.enter(document, name).await
    }

    /// Signs in with this name.
    pub async fn login(&self, name: &str) -> Self {
        let document = "mutation ($input: LoginInput!) { it: login(input: $input) { accessToken user { id } } }";
        self.enter(document, name).await
    }

    async fn enter(&self, document: &str, name: &str) -> Self {
        let input = json!({ "input": { "username": name, "password": PASSWORD } });
        let answer = self.signed_out().gql_with(document, input).await.ok();
        let text = |pointer| answer.at(pointer).as_str().unwrap().to_owned();
        Self { token: Some(text("/data/it/accessToken")), id: text("/data/it/user/id"), ..self.clone() }
    }
}
