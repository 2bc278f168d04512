//! Database overload: requests fail with `SERVICE_UNAVAILABLE` and `retryAfter`.

use std::time::Duration;

use fieldguard::{config::Config, domain::overview::DatabaseType};
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::each_with,
};

/// One database connection, and an execution limit of two seconds.
fn one_connection(config: &mut Config) {
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
    assert!(answer.at("/errors/0/extensions/field").is_null(), "the error names no input field");
}

#[on_each_database]
async fn overloaded_database_gives_retryable_errors() {
    each_with(one_connection, async |server| {
        let (ada, bob, anonymous) = (server.admin().await, server.user("bob").await, server.anonymous());
        let answer = register(&anonymous, "eve").await.ok();
        let token = answer.at("/data/register/refreshToken").as_str().unwrap();
        let refresh = format!("mutation {{ refresh(input: {{ refreshToken: \"{token}\" }}) {{ accessToken }} }}");
        let answer = anonymous.gql(&refresh).await.ok();
        // The first use of a refresh token is stored before the answer.
        let eve = anonymous.bearing(answer.at("/data/refresh/accessToken").as_str().unwrap());
        ada.gql("{ me { id } }").await.ok();

        let held = server.app.accounts().store.write().await.unwrap();
        let read = format!("{{ user(id: \"{}\") {{ email state }} }}", bob.id);
        let disable =
            format!("mutation {{ disableUsers(input: {{ userIds: [\"{}\"] }}) {{ users {{ id }} }} }}", bob.id);
        let (registered, identified, read_user, disabled) =
            tokio::join!(register(&anonymous, "zoe"), eve.gql("{ me { id } }"), ada.gql(&read), ada.gql(&disable));
        assert_refused(&registered, 200);
        assert_eq!(registered.at("/data"), &json!({ "register": null }));
        assert_refused(&identified, 503);
        assert_eq!(identified.headers["retry-after"], "1");
        // On PostgreSQL the only connection is in use, so the read fails. On SQLite the read succeeds and writing its
        // audit event fails.
        let is_read = server.app.accounts().store.kind() == DatabaseType::Sqlite;
        assert_refused(&read_user, if is_read { 503 } else { 200 });
        assert!(!read_user.text.contains("ACTIVE"), "data is not returned if its audit event can't be written");
        assert_refused(&disabled, 200);
        drop(held);

        register(&anonymous, "zoe").await.ok();
        eve.gql("{ me { id } }").await.ok();
        assert_eq!(
            ada.gql(&read).await.ok().at("/data/user/state"),
            &Value::from("ACTIVE"),
            "the failed mutation changed nothing"
        );
    })
    .await;
}
