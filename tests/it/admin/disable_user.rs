//! `disableUser` and `enableUser`.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use serde_json::{Value, json};

use super::{disable, enable};
use crate::{
    actor::{Answer, PASSWORD},
    app::{Server, each},
};

async fn login(server: &Server, name: &str) -> Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    server.anonymous().gql_with(document, json!({ "input": { "username": name, "password": PASSWORD } })).await
}

/// When `bob` was disabled. Only the database has this.
async fn disabled_at(server: &Server) -> Option<i64> {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    let sql = "SELECT disabled_at FROM accounts WHERE username = 'bob'";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    let value = row.try_get("", "disabled_at").unwrap();
    connection.close().await.unwrap();
    value
}

#[on_each_database]
async fn disabling_a_user_revokes_sessions_permanently() {
    each(async |server| {
        let (ada, bob, ann) = (server.admin().await, server.user("bob").await, server.user("ann").await);
        let elsewhere = server.anonymous().login("bob").await;
        bob.gql("{ me { id } }").await.ok();
        let answer = disable(&ada, &bob.id).await.ok();
        assert_eq!(answer.at("/data/disableUser/user/state"), "DISABLED");
        for actor in [&bob, &elsewhere] {
            let refused = actor.gql("{ serverInfo { version } }").await;
            assert_eq!((refused.status.as_u16(), refused.codes()), (401, vec!["UNAUTHENTICATED"]));
        }
        assert_eq!(login(server, "bob").await.codes(), ["INVALID_CREDENTIALS"]);
        ann.gql("{ me { id } }").await.ok();

        let answer = enable(&ada, &bob.id).await.ok();
        assert_eq!(answer.at("/data/enableUser/user/state"), "ACTIVE");
        for actor in [&bob, &elsewhere] {
            assert_eq!(actor.gql("{ me { id } }").await.status, 401, "enabling does not restore tokens");
        }
        server.wait_out_a_failure();
        let bob = server.anonymous().login("bob").await;
        bob.gql("{ me { id } }").await.ok();
    })
    .await;
}

#[on_each_database]
async fn disable_user_and_enable_user_are_idempotent() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        assert_eq!(enable(&ada, &bob.id).await.ok().at("/data/enableUser/user/state"), "ACTIVE");
        bob.gql("{ me { id } }").await.ok();
        disable(&ada, &bob.id).await.ok();
        let since = disabled_at(server).await;
        assert_eq!(since, Some(server.app.accounts().clock.now().timestamp_millis()));
        server.app.accounts().clock.advance(TimeDelta::minutes(5));
        assert_eq!(disable(&ada, &bob.id).await.ok().at("/data/disableUser/user/state"), "DISABLED");
        assert_eq!(disabled_at(server).await, since, "the first time is kept");
        enable(&ada, &bob.id).await.ok();
        assert_eq!(disabled_at(server).await, None);
    })
    .await;
}

#[on_each_database]
async fn last_administrator_cannot_be_disabled_or_demoted() {
    each(async |server| {
        let ada = server.admin().await;
        for refused in [disable(&ada, &ada.id).await, super::set_roles(&ada, &ada.id, &["user"]).await] {
            assert_eq!(refused.codes(), ["CONFLICT"]);
            assert_eq!(refused.at("/data").as_object().unwrap().values().collect::<Vec<_>>(), [&Value::Null]);
        }
        // A disabled administrator does not count.
        let eve = super::administrator(server, "eve").await;
        disable(&ada, &eve.id).await.ok();
        assert_eq!(disable(&ada, &ada.id).await.codes(), ["CONFLICT"]);
        assert_eq!(super::me(&ada).await["state"], "ACTIVE", "nothing changed and no session was revoked");
        enable(&ada, &eve.id).await.ok();
        disable(&ada, &ada.id).await.ok();
        assert_eq!(ada.gql("{ me { id } }").await.status, 401);
    })
    .await;
}

#[on_each_database]
async fn disable_user_and_enable_user_require_permission() {
    each(async |server| {
        let (bob, ann) = (server.user("bob").await, server.user("ann").await);
        for (actor, code) in [(&bob, "FORBIDDEN"), (&server.anonymous(), "UNAUTHENTICATED")] {
            assert_eq!(disable(actor, &ann.id).await.codes(), [code]);
            assert_eq!(enable(actor, &ann.id).await.codes(), [code]);
            assert_eq!(disable(actor, &bob.id).await.codes(), [code]);
        }
        ann.gql("{ me { id } }").await.ok();
    })
    .await;
}
