//! Limits on a personal access token's name, expiry and permissions, and on the number of tokens.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use serde_json::{Value, json};

use super::{advance, ask, create, list, script};
use crate::{
    actor::Answer,
    app::{Server, each},
    sessions,
};

#[track_caller]
fn assert_refused(answer: &Answer, field: &str) {
    assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{answer:#?}");
    assert_eq!(answer.at("/errors/0/extensions/field"), field, "{answer:#?}");
}

#[on_each_database]
async fn token_is_shown_once_and_listed_without_its_secret() {
    each(async |server| {
        let ada = server.admin().await;
        let asked = json!({ "name": " CI of the shop ", "permissions": ["users:read", "roles:read", "users:read"] });
        let answer = ask(&ada, asked).await.ok();
        let created = answer.at("/data/createPersonalAccessToken");
        let token = created["token"].as_str().unwrap().to_owned();
        assert!(token.starts_with("fg_pat_") && token.len() == 79, "{token}");
        let expected = json!({
            "id": created["personalAccessToken"]["id"], "name": "CI of the shop", "permissions": [{ "name": "roles:read" }, { "name": "users:read" }],
            "createdAt": "2027-01-15T08:00:00+00:00", "expiresAt": "2027-04-15T08:00:00+00:00",
            "isExpired": false, "lastUsedAt": null,
        });
        assert_eq!(created["personalAccessToken"], expected);
        let listed = ada.gql("{ me { personalAccessTokens { edges { node { id name permissions { name } createdAt expiresAt isExpired lastUsedAt } } } } }");
        let listed = listed.await.ok();
        assert_eq!(listed.at("/data/me/personalAccessTokens/edges"), &json!([{ "node": expected }]));
        assert!(!listed.text.contains(&token[7..]));
        let node = "query ($id: ID!) { node(id: $id) { ... on PersonalAccessToken { name } } }";
        let id = json!({ "id": expected["id"] });
        assert_eq!(ada.gql_with(node, id.clone()).await.ok().at("/data/node/name"), "CI of the shop");
        let eve = server.user("eve").await;
        assert_eq!(eve.gql_with(node, id).await.ok().at("/data/node"), &Value::Null);
        let events = sessions::events(&ada).await;
        assert!(events.contains(&"PERSONAL_ACCESS_TOKEN_CREATED".to_owned()), "{events:?}");
        assert_eq!(stored_bytes(server, &token).await, 0);
    })
    .await;
}

/// The number of rows that hold a part of the token's secret.
async fn stored_bytes(server: &Server, token: &str) -> usize {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let secret = URL_SAFE_NO_PAD.decode(&token[7..71]).unwrap().split_off(16);
    let connection = Connection::connect(&server.database.url).await.unwrap();
    let statement =
        Statement::from_string(connection.get_database_backend(), "SELECT token_hash FROM personal_access_tokens");
    let rows = connection.query_all_raw(statement).await.unwrap();
    connection.close().await.unwrap();
    assert_eq!(rows.len(), 1);
    let holds =
        |hash: &Vec<u8>| hash.len() != 32 || hash.windows(4).any(|part| secret.windows(4).any(|other| other == part));
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).filter(holds).count()
}

#[on_each_database]
async fn token_name_expiry_and_permissions_are_validated() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        for name in ["", "  ", "a\nb", "a\u{202e}b", &"x".repeat(61)] {
            assert_refused(&ask(&bob, json!({ "name": name, "permissions": [] })).await, "name");
        }
        for end in ["2027-01-15T08:00:00Z", "2026-01-15T08:00:00Z", "2028-01-16T08:00:00.001Z", "9999-12-31T23:59:59Z"]
        {
            assert_refused(&ask(&bob, json!({ "name": "a", "permissions": [], "expiresAt": end })).await, "expiresAt");
        }
        for end in [json!("tomorrow"), json!(1_800_000_001), json!("2027-02-30T00:00:00Z")] {
            let answer = ask(&bob, json!({ "name": "a", "permissions": [], "expiresAt": end })).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{answer:#?}");
        }
        for permission in ["users:read", "nonsense", "admin", "", "users:*"] {
            assert_refused(&ask(&bob, json!({ "name": "a", "permissions": [permission] })).await, "permissions");
        }
        assert_refused(
            &ask(&ada, json!({ "name": "a", "permissions": ["users:read", "users:fly"] })).await,
            "permissions",
        );
        let long = json!({ "name": "x".repeat(60), "permissions": [], "expiresAt": "2028-01-16T08:00:00Z" });
        ask(&bob, long).await.ok();
        assert_eq!(list(&bob).await.len(), 1);
    })
    .await;
}

#[on_each_database]
async fn user_has_at_most_fifty_unexpired_tokens_under_concurrent_creation() {
    each(async |server| {
        let bob = server.user("bob").await;
        let many = join_all((0..55).map(|_| ask(&bob, json!({ "name": "a", "permissions": [] })))).await;
        let refused: Vec<_> = many.iter().filter(|answer| !answer.codes().is_empty()).collect();
        assert!(refused.len() == 5 && refused.iter().all(|answer| answer.codes() == ["CONFLICT"]), "{refused:#?}");
        assert_eq!(list(&bob).await.len(), 50);
        let id = list(&bob).await[7]["id"].as_str().unwrap().to_owned();
        super::revoke(&bob, &id).await.ok();
        create(&bob, &[]).await;
        // Expired tokens do not count toward the limit. They are removed as new ones are created.
        advance(server, TimeDelta::days(90));
        let bob = server.anonymous().login("bob").await;
        assert_eq!(list(&bob).await.iter().filter(|token| token["isExpired"] == true).count(), 50);
        for _ in 0..3 {
            let end = "2027-04-15T08:00:00.001Z";
            ask(&bob, json!({ "name": "short", "permissions": [], "expiresAt": end })).await.ok();
        }
        advance(server, TimeDelta::milliseconds(1));
        create(&bob, &[]).await;
        assert_eq!(list(&bob).await.len(), 51);
        advance(server, TimeDelta::days(30));
        let bob = server.anonymous().login("bob").await;
        assert_eq!(list(&bob).await.len(), 1);
        assert!(list(&script(&bob, &[]).await).await.len() == 2);
    })
    .await;
}
