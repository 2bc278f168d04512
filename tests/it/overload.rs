//! More is asked of the database than it gets done: what is refused says so, and that it may be asked again.

use std::time::Duration;

use fieldguard::{config::Config, domain::overview::DatabaseKind};
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::each_with,
};

/// One connection, for which nobody waits longer than a second.
fn narrow(config: &mut Config) {
    config.database_max_connections = 1;
    config.limits.documents.execution = Duration::from_secs(2);
}

async fn register(actor: &Actor, name: &str) -> Answer {
    let document = "mutation ($input: RegisterInput!) { register(input: $input) { refreshToken } }";
    actor.gql_with(document, json!({ "input": { "username": name, "password": PASSWORD } })).await
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16) {
    assert_eq!((answer.status.as_u16(), answer.codes()), (status, vec!["SERVICE_UNAVAILABLE"]), "{answer:#?}");
    assert_eq!(answer.at("/errors/0/extensions/retryAfter"), 1);
    assert!(answer.at("/errors/0/extensions/field").is_null(), "it is about no value of the input");
}

#[on_each_database]
async fn is_refused_as_what_may_be_asked_again() {
    each_with(narrow, async |server| {
        let (ada, bob, nobody) = (server.admin().await, server.user("bob").await, server.anonymous());
        let answer = register(&nobody, "eve").await.ok();
        let token = answer.at("/data/register/refreshToken").as_str().unwrap();
        let refresh = format!("mutation {{ refresh(input: {{ refreshToken: \"{token}\" }}) {{ accessToken }} }}");
        let answer = nobody.gql(&refresh).await.ok();
        // The first use of such a token is written down, before anything is answered.
        let eve = nobody.bearing(answer.at("/data/refresh/accessToken").as_str().unwrap());
        ada.gql("{ me { id } }").await.ok();

        let held = server.app.accounts().store.write().await.unwrap();
        let read = format!("{{ user(id: \"{}\") {{ email state }} }}", bob.id);
        let disable =
            format!("mutation {{ disableUsers(input: {{ userIds: [\"{}\"] }}) {{ users {{ id }} }} }}", bob.id);
        let (made, identified, seen, disabled) =
            tokio::join!(register(&nobody, "zoe"), eve.gql("{ me { id } }"), ada.gql(&read), ada.gql(&disable));
        assert_refused(&made, 200);
        assert_eq!(made.at("/data"), &json!({ "register": null }));
        assert_refused(&identified, 503);
        assert_eq!(identified.headers["retry-after"], "1");
        // PostgreSQL's only connection is not there to read with; on SQLite the read succeeds and its audit row fails.
        let is_read = server.app.accounts().store.kind() == DatabaseKind::Sqlite;
        assert_refused(&seen, if is_read { 503 } else { 200 });
        assert!(!seen.text.contains("ACTIVE"), "what cannot be recorded does not leave");
        assert_refused(&disabled, 200);
        drop(held);

        register(&nobody, "zoe").await.ok();
        eve.gql("{ me { id } }").await.ok();
        assert_eq!(ada.gql(&read).await.ok().at("/data/user/state"), &Value::from("ACTIVE"), "nothing was done");
    })
    .await;
}
