//! `setUsersRoles`: sets the same roles for all users or for none.

use chrono::{DateTime, TimeDelta};
use fieldguard::domain::{audit::Verdict, id::UserId};
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{administrator, scan};
use crate::{
    actor::{Actor, Answer},
    app::{Server, each},
    roles::{holder, made},
};

async fn set(actor: &Actor, ids: &[&str], roles: &[&str]) -> Answer {
    let document = "mutation ($input: SetUsersRolesInput!) { it: setUsersRoles(input: $input) {
        users { id roles { name } } sessionsAffected } }";
    actor.gql_with(document, json!({ "input": { "userIds": ids, "roles": roles } })).await
}

/// The audit events of this mutation, oldest first.
async fn events(ada: &Actor) -> Vec<Value> {
    let document = "{ auditEvents(first: 100, filter: { action: USER_ROLES_SET }) { edges { node {
        actorId targetId coordinates requestId before { roleNames } after { roleNames } } } } }";
    let answer = ada.gql(document).await.ok();
    let edges = answer.at("/data/auditEvents/edges").as_array().unwrap().iter().rev();
    let nodes = edges.map(|edge| edge["node"].clone());
    nodes.filter(|event| event["coordinates"] == json!(["Mutation.setUsersRoles"])).collect()
}

async fn role_assignments(server: &Server) -> Vec<String> {
    scan::table(server, "account_roles").await
}

#[on_each_database]
async fn set_users_roles_replaces_the_roles_of_each_user() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "desk", "permissions": ["users:read"] })).await;
        let (bob, ann) = (server.user("bob").await, holder(server, &ada, "ann", &["desk"]).await);
        assert_eq!(bob.gql("{ users { edges { cursor } } }").await.codes(), ["FORBIDDEN"]);
        let answer = set(&ada, &[&bob.id, &ann.id, &bob.id], &["user", "desk"]).await.ok();
        let roles = json!([{ "name": "desk" }, { "name": "user" }]);
        let users = json!([{ "id": bob.id, "roles": roles }, { "id": ann.id, "roles": roles }]);
        assert_eq!(answer.at("/data/it/users"), &users, "in request order, without duplicates");
        assert_eq!(answer.at("/data/it/sessionsAffected"), 2);
        bob.gql("{ users { edges { cursor } } }").await.ok();
        set(&ada, &[&ann.id, &bob.id], &[]).await.ok();
        for actor in [&bob, &ann] {
            assert_eq!(
                actor.gql("{ users { edges { cursor } } }").await.codes(),
                ["FORBIDDEN"],
                "the change applies immediately"
            );
        }
        let mut first = [(&bob, json!(["user"])), (&ann, json!(["desk"]))];
        first.sort_by_key(|entry| &entry.0.id);
        let found = events(&ada).await;
        assert_eq!(found.len(), 4, "{found:#?}");
        for (row, (user, before)) in found.iter().zip(&first) {
            assert_eq!((&row["actorId"], &row["targetId"]), (&json!(ada.id), &json!(user.id)));
            assert_eq!((&row["before"]["roleNames"], &row["after"]["roleNames"]), (before, &json!(["desk", "user"])));
            assert_eq!(row["requestId"], json!(answer.headers["x-request-id"].to_str().unwrap()));
        }
        assert_eq!(found[2]["after"]["roleNames"], json!([]));
        assert_eq!(set(&ada, &[], &["user"]).await.ok().at("/data/it/users"), &json!([]));
        let store = &server.app.accounts().store;
        assert!(matches!(fieldguard::store::audit::verify(store, None).await.unwrap(), Verdict::Whole { .. }));
    })
    .await;
}

