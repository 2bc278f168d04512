//! The database is unavailable or damaged.

use fieldguard_test_macros::{needs, on_each_database};
use reqwest::header::ACCEPT;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{assert_field_unavailable, assert_request_unavailable, assert_unavailable, connect, login, register};
use crate::{
    actor::{Actor, Answer},
    app::{Server, each, settings},
    database::Database,
};

const MEDIA_TYPES: [&str; 2] = ["application/json", "application/graphql-response+json"];
const USERS: &str = "{ users(first: 1) { edges { cursor } } }";
const SCHEMA: &str = "{ __schema { queryType { name } } }";

async fn send(actor: &Actor, accept: &str, body: Value) -> Answer {
    actor.request(|request| request.header(ACCEPT, accept).json(&body)).await
}

fn as_user() -> Value {
    json!({ "query": SCHEMA, "extensions": { "viewAs": "user" } })
}

#[on_each_database]
async fn requests_fail_with_service_unavailable_without_a_database() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        // The principal is cached from here on, so that only the field fails.
        ada.gql("{ me { id } }").await.ok();
        server.app.accounts().store.close().await;

        for form in MEDIA_TYPES {
            assert_field_unavailable(&send(&ada, form, json!({ "query": USERS })).await, "users");
            let get = ada.get(USERS, |request| request.header(ACCEPT, form)).await;
            assert_field_unavailable(&get, "users");
            let rejecting = json!({ "query": USERS, "extensions": { "onDenied": "reject" } });
            assert_field_unavailable(&send(&ada, form, rejecting.clone()).await, "users");
            let logout = json!({ "query": "mutation { logoutEverywhere { effectiveAt } }" });
            assert_unavailable(&send(&ada, form, logout).await);

            assert_request_unavailable(&send(&bob, form, json!({ "query": "{ me { id } }" })).await);
            assert_request_unavailable(&bob.get("{ me { id } }", |request| request.header(ACCEPT, form)).await);
            assert_request_unavailable(&send(&bob, form, rejecting).await);
            assert_request_unavailable(&send(&ada, form, as_user()).await);
        }
        assert_field_unavailable(&login(&server.anonymous(), "bob").await, "login");
        assert_field_unavailable(&register(&server.anonymous(), "eve").await, "register");
        let ready = Actor::new(server.url("/readyz"), None).get("", |request| request).await;
        assert_eq!((ready.status.as_u16(), ready.codes()), (503, vec!["SERVICE_UNAVAILABLE"]), "{ready:#?}");
        assert_eq!(
            (ready.at("/errors/0/extensions/retryAfter"), ready.headers["retry-after"].as_bytes()),
            (&json!(1), &b"1"[..])
        );
        server.anonymous().gql("{ serverInfo { version } }").await.ok();
    })
    .await;
}

#[tokio::test]
async fn list_fields_fail_with_service_unavailable_without_a_database() {
    let server = Server::on(Database::sqlite(), settings()).await;
    let ada = server.admin().await;
    ada.gql("{ me { id } }").await.ok();
    server.app.accounts().store.close().await;
    let answer = ada.gql("{ one: users { totalCount } two: users { totalCount } roles { id } }").await;
    assert_eq!(answer.codes(), ["SERVICE_UNAVAILABLE"; 3], "{answer:#?}");
    assert_eq!(answer.status.as_u16(), 200);
}

/// A missing table is not temporary, so the error is not retryable.
#[on_each_database]
async fn damaged_database_is_an_internal_error() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        ada.gql("{ me { id } }").await.ok();
        connect(server).await.execute_unprepared("ALTER TABLE role_permissions RENAME TO lost").await.unwrap();
        for form in MEDIA_TYPES {
            let field = send(&ada, form, json!({ "query": "{ roles { id } }" })).await;
            assert_eq!((field.status.as_u16(), field.codes()), (200, vec!["INTERNAL_SERVER_ERROR"]), "{field:#?}");
            for whole in
                [send(&ada, form, as_user()).await, send(&bob, form, json!({ "query": "{ me { id } }" })).await]
            {
                assert_eq!((whole.status.as_u16(), whole.codes()), (500, vec!["INTERNAL_SERVER_ERROR"]), "{whole:#?}");
                assert!(whole.json.get("data").is_none() && !whole.headers.contains_key("retry-after"), "{whole:#?}");
            }
        }
    })
    .await;
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn requests_fail_with_503_until_the_database_server_is_back() {
    let Some(database) = Database::current_postgres().await else { return };
    let server = Server::on(database, settings()).await;
    let bob = server.user("bob").await;
    server.database.close_to_connections().await;
    for _ in 0..3 {
        assert_request_unavailable(&bob.gql("{ me { id } }").await);
    }
    server.database.open_to_connections().await;
    let mut answer = bob.gql("{ me { id } }").await;
    // Each connection of the pool may fail once more.
    for _ in 0..server.app.config().database_max_connections {
        if answer.status.is_success() {
            break;
        }
        assert_request_unavailable(&answer);
        answer = bob.gql("{ me { id } }").await;
    }
    answer.ok();
}
