//! Changes that were refused, of which the answer never tells: the operation ran out of its time, or its client went away.

use std::{future::pending, task::Poll};

use async_graphql::{EmptySubscription, ID, Object, Request, Schema};
use fieldguard::{
    api::{
        CONVENTIONS,
        error::{ApiError, Code},
        execute::{Circumstances, Executor},
        sessions::refresh_cookie::Presented,
    },
    domain::{principal::Principal, role::ADMIN, session::Client},
    guard::{
        caller::Caller,
        execute::{Answer, Outcome},
        on_denied::OnDenied,
        registry,
        settings::{Limits, Settings},
    },
    guarded,
};
use fieldguard_test_macros::on_each_database;
use futures_util::poll;
use serde_json::json;

use super::{assert_whole, only, rows};
use crate::{
    app::{Server, each},
    guarded::reader,
};

struct Query;

#[guarded(public)]
#[Object]
impl Query {
    async fn nothing(&self) -> i32 {
        0
    }
}

struct Mutation;

#[guarded]
#[Object]
impl Mutation {
    #[requires(role = ADMIN)]
    async fn by_rule(&self, id: ID) -> Option<bool> {
        Some(id.is_empty())
    }

    #[public]
    async fn by_what_there_is(&self, id: ID) -> Result<Option<bool>, ApiError> {
        let code = if id.is_empty() { Code::Conflict } else { Code::Forbidden };
        Err(ApiError::new(code, "It is another's."))
    }

    #[public]
    async fn hang(&self) -> Option<bool> {
        pending().await
    }
}

fn executor(server: &Server) -> Executor {
    let schema = registry::complete(Schema::build(Query, Mutation, EmptySubscription), &CONVENTIONS);
    let settings = Settings {
        limits: Limits { execution: std::time::Duration::from_millis(20), ..Limits::default() },
        ..Settings::default()
    };
    Executor::new(schema, settings, server.app.accounts().clone())
}

async fn run(executor: &Executor, document: &str, caller: Option<Principal>) -> Answer {
    let circumstances = Circumstances {
        caller: caller.map_or_else(Caller::default, Caller::from),
        client: Client::default(),
        refresh_cookie: Presented::default(),
        request_id: "1".to_owned(),
        queries_only: false,
        on_denied: OnDenied::Null,
    };
    executor.execute(Request::new(document), circumstances).await.answer
}

fn document(id: &str, last: &str) -> String {
    format!("mutation {{ a: byRule(id: \"{id}\") b: byWhatThereIs(id: \"{id}\") c: byWhatThereIs(id: \"\") {last} }}")
}

#[on_each_database]
async fn of_an_operation_that_runs_out_of_its_time_leave_their_rows() {
    each(async |server| {
        let (ada, executor) = (server.admin().await, executor(server));
        let caller = reader();
        let document = document(&ada.id, "d: hang e: byRule(id: \"x\")");
        let answer = run(&executor, &document, Some(caller.clone())).await;
        assert_eq!(answer.outcome, Outcome::Unavailable);
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        let told: Vec<_> = found.iter().rev().map(|it| (&it["coordinates"][0], &it["targetId"])).collect();
        let id = json!(ada.id);
        let expected = [(&json!("Mutation.byRule"), &id), (&json!("Mutation.byWhatThereIs"), &id)];
        assert_eq!(told, expected, "and no other: the third is no refusal, the last was never tried");
        for row in &found {
            assert_eq!((&row["reason"], &row["requestId"]), (&json!("FORBIDDEN"), &json!("1")));
            assert_eq!(row["actorId"], json!(caller.user().to_string()));
        }
        run(&executor, "mutation { hang }", None).await;
        run(&executor, "{ nothing }", None).await;
        assert_eq!(rows(&ada, "action: MUTATION_REFUSED").await.len(), 2, "what is refused nothing leaves none");
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn of_a_client_that_went_away_leave_their_rows() {
    each(async |server| {
        let (ada, executor) = (server.admin().await, executor(server));
        let document = document(&ada.id, "d: hang");
        {
            let mut running = std::pin::pin!(run(&executor, &document, None));
            assert!(matches!(poll!(&mut running), Poll::Pending));
        }
        // Whoever comes later is written at the same time or later.
        let later = run(&executor, "mutation { later: byRule(id: \"x\") }", Some(reader())).await;
        assert_eq!(later.outcome, Outcome::Executed);
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        let nobodys = found.iter().rev().filter(|it| it["actorType"] == "ANONYMOUS");
        let told: Vec<_> = nobodys.map(|it| (&it["coordinates"][0], &it["reason"])).collect();
        let expected = [
            (&json!("Mutation.byRule"), &json!("UNAUTHENTICATED")),
            (&json!("Mutation.byWhatThereIs"), &json!("FORBIDDEN")),
        ];
        assert_eq!(told, expected, "{found:#?}");
        assert_eq!(found.len(), 3);
        assert_whole(server).await;
    })
    .await;
}

/// What was answered is written once.
#[on_each_database]
async fn are_not_written_twice_where_there_is_an_answer() {
    each(async |server| {
        let (ada, executor) = (server.admin().await, executor(server));
        let answer = run(&executor, &document(&ada.id, ""), Some(reader())).await;
        assert_eq!((answer.outcome, answer.response.errors.len()), (Outcome::Executed, 3));
        run(&executor, "mutation { byRule(id: \"x\") }", None).await;
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found.len(), 3);
        assert_eq!(
            only(&rows(&ada, "action: MUTATION_REFUSED, requestId: \"1\"").await[2..])["targetId"],
            json!(ada.id)
        );
    })
    .await;
}
