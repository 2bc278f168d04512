//! The audit trail: what leaves a row, what a row says and never says, who reads it, and that it cannot be changed unseen.

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

/// Everything that is asked of a row.
const ROW: &str = "sequence action occurredAt actorType actorId sessionId targetType targetId coordinates subjectIds \
                   requestId ipAddress personalAccessTokenId before { state roleNames permissionNames } \
                   after { state roleNames permissionNames } reason";

/// The rows that meet the filter, the newest first.
async fn rows(reader: &Actor, filter: &str) -> Vec<Value> {
    let document = format!("{{ auditEvents(first: 100, filter: {{ {filter} }}) {{ edges {{ node {{ {ROW} }} }} }} }}");
    let answer = reader.gql(&document).await.ok();
    answer.at("/data/auditEvents/edges").as_array().unwrap().iter().map(|it| it["node"].clone()).collect()
}

/// The only row of that action.
#[track_caller]
fn only(rows: &[Value]) -> &Value {
    assert_eq!(rows.len(), 1, "{rows:#?}");
    &rows[0]
}

/// The id of the request that was answered so.
fn request_id(answer: &Answer) -> Value {
    json!(answer.headers["x-request-id"].to_str().unwrap())
}

/// What a look through the whole trail finds.
async fn verdict(server: &Server) -> Verdict {
    store::audit::verify(&server.app.accounts().store, None).await.unwrap()
}

async fn assert_whole(server: &Server) {
    let verdict = verdict(server).await;
    assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
}

/// The server's database, behind its back.
async fn behind(server: &Server) -> DatabaseConnection {
    Database::connect(&server.database.url).await.unwrap()
}

/// One number that the database answers.
async fn number(database: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    database.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

fn is_sqlite(database: &DatabaseConnection) -> bool {
    database.get_database_backend() == DbBackend::Sqlite
}
