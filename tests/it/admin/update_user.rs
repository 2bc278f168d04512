//! `updateUser`: changes the name or the email address of another user.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::desk::{DESK, holder, login};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::each,
    personal_access_tokens,
};

async fn update(actor: &Actor, user: &str, change: Value) -> Answer {
    let document = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { username email } } }";
    let mut input = change;
    input["userId"] = json!(user);
    actor.gql_with(document, json!({ "input": input })).await
}

#[on_each_database]
async fn update_user_keeps_absent_fields() {
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
        let answer = bob.gql("{ me { securityEvents(first: 10) { edges { node { action ipAddress } } } } }").await.ok();
        let edges = answer.at("/data/me/securityEvents/edges").as_array().unwrap();
        let changes = edges.iter().filter(|edge| edge["node"]["action"] == "EMAIL_CHANGED");
        let expected = json!({ "action": "EMAIL_CHANGED", "ipAddress": null });
        assert_eq!(
            changes.map(|edge| &edge["node"]).collect::<Vec<_>>(),
            [&expected; 2],
            "one event for each new address"
        );
    })
    .await;
}

#[on_each_database]
async fn update_user_rejects_invalid_and_taken_names_and_addresses() {
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
        assert_eq!(answer.at("/data/me"), &json!({ "username": "bob", "email": null }), "nothing changed");
        update(&ada, &bob.id, json!({ "username": "BOB" })).await.ok();
    })
    .await;
}

/// Every mutation that sets the email address of another user.
fn probes(user: &str, address: &str) -> [String; 3] {
    [
        format!("updateUser(input: {{ userId: \"{user}\", email: \"{address}\" }}) {{ user {{ id }} }}"),
        format!("createUser(input: {{ username: \"new.one\", email: \"{address}\" }}) {{ code }}"),
        format!(
            "importUsers(input: {{ users: [{{ username: \"old.one\", email: \"{address}\", passwordHash: \"{HASH}\" }}] }}) {{ users {{ id }} }}"
        ),
    ]
}

const HASH: &str = "$2b$04$abcdefghijklmnopqrstuuN6jmBqkX6.gXCPyPBnGnhMnKkLl1fGa";

#[on_each_database]
async fn probing_taken_addresses_is_limited_to_ten_an_hour_and_recorded() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let send = async |mutation: &str| ada.gql(&format!("mutation {{ {mutation} }}")).await;
        send("updateProfile(input: { email: \"ada@example.org\" }) { user { id } }").await.ok();
        for place in 0..9 {
            let refused = send(&probes(&bob.id, "ada@example.org")[place % 3]).await;
            assert_eq!(refused.codes(), ["CONFLICT"], "{place}: {refused:#?}");
        }
        for address in ["ada@example.org", "free@example.org"] {
            for probe in probes(&bob.id, address) {
                assert_eq!(send(&probe).await.codes(), ["RATE_LIMITED"], "{probe}");
            }
        }
        send("createUser(input: { username: \"without\" }) { code }").await.ok();
        let document = "{ auditEvents(first: 50, filter: { action: MUTATION_REFUSED }) { edges { node { coordinates targetId reason } } } }";
        let answer = ada.gql(document).await.ok();
        let found = answer.at("/data/auditEvents/edges").as_array().unwrap();
        assert_eq!(found.len(), 9);
        assert!(found.iter().all(|edge| edge["node"]["reason"] == "CONFLICT"), "{found:#?}");
        let of_bob = found.iter().filter(|edge| edge["node"]["targetId"] == bob.id.as_str()).count();
        assert_eq!(of_bob, 3, "{found:#?}");
    })
    .await;
}

/// Without a fresh session, an email address that the user has already is reported as taken, and any other is refused.
#[on_each_database]
async fn guessing_an_address_with_a_token_is_limited_to_ten_an_hour() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let script = personal_access_tokens::script(&ada, &["users:write"]).await;
        for place in 0..11 {
            let [guess, ..] = probes(&bob.id, &format!("guess{place}@example.org"));
            let refused = script.gql(&format!("mutation {{ {guess} }}")).await;
            let expected = if place < 10 { "FORBIDDEN" } else { "RATE_LIMITED" };
            assert_eq!(refused.codes(), [expected], "{place}: {refused:#?}");
        }
    })
    .await;
}

#[on_each_database]
async fn creating_users_with_free_addresses_is_not_limited() {
    each(async |server| {
        let ada = server.admin().await;
        for place in 0..15 {
            let create = format!(
                "mutation {{ createUser(input: {{ username: \"user{place}\", email: \"user{place}@example.org\" }}) {{ code }} }}"
            );
            ada.gql(&create).await.ok();
        }
    })
    .await;
}
