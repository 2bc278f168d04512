//! `updateUser`: another name or address for somebody else.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::desk::{DESK, holder, login};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::each,
};

async fn update(actor: &Actor, user: &str, change: Value) -> Answer {
    let document = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { username email } } }";
    let mut input = change;
    input["userId"] = json!(user);
    actor.gql_with(document, json!({ "input": input })).await
}

#[on_each_database]
async fn what_is_absent_stays() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let sam = holder(server, &ada, "desk", DESK).await;
        for (change, username, email) in [
            (json!({}), "bob", json!(null)),
            (json!({ "email": "bob@example.org" }), "bob", json!("bob@example.org")),
            (json!({ "username": "Robert" }), "Robert", json!("bob@example.org")),
            (json!({ "username": null }), "Robert", json!("bob@example.org")),
            (json!({ "email": null }), "Robert", json!(null)),
        ] {
            let answer = update(&sam, &bob.id, change.clone()).await.ok();
            let expected = json!({ "username": username, "email": email });
            assert_eq!(answer.at("/data/updateUser/user"), &expected, "{change}");
        }
        bob.gql("{ me { id } }").await.ok();
        assert_eq!(login(server, "bob", PASSWORD).await.codes(), ["INVALID_CREDENTIALS"]);
        login(server, "robert", PASSWORD).await.ok();
        let answer = bob.gql("{ me { securityEvents(first: 10) { edges { node { kind ipAddress } } } } }").await.ok();
        let edges = answer.at("/data/me/securityEvents/edges").as_array().unwrap();
        let changes = edges.iter().filter(|it| it["node"]["kind"] == "EMAIL_CHANGED");
        let told = json!({ "kind": "EMAIL_CHANGED", "ipAddress": null });
        assert_eq!(changes.map(|it| &it["node"]).collect::<Vec<_>>(), [&told; 2], "once for each new address");
    })
    .await;
}

#[on_each_database]
async fn a_name_or_an_address_that_cannot_be_is_refused() {
    each(async |server| {
        let (ada, bob, ann) = (server.admin().await, server.user("bob").await, server.user("ann").await);
        update(&ada, &ann.id, json!({ "email": "ann@example.org" })).await.ok();
        for (change, code, field) in [
            (json!({ "username": "Ann", "email": "new@example.org" }), "CONFLICT", "username"),
            (json!({ "username": "new.one", "email": "ANN@example.org" }), "CONFLICT", "email"),
            (json!({ "username": "x" }), "BAD_USER_INPUT", "username"),
            (json!({ "email": "nonsense" }), "BAD_USER_INPUT", "email"),
        ] {
            let refused = update(&ada, &bob.id, change.clone()).await;
            assert_eq!(refused.codes(), [code], "{change}");
            assert_eq!(refused.at("/errors/0/extensions/field"), field);
        }
        let answer = bob.gql("{ me { username email } }").await.ok();
        assert_eq!(answer.at("/data/me"), &json!({ "username": "bob", "email": null }), "nothing was changed");
        update(&ada, &bob.id, json!({ "username": "BOB" })).await.ok();
    })
    .await;
}
