//! What is kept of a token's use, and what is remembered between requests.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{create, is_good, list, script, wait};
use crate::{
    admin::execute,
    app::{each, each_with},
};

#[on_each_database]
async fn its_last_use_is_noted_to_the_minute() {
    each_with(
        |config| config.trusted_proxies = "127.0.0.1".parse().unwrap(),
        async |server| {
            let bob = server.user("bob").await;
            let made = create(&bob, &[]).await;
            let read = async || {
                let token = list(&bob).await.remove(0);
                (token["lastUsedAt"].clone(), token["lastUsedAddress"].clone())
            };
            assert_eq!(read().await, (Value::Null, Value::Null));
            let body = json!({ "query": "{ me { id } }" });
            let script = bob.bearing(&made.token);
            let from = async |address| {
                script.request(|it| it.header("x-forwarded-for", address).json(&body)).await.ok();
            };
            from("192.0.2.1").await;
            let first = (json!("2027-01-15T08:00:00+00:00"), json!("192.0.2.1"));
            assert_eq!(read().await, first);
            wait(server, TimeDelta::milliseconds(59_999));
            from("192.0.2.2").await;
            assert_eq!(read().await, first, "within the minute");
            wait(server, TimeDelta::milliseconds(1));
            from("192.0.2.2").await;
            assert_eq!(read().await.0, first.0, "remembered since a moment ago");
            wait(server, TimeDelta::seconds(1));
            from("192.0.2.3").await;
            assert_eq!(read().await, (json!("2027-01-15T08:01:01+00:00"), json!("192.0.2.3")));
        },
    )
    .await;
}

#[on_each_database]
async fn is_remembered_for_a_second_and_asks_the_database_nothing_meanwhile() {
    each(async |server| {
        let script = script(&server.user("bob").await, &[]).await;
        assert!(is_good(&script).await);
        execute(server, "DELETE FROM access_tokens").await;
        wait(server, TimeDelta::milliseconds(999));
        assert!(is_good(&script).await, "whoever asks the database finds nothing");
        wait(server, TimeDelta::milliseconds(1));
        assert!(!is_good(&script).await, "nothing is remembered longer");
    })
    .await;
}

#[on_each_database]
async fn a_use_that_cannot_be_noted_is_answered_all_the_same() {
    each(async |server| {
        let bob = server.user("bob").await;
        let made = create(&bob, &[]).await;
        let script = bob.bearing(&made.token);
        let (break_it, mend_it) = if server.database.url.starts_with("sqlite") {
            (
                "CREATE TRIGGER broken BEFORE UPDATE ON access_tokens BEGIN SELECT RAISE(ABORT, 'broken'); END",
                "DROP TRIGGER broken",
            )
        } else {
            (
                "CREATE FUNCTION broken() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''broken''; END' LANGUAGE plpgsql; \
                 CREATE TRIGGER broken BEFORE UPDATE ON access_tokens EXECUTE FUNCTION broken()",
                "DROP TRIGGER broken ON access_tokens",
            )
        };
        execute(server, break_it).await;
        assert!(is_good(&script).await && is_good(&script).await);
        execute(server, mend_it).await;
        assert_eq!(list(&bob).await[0]["lastUsedAt"], Value::Null);
        assert!(is_good(&script).await);
        assert!(list(&bob).await[0]["lastUsedAt"].is_string(), "the next request notes it");
    })
    .await;
}
