//! Refused mutations of operations without an answer: the operation times out, or the client disconnects.

use std::{future::pending, task::Poll};

use async_graphql::{EmptySubscription, ID, Object, Request, Schema};
use fieldguard::{
    api::{
        CONVENTIONS,
        error::{ApiError, Code},
        execute::{Executor, RequestContext},
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

use super::{assert_whole, audit_events, only};
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
    let context = RequestContext {
        caller: caller.map_or_else(Caller::default, Caller::from),
        client: Client::default(),
        refresh_cookie: Presented::default(),
        request_id: "1".to_owned(),
        queries_only: false,
        on_denied: OnDenied::Null,
    };
    executor.execute(Request::new(document), context).await.answer
}

fn document(id: &str, last: &str) -> String {
    format!("mutation {{ a: byRule(id: \"{id}\") b: byWhatThereIs(id: \"{id}\") c: byWhatThereIs(id: \"\") {last} }}")
}

#[on_each_database]
async fn refused_mutations_of_a_timed_out_operation_are_recorded() {
    each(async |server| {
        let (ada, executor) = (server.admin().await, executor(server));
        let caller = reader();
        let document = document(&ada.id, "d: hang e: byRule(id: \"x\")");
        let answer = run(&executor, &document, Some(caller.clone())).await;
        assert_eq!(answer.outcome, Outcome::Unavailable);
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        let recorded: Vec<_> = found.iter().rev().map(|event| (&event["coordinates"][0], &event["targetId"])).collect();
        let id = json!(ada.id);
        let expected = [(&json!("Mutation.byRule"), &id), (&json!("Mutation.byWhatThereIs"), &id)];
        assert_eq!(recorded, expected, "the third is no refusal, and the last did not run");
        for row in &found {
            assert_eq!((&row["reason"], &row["requestId"]), (&json!("FORBIDDEN"), &json!("1")));
            assert_eq!(row["actorId"], json!(caller.user().to_string()));
        }
        run(&executor, "mutation { hang }", None).await;
        run(&executor, "{ nothing }", None).await;
        assert_eq!(
            audit_events(&ada, "action: MUTATION_REFUSED").await.len(),
            2,
            "operations without a refusal create no event"
        );
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn refused_mutations_of_a_disconnected_client_are_recorded() {
    each(async |server| {
        let (ada, executor) = (server.admin().await, executor(server));
        let document = document(&ada.id, "d: hang");
        {
            let mut running = std::pin::pin!(run(&executor, &document, None));
            assert!(matches!(poll!(&mut running), Poll::Pending));
        }
        // A later event has the same time or a later one.
        let later = run(&executor, "mutation { later: byRule(id: \"x\") }", Some(reader())).await;
        assert_eq!(later.outcome, Outcome::Executed);
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        let anonymous = found.iter().rev().filter(|event| event["actorType"] == "ANONYMOUS");
        let recorded: Vec<_> = anonymous.map(|event| (&event["coordinates"][0], &event["reason"])).collect();
        let expected = [
            (&json!("Mutation.byRule"), &json!("UNAUTHENTICATED")),
            (&json!("Mutation.byWhatThereIs"), &json!("FORBIDDEN")),
        ];
        assert_eq!(recorded, expected, "{found:#?}");
        assert_eq!(found.len(), 3);
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn answered_refused_mutations_are_recorded_once() {
    each(async |server| {
        let (ada, executor) = (server.admin().await, executor(server));
        let answer = run(&executor, &document(&ada.id, ""), Some(reader())).await;
        assert_eq!((answer.outcome, answer.response.errors.len()), (Outcome::Executed, 3));
        run(&executor, "mutation { byRule(id: \"x\") }", None).await;
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found.len(), 3);
        assert_eq!(
            only(&audit_events(&ada, "action: MUTATION_REFUSED, requestId: \"1\"").await[2..])["targetId"],
            json!(ada.id)
        );
    })
    .await;
}
