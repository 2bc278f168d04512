//! `disableUsers`, `enableUsers`, `deleteUsers`, `restoreUsers`: each changes all users or none.

use chrono::DateTime;
use fieldguard::domain::id::UserId;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{
    administrator,
    desk::{DESK, holder},
    scan,
};
use crate::{
    actor::{Actor, Answer},
    app::each,
};

const ALL: [&str; 4] = ["disableUsers", "enableUsers", "deleteUsers", "restoreUsers"];

async fn send(actor: &Actor, mutation: &str, ids: &[&str]) -> Answer {
    let document =
        format!("mutation ($ids: [ID!]!) {{ it: {mutation}(input: {{ userIds: $ids }}) {{ users {{ id state }} }} }}");
    actor.gql_with(&document, json!({ "ids": ids })).await
}

#[on_each_database]
async fn bulk_mutation_changes_each_user() {
    each(async |server| {
        let (ada, bob, ann) = (server.admin().await, server.user("bob").await, server.user("ann").await);
        for (mutation, state) in [
            ("disableUsers", "DISABLED"),
            ("enableUsers", "ACTIVE"),
            ("deleteUsers", "DELETION_SCHEDULED"),
            ("restoreUsers", "ACTIVE"),
        ] {
            let answer = send(&ada, mutation, &[&bob.id, &ann.id, &bob.id]).await.ok();
            let expected = json!([{ "id": bob.id, "state": state }, { "id": ann.id, "state": state }]);
            assert_eq!(answer.at("/data/it/users"), &expected, "{mutation}");
        }
        for actor in [&bob, &ann] {
            assert_eq!(actor.gql("{ me { id } }").await.status, 401);
        }
        let (bob, ann) = (bob.login("bob").await, ann.login("ann").await);
        let document = format!(
            "mutation {{ disableUsers(input: {{ userIds: [\"{}\", \"{}\"] }}) {{ sessionsRevoked effectiveAt }} }}",
            ann.id, bob.id
        );
        assert_eq!(ada.gql(&document).await.ok().at("/data/disableUsers/sessionsRevoked"), 2);
        assert_eq!(send(&ada, "enableUsers", &[]).await.ok().at("/data/it/users"), &json!([]));
    })
    .await;
}

#[on_each_database]
async fn bulk_mutation_changes_nothing_if_one_user_is_refused() {
    each(async |server| {
        let (ada, bob, ann) = (server.admin().await, server.user("bob").await, server.user("ann").await);
        let sam = holder(server, &ada, "desk", &[DESK, &["users:delete"]].concat()).await;
        let unknown = UserId::new(DateTime::UNIX_EPOCH).to_string();
        let before = scan::table(server, "accounts").await;
        for mutation in ALL {
            for (ids, code, field) in [
                (vec![bob.id.as_str(), &ann.id, &ada.id], "FORBIDDEN", "userIds.2"),
                (vec![&ada.id, &bob.id, &ann.id], "FORBIDDEN", "userIds.0"),
                (vec![&bob.id, &unknown, &ann.id], "NOT_FOUND", "userIds.1"),
                (vec![&bob.id, &ann.id, &bob.id, "nonsense"], "NOT_FOUND", "userIds.3"),
                (vec![bob.id.as_str(); 101], "BAD_USER_INPUT", "userIds"),
            ] {
                let refused = send(&sam, mutation, &ids).await;
                assert_eq!(refused.codes(), [code], "{mutation} {field}");
                assert_eq!(refused.at("/errors/0/extensions/field"), field, "{mutation}");
                assert_eq!(refused.at("/data"), &json!({ "it": null }));
            }
        }
        // The list contains the last administrator.
        for mutation in ["disableUsers", "deleteUsers"] {
            let refused = send(&ada, mutation, &[&bob.id, &ada.id, &ann.id]).await;
            assert_eq!(refused.codes(), ["CONFLICT"], "{mutation}");
        }
        assert_eq!(scan::table(server, "accounts").await, before);
        for actor in [&ada, &bob, &ann] {
            actor.gql("{ me { id } }").await.ok();
        }
        let ids = vec![bob.id.as_str(); 100];
        assert_eq!(send(&sam, "disableUsers", &ids).await.ok().at("/data/it/users").as_array().unwrap().len(), 1);
    })
    .await;
}

#[on_each_database]
async fn concurrent_bulk_mutations_on_the_same_users_do_not_deadlock() {
    each(async |server| {
        let (mut ada, mut eve) = (server.admin().await, administrator(server, "eve").await);
        let mut others = Vec::new();
        for n in 0..5 {
            others.push(server.user(&format!("user{n}")).await.id);
        }
        for round in 0..20 {
            let mutation = if round % 2 == 0 { "disableUsers" } else { "deleteUsers" };
            let mut forward: Vec<&str> = others.iter().map(String::as_str).collect();
            let mut reversed: Vec<&str> = forward.iter().copied().rev().collect();
            forward.insert(2, &eve.id);
            reversed.insert(2, &ada.id);
            let (one, two) = tokio::join!(send(&ada, mutation, &forward), send(&eve, mutation, &reversed));
            let won = [&one, &two].iter().filter(|answer| answer.status == 200 && answer.codes().is_empty()).count();
            assert!(won >= 1, "{one:#?} {two:#?}");
            for answer in [&one, &two] {
                let lost = answer.status == 401
                    || matches!(answer.codes()[..], ["CONFLICT" | "FORBIDDEN" | "UNAUTHENTICATED"]);
                assert!(answer.codes().is_empty() || lost, "{answer:#?}");
            }
            let store = &server.app.accounts().store;
            let tx = store.write().await.unwrap();
            assert_eq!(fieldguard::store::administrators::enabled(&tx).await.unwrap(), 1);
            drop(tx);
            let remaining = if ada.gql("{ admin { message } }").await.codes().is_empty() { &ada } else { &eve };
            let all: Vec<&str> = forward.iter().copied().chain([ada.id.as_str()]).collect();
            for undo in ["enableUsers", "restoreUsers"] {
                send(remaining, undo, &all).await.ok();
            }
            (ada, eve) = (ada.login("ada").await, eve.login("eve").await);
        }
    })
    .await;
}
