//! When the last use of a personal access token is recorded, and how long a valid token is cached.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{advance, create, is_accepted, list, script};
use crate::{
    admin::execute,
    app::{each, each_with},
};

#[on_each_database]
async fn last_use_is_recorded_once_a_minute() {
    each_with(
        |config| config.trusted_proxies = "127.0.0.1".parse().unwrap(),
        async |server| {
            let bob = server.user("bob").await;
            let created = create(&bob, &[]).await;
            let read = async || {
                let token = list(&bob).await.remove(0);
                (token["lastUsedAt"].clone(), token["lastUsedAddress"].clone())
            };
            assert_eq!(read().await, (Value::Null, Value::Null));
            let body = json!({ "query": "{ me { id } }" });
            let script = bob.bearing(&created.token);
            let from = async |address| {
                script.request(|request| request.header("x-forwarded-for", address).json(&body)).await.ok();
            };
            from("192.0.2.1").await;
            let first = (json!("2027-01-15T08:00:00+00:00"), json!("192.0.2.1"));
            assert_eq!(read().await, first);
            advance(server, TimeDelta::milliseconds(59_999));
            from("192.0.2.2").await;
            assert_eq!(read().await, first, "less than a minute later");
            advance(server, TimeDelta::milliseconds(1));
            from("192.0.2.2").await;
            assert_eq!(read().await.0, first.0, "the token is cached");
            advance(server, TimeDelta::seconds(1));
            from("192.0.2.3").await;
            assert_eq!(read().await, (json!("2027-01-15T08:01:01+00:00"), json!("192.0.2.3")));
        },
    )
    .await;
}

#[on_each_database]
async fn valid_token_is_cached_for_one_second() {
    each(async |server| {
        let script = script(&server.user("bob").await, &[]).await;
        assert!(is_accepted(&script).await);
        execute(server, "DELETE FROM personal_access_tokens").await;
        advance(server, TimeDelta::milliseconds(999));
        assert!(is_accepted(&script).await, "the cache answers, the database has no token");
        advance(server, TimeDelta::milliseconds(1));
        assert!(!is_accepted(&script).await, "the cache entry expired");
    })
    .await;
}

#[on_each_database]
async fn request_succeeds_if_the_last_use_cannot_be_recorded() {
    each(async |server| {
        let bob = server.user("bob").await;
        let created = create(&bob, &[]).await;
        let script = bob.bearing(&created.token);
        let (break_updates, repair_updates) = if server.database.url.starts_with("sqlite") {
            (
                "CREATE TRIGGER broken BEFORE UPDATE ON personal_access_tokens BEGIN SELECT RAISE(ABORT, 'broken'); END",
                "DROP TRIGGER broken",
            )
        } else {
            (
                "CREATE FUNCTION broken() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''broken''; END' LANGUAGE plpgsql; \
                 CREATE TRIGGER broken BEFORE UPDATE ON personal_access_tokens EXECUTE FUNCTION broken()",
                "DROP TRIGGER broken ON personal_access_tokens",
            )
        };
        execute(server, break_updates).await;
        assert!(is_accepted(&script).await && is_accepted(&script).await);
        execute(server, repair_updates).await;
        assert_eq!(list(&bob).await[0]["lastUsedAt"], Value::Null);
        assert!(is_accepted(&script).await);
        assert!(list(&bob).await[0]["lastUsedAt"].is_string(), "the next request records it");
    })
    .await;
}
