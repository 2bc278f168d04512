//! Service failures: requests that the server can't serve at the moment fail with `SERVICE_UNAVAILABLE`, whatever the
//! cause and the kind of request.

mod away;
mod overdue;
mod pressure;
mod uncertain;

use sea_orm::{Database, DatabaseConnection};
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::Server,
};

/// Opens another connection to the server's database.
async fn connect(server: &Server) -> DatabaseConnection {
    Database::connect(&server.database.url).await.unwrap()
}

async fn register(actor: &Actor, name: &str) -> Answer {
    let document = "mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }";
    actor.gql_with(document, json!({ "input": { "username": name, "password": PASSWORD } })).await
}

async fn login(actor: &Actor, name: &str) -> Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { user { id } } }";
    actor.gql_with(document, json!({ "input": { "username": name, "password": PASSWORD } })).await
}

/// The only error is `SERVICE_UNAVAILABLE` with `retryAfter`.
#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.codes(), ["SERVICE_UNAVAILABLE"], "{answer:#?}");
    let extensions = answer.at("/errors/0/extensions");
    assert_eq!((&extensions["retryAfter"], &extensions["field"]), (&json!(1), &Value::Null), "{answer:#?}");
    assert_eq!(extensions["requestId"], answer.headers["x-request-id"].to_str().unwrap(), "{answer:#?}");
}

/// Only the field failed.
#[track_caller]
fn assert_field_unavailable(answer: &Answer, field: &str) {
    assert_unavailable(answer);
    assert_eq!((answer.status.as_u16(), answer.at("/data")), (200, &json!({ field: null })), "{answer:#?}");
    assert_eq!(answer.at("/errors/0/path"), &json!([field]));
}

/// The whole request failed.
#[track_caller]
fn assert_request_unavailable(answer: &Answer) {
    assert_unavailable(answer);
    assert_eq!((answer.status.as_u16(), answer.json.get("data")), (503, None), "{answer:#?}");
    assert_eq!(answer.headers["retry-after"], "1");
}
