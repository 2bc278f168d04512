//! The history of refresh tokens survives `kill -9`, so that reuse is detected after a restart.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::program::{RunningServer, each};
use crate::actor::{Actor, Answer, PASSWORD};

async fn sign_in(actor: &Actor) -> Answer {
    let document = "mutation ($input: LoginInput!) { it: login(input: $input) { accessToken refreshToken } }";
    let input = json!({ "input": { "username": "bob", "password": PASSWORD } });
    actor.gql_with(document, input).await.ok()
}

async fn refresh(server: &RunningServer, token: &str) -> Answer {
    let document = "mutation ($input: RefreshInput!) { it: refresh(input: $input) { accessToken refreshToken } }";
    server.anonymous().gql_with(document, json!({ "input": { "refreshToken": token } })).await
}

fn text(answer: &Answer, pointer: &str) -> String {
    answer.at(pointer).as_str().unwrap().to_owned()
}

#[on_each_database]
async fn refresh_token_reuse_is_detected_after_a_kill() {
    each(async |program| {
        let program = program.set("FIELDGUARD_SESSION_REFRESH_GRACE", "0s");
        let server = program.serve();
        server.anonymous().register("bob").await;
        let stolen = text(&sign_in(&server.anonymous()).await, "/data/it/refreshToken");
        let lost = text(&refresh(&server, &stolen).await.ok(), "/data/it/refreshToken");
        server.kill();

        let server = program.serve();
        let again = refresh(&server, &stolen).await.ok();
        assert_eq!(text(&again, "/data/it/refreshToken"), lost, "the successor was not used yet");
        let honest = server.anonymous().bearing(&text(&again, "/data/it/accessToken"));
        honest.gql("{ me { id } }").await.ok();
        server.kill();

        let server = program.serve();
        assert_eq!(refresh(&server, &stolen).await.codes(), ["INVALID_REFRESH_TOKEN"]);
        assert_eq!(refresh(&server, &lost).await.codes(), ["INVALID_REFRESH_TOKEN"], "the session is revoked");
        let bob = server.anonymous().login("bob").await;
        let events = bob.gql("{ me { securityEvents(first: 5) { edges { node { action } } } } }").await.ok();
        assert!(events.text.contains("REFRESH_TOKEN_REUSED"), "{events:?}");
        assert_eq!(server.anonymous().bearing(honest.token.as_deref().unwrap()).gql("{ me { id } }").await.status, 401);
    })
    .await;
}
