//! Whoever sends requests: nobody in particular, or somebody who is signed in. They speak HTTP and nothing else.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::{Client, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

/// The password of everyone in tests.
pub const PASSWORD: &str = "a long walk by the river";

/// What cannot stand in the query of a URL as it is, or would mean something else there.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'<').add(b'>');

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Actor {
    http: Client,
    url: String,
    /// The access token, where one is signed in.
    pub token: Option<String>,
    /// The `id` of the account, where one is signed in.
    pub id: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    /// A part of the answer by JSON pointer (RFC 6901); null where there is none.
    pub fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The codes of the errors, in order.
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.at("/errors").as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|it| it.pointer("/extensions/code").and_then(Value::as_str).unwrap_or("none")).collect()
    }

    /// The answer, which has no errors.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.at("/errors").is_null() && self.status == StatusCode::OK, "{self:#?}");
        self
    }
}

impl Actor {
    /// Somebody who sends this token, or none.
    pub fn new(url: String, token: Option<String>) -> Self {
        let http = Client::builder().user_agent("walker/1.0").build().unwrap();
        Self { http, url, token, id: String::new() }
    }

    /// The same with another token.
    pub fn bearing(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same, signed out.
    pub fn signed_out(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// Sends a document.
    pub async fn gql(&self, document: &str) -> Answer {
        self.gql_with(document, json!({})).await
    }

    /// Sends a document with variables.
    pub async fn gql_with(&self, document: &str, variables: Value) -> Answer {
        self.send(&json!({ "query": document, "variables": variables })).await
    }

    /// Sends a body of JSON.
    pub async fn send(&self, body: &Value) -> Answer {
        self.request(|it| it.json(body)).await
    }

    /// Sends whatever the test makes of a POST.
    pub async fn request(&self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Answer {
        self.ask(change(self.http.post(&self.url))).await
    }

    /// Sends a document by GET, in a URL as short as can be.
    pub async fn get(&self, document: &str, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Answer {
        let query = utf8_percent_encode(document, RESERVED).to_string().replace("%20", "+");
        self.ask(change(self.http.get(format!("{}?query={query}", self.url)))).await
    }

    /// Sends a GET with this query in its URL.
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

    /// Makes an account of that name and signs in as it.
    pub async fn register(&self, name: &str) -> Self {
        let document = "mutation ($input: RegisterInput!) { it: register(input: $input) { accessToken user { id } } }";
        self.enter(document, name).await
    }

    /// Signs in as the account of that name.
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
