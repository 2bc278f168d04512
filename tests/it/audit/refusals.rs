//! Audit events of refused mutations.

use async_graphql::{EmptySubscription, MergedObject, Schema};
use fieldguard::api::{Mutation, Queries};
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{assert_whole, audit_events, only};
use crate::{
    app::{Server, each},
    roles::{holder, made},
};

#[on_each_database]
async fn refused_mutation_is_recorded_with_actor_field_and_target() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let document = "mutation ($id: ID!) { x: disableUser(input: { userId: $id }) { user { id } } }";
        assert_eq!(bob.gql_with(document, json!({ "id": ada.id })).await.codes(), ["FORBIDDEN"]);
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        let row = only(&found);
        assert_eq!(row["actorId"], json!(bob.id));
        assert_eq!(row["targetId"], json!(ada.id));
        assert_eq!(row["coordinates"], json!(["Mutation.disableUser"]));
        assert_eq!(row["reason"], json!("FORBIDDEN"));

        let input = "mutation { ...M } fragment M on Mutation { setUserRoles(input: { userId: \"nobody@example.org\", roles: [] }) { user { id } } }";
        assert_eq!(server.anonymous().gql(input).await.codes(), ["UNAUTHENTICATED"]);
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found[0]["actorType"], json!("ANONYMOUS"));
        assert_eq!(found[0]["coordinates"], json!(["Mutation.setUserRoles"]));
        assert_eq!(found[0]["targetId"], Value::Null, "an invalid id is not recorded");

        // Nested inline fragments, and one of several operations.
        let input = "query A { me { id } } mutation B($id: ID!) { ... { ... on Mutation { y: setUserRoles(input: { userId: $id, roles: [] }) { user { id } } } } }";
        let body = json!({ "query": input, "operationName": "B", "variables": { "id": ada.id } });
        assert_eq!(bob.send(&body).await.codes(), ["FORBIDDEN"]);
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found[0]["coordinates"], json!(["Mutation.setUserRoles"]));
        assert_eq!(found[0]["targetId"], json!(ada.id));
        // A refusal by the use case has the coordinate of the mutation.
        let reset = "mutation { ... { x: issuePasswordReset(input: { userId: \"{id}\" }) { code } } }".replace("{id}", &ada.id);
        assert_eq!(ada.gql(&reset).await.codes(), ["FORBIDDEN"]);
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found[0]["coordinates"], json!(["Mutation.issuePasswordReset"]));
        assert_eq!(found[0]["targetId"], json!(ada.id));
    })
    .await;
}

/// Other errors in the document do not hide the target of the refused mutation.
#[on_each_database]
async fn refused_mutation_in_an_invalid_document_is_recorded_with_its_target() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        for (count, document) in [
            "mutation { disableUser(input: { userId: \"{id}\" }) { effectiveAt nothing } }",
            "mutation ($id: ID!) { ...M } fragment M on Mutation { disableUser(input: { userId: $id }) { effectiveAt nothing } }",
            "mutation ($id: ID!, $unused: Int) { ... { disableUsers(input: { userIds: [$id] }) { effectiveAt } } }",
            "mutation { disableUsers(input: { userIds: [\"{id}\", 5.5] }) { effectiveAt } }",
            "mutation ($id: ID!, $x: ID = \"x\") { disableUsers(input: { userIds: [\"{id}\", $x] }) { sessionsRevoked @skip(if: false) } }",
        ]
        .into_iter()
        .enumerate()
        {
            let document = document.replace("{id}", &ada.id);
            let answer = bob.gql_with(&document, json!({ "id": ada.id, "x": null })).await;
            assert!(answer.codes().contains(&"FORBIDDEN"), "{document} {}", answer.text);
            let found = audit_events(&ada, &format!("action: MUTATION_REFUSED, targetId: \"{}\"", ada.id)).await;
            assert_eq!(found.len(), count + 1, "{document}");
        }
    })
    .await;
}

/// A denied payload field is a refused mutation if the mutation did not run. If it ran, the field is null and nothing
/// is refused.
#[on_each_database]
async fn denied_payload_field_is_recorded_only_if_the_mutation_did_not_run() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "writer", "permissions": ["users:write"] })).await;
        let (sam, bob) = (holder(server, &ada, "sam", &["writer"]).await, server.user("bob").await);
        let document =
            format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id email }} }} }}", bob.id);
        assert_eq!(sam.gql(&document).await.codes(), ["FORBIDDEN"]);
        assert_eq!(audit_events(&ada, "action: USER_DISABLED").await.len(), 1);
        assert_eq!(audit_events(&ada, "action: MUTATION_REFUSED").await, [] as [Value; 0]);
        let body = json!({ "query": document.replace("disable", "enable"), "extensions": { "onDenied": "reject" } });
        assert_eq!(sam.send(&body).await.codes(), ["FORBIDDEN"]);
        assert_eq!(audit_events(&ada, "action: USER_ENABLED").await, [] as [Value; 0]);
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(only(&found)["coordinates"], json!(["User.email"]));
        assert_eq!((&only(&found)["actorId"], &only(&found)["targetId"]), (&json!(sam.id), &json!(bob.id)));
    })
    .await;
}

/// The rule allows the caller, and the use case refuses the change.
#[on_each_database]
async fn refusal_by_the_use_case_is_recorded() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let reset = format!("mutation {{ issuePasswordReset(input: {{ userId: \"{}\" }}) {{ code }} }}", ada.id);
        assert_eq!(ada.gql(&reset).await.codes(), ["FORBIDDEN"], "administrators can't reset their own password");
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(only(&found)["coordinates"], json!(["Mutation.issuePasswordReset"]));
        assert_eq!(only(&found)["actorId"], json!(ada.id));
        assert_eq!(only(&found)["targetId"], json!(ada.id));
        // `NOT_FOUND` is not a refusal.
        let other =
            format!("mutation {{ revokeSession(input: {{ sessionId: \"{}\" }}) {{ session {{ id }} }} }}", bob.id);
        assert_eq!(bob.gql(&other).await.codes(), ["NOT_FOUND"]);
        assert_eq!(audit_events(&ada, "action: MUTATION_REFUSED").await.len(), 1);
    })
    .await;
}

