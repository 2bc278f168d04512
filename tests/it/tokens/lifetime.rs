//! The lifetime of access tokens: they expire, and they need an existing user of this server.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{PUBLIC, assert_refused, assert_token_refused};
use crate::{
    actor::PASSWORD,
    app::{Server, each},
};

#[on_each_database]
async fn access_token_expires_five_seconds_after_its_expiry_time() {
    each(async |server| {
        let bob = server.user("bob").await;
        server.app.accounts().clock.advance(TimeDelta::seconds(900 + 4));
        bob.gql("{ me { id } }").await.ok();
        server.app.accounts().clock.advance(TimeDelta::seconds(1));
        assert_refused(&bob.gql(PUBLIC).await, "expired");
        // The same for a token that the server has just accepted and cached.
        let bob = server.anonymous().login("bob").await;
        server.app.accounts().clock.advance(TimeDelta::milliseconds(904_500));
        bob.gql(PUBLIC).await.ok();
        server.app.accounts().clock.advance(TimeDelta::milliseconds(500));
        assert_refused(&bob.gql(PUBLIC).await, "expired while cached");
    })
    .await;
}

#[on_each_database]
async fn token_of_a_deleted_user_or_of_another_server_is_rejected() {
    let elsewhere = Server::start().await;
    let foreign = elsewhere.user("bob").await.token.unwrap();
    each(async |server| {
        let bob = server.user("bob").await;
        assert_token_refused(&bob, &foreign, "another server's key").await;
        let leave = "mutation ($password: String!) { deleteAccount(input: { password: $password }) { userId } }";
        bob.gql_with(leave, json!({ "password": PASSWORD })).await.ok();
        assert_refused(&bob.gql(PUBLIC).await, "the user is deleted");
        assert_refused(&bob.gql("mutation { register(input: {}) { accessToken } }").await, "a public field");
        assert_refused(&bob.gql("nonsense").await, "an invalid document");
    })
    .await;
}