#[on_each_database]
async fn set_users_roles_changes_nothing_if_one_user_is_refused() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "giver", "permissions": ["roles:assign", "users:read"] })).await;
        made(&ada, json!({ "name": "boss", "permissions": ["users:write"] })).await;
        made(&ada, json!({ "name": "safe", "permissions": ["audit:read"], "isProtected": true })).await;
        let gus = holder(server, &ada, "gus", &["giver"]).await;
        let (bob, ann) = (server.user("bob").await, server.user("ann").await);
        let (bea, pia) = (holder(server, &ada, "bea", &["boss"]).await, holder(server, &ada, "pia", &["safe"]).await);
        let unknown = UserId::new(DateTime::UNIX_EPOCH).to_string();
        let before = role_assignments(server).await;
        let code = "mutation ($id: ID!) { issuePasswordReset(input: { userId: $id }) { code } }";
        let code = ada.gql_with(code, json!({ "id": ann.id })).await.ok().at("/data/issuePasswordReset/code").clone();
        for (ids, roles, code, field) in [
            (vec![&*bob.id, &ann.id, &ada.id], &["user"][..], "FORBIDDEN", json!("userIds.2")),
            (vec![&pia.id, &bob.id, &ann.id], &["user"], "FORBIDDEN", json!("userIds.0")),
            // `bea` has the role already and may keep it. `bob` would gain it.
            (vec![&bea.id, &bob.id], &["boss"], "FORBIDDEN", json!("userIds.1")),
            (vec![&bob.id, &ann.id], &["admin"], "FORBIDDEN", Value::Null),
            (vec![&bob.id, &unknown, &ann.id], &["user"], "NOT_FOUND", json!("userIds.1")),
            (vec![&bob.id, &ann.id, &bob.id, "nonsense"], &["user"], "NOT_FOUND", json!("userIds.3")),
            (vec![&bob.id, &ann.id], &["user", "no-such"], "BAD_USER_INPUT", json!("roles")),
            (vec![&bob.id, &ann.id], &["no role at all"], "BAD_USER_INPUT", Value::Null),
            (vec![&*bob.id; 101], &["user"], "BAD_USER_INPUT", json!("userIds")),
        ] {
            let refused = set(&gus, &ids, roles).await;
            assert_eq!(refused.codes(), [code], "{ids:?} {roles:?}");
            if !field.is_null() {
                assert_eq!(refused.at("/errors/0/extensions/field"), &field, "{ids:?} {roles:?}");
            }
            assert_eq!(refused.at("/data"), &json!({ "it": null }));
        }
        assert_eq!(
            set(&bob, &[&ann.id], &["user"]).await.at("/errors/0/extensions/coordinate"),
            "Mutation.setUsersRoles"
        );
        assert_eq!(set(&server.anonymous(), &[&ann.id], &["user"]).await.codes(), ["UNAUTHENTICATED"]);
        // The list contains the last administrator.
        assert_eq!(set(&ada, &[&bob.id, &ada.id, &ann.id], &["user"]).await.codes(), ["CONFLICT"]);
        assert_eq!(role_assignments(server).await, before);
        assert_eq!(events(&ada).await, [] as [Value; 0], "a refused change creates no event");
        let refusals =
            "{ auditEvents(first: 100, filter: { action: MUTATION_REFUSED }) { edges { node { coordinates } } } }";
        let refusals = ada.gql(refusals).await.ok();
        assert_eq!(
            refusals.at("/data/auditEvents/edges").as_array().unwrap().len(),
            12,
            "one event for each user: {refusals:?}"
        );
        let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { id } } }";
        let input = json!({ "input": { "code": code, "newPassword": "a short swim in the lake" } });
        server.anonymous().gql_with(document, input).await.ok();
    })
    .await;
}

#[on_each_database]
async fn granting_the_admin_role_requires_a_fresh_session() {
    each(async |server| {
        let (ada, eve) = (server.admin().await, administrator(server, "eve").await);
        let (bob, ann) = (server.user("bob").await, server.user("ann").await);
        server.app.accounts().clock.advance(TimeDelta::minutes(6));
        let refused = set(&ada, &[&eve.id, &bob.id, &ann.id], &["admin"]).await;
        assert_eq!(refused.codes(), ["FORBIDDEN"]);
        assert_eq!(refused.at("/errors/0/extensions/requires"), &json!({ "fresh": true }));
        set(&ada, &[&eve.id, &ada.id], &["admin"]).await.ok();
        let ada = ada.login("ada").await;
        set(&ada, &[&eve.id, &bob.id, &ann.id], &["admin"]).await.ok();
        assert!(bob.gql("{ admin { message } }").await.codes().is_empty());
    })
    .await;
}

#[on_each_database]
async fn one_administrator_remains_when_two_demote_each_other() {
    each(async |server| {
        for round in 0..10 {
            let (ada, eve) = (server.admin().await, administrator(server, &format!("eve{round}")).await);
            let bob = server.user(&format!("bob{round}")).await;
            let (forward, reversed) = ([&*bob.id, &eve.id, &ada.id], [&*ada.id, &eve.id, &bob.id]);
            // Each request demotes its own caller last.
            let (one, two) = tokio::join!(set(&ada, &forward, &["user"]), set(&eve, &reversed, &["user"]));
            assert_eq!(
                (one.codes(), two.codes()),
                (vec!["CONFLICT"], vec!["CONFLICT"]),
                "no administrator would remain"
            );
            let mine = [&*bob.id, &ada.id];
            let (one, two) = tokio::join!(set(&ada, &forward[..2], &["user"]), set(&eve, &mine, &["user"]));
            let won = [&one, &two].iter().filter(|answer| answer.status == 200 && answer.codes().is_empty()).count();
            assert_eq!(won, 1, "{one:#?} {two:#?}");
            let tx = server.app.accounts().store.write().await.unwrap();
            assert_eq!(fieldguard::store::administrators::enabled(&tx).await.unwrap(), 1);
            drop(tx);
            let remaining = if two.codes().is_empty() && two.status == 200 { &eve } else { &ada };
            set(remaining, &[&ada.id], &["admin"]).await.ok();
            let ada = ada.login("ada").await;
            set(&ada, &[&eve.id], &["user"]).await.ok();
        }
    })
    .await;
}
