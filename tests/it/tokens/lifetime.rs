//! How long a token is good: its minutes, and as long as there is the account it was made for.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{PUBLIC, assert_refused, refuses};
use crate::{
    actor::PASSWORD,
    app::{Server, each},
};

#[on_each_database]
async fn expires_to_the_second_and_five_more() {
    each(async |server| {
        let bob = server.user("bob").await;
        server.app.accounts().clock.advance(TimeDelta::seconds(900 + 4));
        bob.gql("{ me { id } }").await.ok();
        server.app.accounts().clock.advance(TimeDelta::seconds(1));
        assert_refused(&bob.gql(PUBLIC).await, "expired");
        // Even one that the server has just honored, and so remembers.
        let bob = server.anonymous().login("bob").await;
        server.app.accounts().clock.advance(TimeDelta::milliseconds(904_500));
        bob.gql(PUBLIC).await.ok();
        server.app.accounts().clock.advance(TimeDelta::milliseconds(500));
        assert_refused(&bob.gql(PUBLIC).await, "expired while remembered");
    })
    .await;
}

#[on_each_database]
async fn of_an_account_that_is_gone_or_of_another_server_is_nobodys() {
    let elsewhere = Server::start().await;
    let foreign = elsewhere.user("bob").await.token.unwrap();
    each(async |server| {
        let bob = server.user("bob").await;
        refuses(&bob, &foreign, "another server's key").await;
        let leave = "mutation ($password: String!) { deleteAccount(input: { password: $password }) { userId } }";
        bob.gql_with(leave, json!({ "password": PASSWORD })).await.ok();
        assert_refused(&bob.gql(PUBLIC).await, "the account is gone");
        assert_refused(&bob.gql("mutation { register(input: {}) { accessToken } }").await, "whatever it asks");
        assert_refused(&bob.gql("nonsense").await, "whatever it asks");
    })
    .await;
}