#[on_each_database]
async fn refused_mutations_are_recorded_up_to_a_limit_per_caller_and_hour() {
    each(async |server| {
        let ada = server.admin().await;
        let anonymous = server.anonymous();
        for _ in 0..150 {
            assert_eq!(
                anonymous.gql("mutation { enableUser(input: { userId: \"x\" }) { user { id } } }").await.codes(),
                ["UNAUTHENTICATED"]
            );
        }
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found.len(), 100);
        assert!(found[0]["reason"].as_str().unwrap().contains("the last that is recorded this hour"));
        let bob = server.user("bob").await;
        assert_eq!(
            bob.gql("mutation { enableUser(input: { userId: \"x\" }) { user { id } } }").await.codes(),
            ["FORBIDDEN"]
        );
        let found = audit_events(&ada, &format!("action: MUTATION_REFUSED, actorId: \"{}\"", bob.id)).await;
        assert_eq!(found.len(), 1, "the limit counts for each caller");
        server.app.accounts().clock.advance(chrono::TimeDelta::hours(1));
        anonymous.gql("mutation { enableUser(input: { userId: \"x\" }) { user { id } } }").await;
        let ada = anonymous.login("ada").await;
        let latest = audit_events(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!((&latest[0]["actorType"], &latest[0]["reason"]), (&json!("ANONYMOUS"), &json!("UNAUTHENTICATED")));
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn refused_bulk_mutation_is_recorded_for_every_target() {
    each(async |server| {
        let (ada, bob, eve) = (server.admin().await, server.user("bob").await, server.user("eve").await);
        let document = "mutation ($ids: [ID!]!) { disableUsers(input: { userIds: $ids }) { users { id } } }";
        let ids = json!({ "ids": [ada.id, eve.id, "nonsense", eve.id] });
        assert_eq!(bob.gql_with(document, ids).await.codes(), ["FORBIDDEN"]);
        let roles = format!(
            "mutation {{ setUsersRoles(input: {{ userIds: [\"{}\", \"{}\"], roles: [] }}) {{ users {{ id }} }} }}",
            ada.id, eve.id
        );
        assert_eq!(bob.gql(&roles).await.codes(), ["FORBIDDEN"]);
        for target in [&ada, &eve] {
            let found = audit_events(&ada, &format!("action: MUTATION_REFUSED, targetId: \"{}\"", target.id)).await;
            let coordinates: Vec<_> = found.iter().map(|event| &event["coordinates"][0]).collect();
            assert_eq!(coordinates, ["Mutation.setUsersRoles", "Mutation.disableUsers"]);
        }
        assert_eq!(audit_events(&ada, "action: MUTATION_REFUSED").await.len(), 4);
    })
    .await;
}

/// A filter by the id of a role finds the refused changes with the accepted ones.
#[on_each_database]
async fn refused_role_mutation_is_recorded_with_the_id_of_the_role() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        made(&ada, json!({ "name": "desk" })).await;
        let roles = ada.gql("{ roles { id name } }").await.ok();
        let desk = roles.at("/data/roles").as_array().unwrap().iter().find(|role| role["name"] == "desk").unwrap();
        for (document, coordinate, target) in [
            ("updateRole(input: { role: \"desk\" }) { role { id } }", "Mutation.updateRole", &desk["id"]),
            ("deleteRole(input: { role: \"desk\" }) { roleId }", "Mutation.deleteRole", &desk["id"]),
            ("deleteRole(input: { role: \"nothing\" }) { roleId }", "Mutation.deleteRole", &Value::Null),
            ("createRole(input: { name: \"desk\" }) { role { id } }", "Mutation.createRole", &Value::Null),
        ] {
            assert_eq!(bob.gql(&format!("mutation {{ {document} }}")).await.codes(), ["FORBIDDEN"]);
            let latest = &audit_events(&ada, "action: MUTATION_REFUSED").await[0];
            assert_eq!((&latest["coordinates"], &latest["targetId"]), (&json!([coordinate]), target), "{document}");
        }
        let of_role = audit_events(&ada, &format!("targetId: {}", desk["id"])).await;
        let actions: Vec<_> = of_role.iter().map(|event| event["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["MUTATION_REFUSED", "MUTATION_REFUSED", "ROLE_CREATED"]);
        assert_whole(server).await;
    })
    .await;
}

/// A schema may rename its root types.
#[derive(MergedObject, Default)]
#[graphql(name = "Changes")]
struct Changes(Mutation);

#[tokio::test]
async fn refused_mutation_is_recorded_with_a_renamed_mutation_type() {
    let schema = || Schema::build(Queries::default(), Changes::default(), EmptySubscription);
    let server = Server::serving(|_| {}, |app| app.router(schema()).unwrap()).await;
    let (ada, bob) = (server.admin().await, server.user("bob").await);
    let hidden = "mutation { deleteRole(id: \"x\") { role { id } } }";
    let by_the_data = "mutation { issuePasswordReset(input: { userId: \"{id}\" }) { code } }".replace("{id}", &ada.id);
    for (user, document, field) in
        [(&bob, hidden, "Changes.deleteRole"), (&ada, by_the_data.as_str(), "Changes.issuePasswordReset")]
    {
        assert_eq!(user.gql(document).await.codes(), ["FORBIDDEN"]);
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found[0]["coordinates"], json!([field]));
    }
}
