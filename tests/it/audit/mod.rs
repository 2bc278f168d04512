//! The audit log: which actions create an event, what an event contains, who reads it, and how tampering is detected.

mod accesses;
mod administration;
mod chain;
mod events;
mod filters;
mod generated;
mod refusals;
mod tampering;
mod targets;
mod unanswered;
mod writers;

use fieldguard::{domain::audit::Verdict, store};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer},
    app::Server,
};

/// The fields that tests select of an event.
const EVENT_FIELDS: &str = "sequence action occurredAt actorType actorId sessionId targetType targetId coordinates subjectIds \
                   requestId ipAddress personalAccessTokenId before { state roleNames permissionNames } \
                   after { state roleNames permissionNames } reason";

/// The audit events that match the filter, newest first.
async fn audit_events(reader: &Actor, filter: &str) -> Vec<Value> {
    let document =
        format!("{{ auditEvents(first: 100, filter: {{ {filter} }}) {{ edges {{ node {{ {EVENT_FIELDS} }} }} }} }}");
    let answer = reader.gql(&document).await.ok();
    answer.at("/data/auditEvents/edges").as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect()
}

/// The single event in this list.
#[track_caller]
fn only(rows: &[Value]) -> &Value {
    assert_eq!(rows.len(), 1, "{rows:#?}");
    &rows[0]
}

/// The request id of this answer.
fn request_id(answer: &Answer) -> Value {
    json!(answer.headers["x-request-id"].to_str().unwrap())
}

/// Verifies the whole audit log.
async fn verdict(server: &Server) -> Verdict {
    store::audit::verify(&server.app.accounts().store, None).await.unwrap()
}

async fn assert_whole(server: &Server) {
    let verdict = verdict(server).await;
    assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
}

/// A direct connection to the server's database.
async fn connect(server: &Server) -> DatabaseConnection {
    Database::connect(&server.database.url).await.unwrap()
}

/// The number that this SQL returns.
async fn number(database: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    database.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

fn is_sqlite(database: &DatabaseConnection) -> bool {
    database.get_database_backend() == DbBackend::Sqlite
}
