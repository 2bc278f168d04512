//! Changes that were refused.

use async_graphql::{EmptySubscription, MergedObject, Schema};
use fieldguard::api::{Mutation, Queries};
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{assert_whole, only, rows};
use crate::{
    app::{Server, each},
    roles::{holder, made},
};

#[on_each_database]
async fn a_refusal_says_who_wanted_what_on_whom() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let document = "mutation ($id: ID!) { x: disableUser(input: { userId: $id }) { user { id } } }";
        assert_eq!(bob.gql_with(document, json!({ "id": ada.id })).await.codes(), ["FORBIDDEN"]);
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        let row = only(&found);
        assert_eq!(row["actorId"], json!(bob.id));
        assert_eq!(row["targetId"], json!(ada.id));
        assert_eq!(row["coordinates"], json!(["Mutation.disableUser"]));
        assert_eq!(row["reason"], json!("FORBIDDEN"));

        let input = "mutation { ...M } fragment M on Mutation { setUserRoles(input: { userId: \"nobody@example.org\", roles: [] }) { user { id } } }";
        assert_eq!(server.anonymous().gql(input).await.codes(), ["UNAUTHENTICATED"]);
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found[0]["actorType"], json!("ANONYMOUS"));
        assert_eq!(found[0]["coordinates"], json!(["Mutation.setUserRoles"]));
        assert_eq!(found[0]["targetId"], Value::Null, "what is no id is not written down");

        // Wherever the field stands, and of whichever operation.
        let input = "query A { me { id } } mutation B($id: ID!) { ... { ... on Mutation { y: setUserRoles(input: { userId: $id, roles: [] }) { user { id } } } } }";
        let body = json!({ "query": input, "operationName": "B", "variables": { "id": ada.id } });
        assert_eq!(bob.send(&body).await.codes(), ["FORBIDDEN"]);
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found[0]["coordinates"], json!(["Mutation.setUserRoles"]));
        assert_eq!(found[0]["targetId"], json!(ada.id));
        // What the data refuses has no coordinate of its own.
        let reset = "mutation { ... { x: issuePasswordReset(input: { userId: \"{id}\" }) { code } } }".replace("{id}", &ada.id);
        assert_eq!(ada.gql(&reset).await.codes(), ["FORBIDDEN"]);
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found[0]["coordinates"], json!(["Mutation.issuePasswordReset"]));
        assert_eq!(found[0]["targetId"], json!(ada.id));
    })
    .await;
}

/// Another fault of the document does not hide whom the refused change was about.
#[on_each_database]
async fn a_refusal_in_an_invalid_document_says_on_whom() {
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
            let found = rows(&ada, &format!("action: MUTATION_REFUSED, targetId: \"{}\"", ada.id)).await;
            assert_eq!(found.len(), count + 1, "{document}");
        }
    })
    .await;
}

/// What a change is refused for is a refusal; what of its payload is null once it was made is none.
#[on_each_database]
async fn a_refusal_of_the_payload_is_one_where_nothing_was_done() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "writer", "permissions": ["users:write"] })).await;
        let (sam, bob) = (holder(server, &ada, "sam", &["writer"]).await, server.user("bob").await);
        let document =
            format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id email }} }} }}", bob.id);
        assert_eq!(sam.gql(&document).await.codes(), ["FORBIDDEN"]);
        assert_eq!(rows(&ada, "action: USER_DISABLED").await.len(), 1);
        assert_eq!(rows(&ada, "action: MUTATION_REFUSED").await, [] as [Value; 0]);
        let body = json!({ "query": document.replace("disable", "enable"), "extensions": { "onDenied": "reject" } });
        assert_eq!(sam.send(&body).await.codes(), ["FORBIDDEN"]);
        assert_eq!(rows(&ada, "action: USER_ENABLED").await, [] as [Value; 0]);
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(only(&found)["coordinates"], json!(["User.email"]));
        assert_eq!((&only(&found)["actorId"], &only(&found)["targetId"]), (&json!(sam.id), &json!(bob.id)));
    })
    .await;
}

/// The rule lets him pass, and the use case does not.
#[on_each_database]
async fn a_refusal_by_what_the_data_says_is_one_too() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let reset = format!("mutation {{ issuePasswordReset(input: {{ userId: \"{}\" }}) {{ code }} }}", ada.id);
        assert_eq!(ada.gql(&reset).await.codes(), ["FORBIDDEN"], "nobody resets his own");
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(only(&found)["coordinates"], json!(["Mutation.issuePasswordReset"]));
        assert_eq!(only(&found)["actorId"], json!(ada.id));
        assert_eq!(only(&found)["targetId"], json!(ada.id));
        // A change that was made is not refused, whatever of its answer is.
        let other =
            format!("mutation {{ revokeSession(input: {{ sessionId: \"{}\" }}) {{ session {{ id }} }} }}", bob.id);
        assert_eq!(bob.gql(&other).await.codes(), ["NOT_FOUND"]);
        assert_eq!(rows(&ada, "action: MUTATION_REFUSED").await.len(), 1);
    })
    .await;
}

#[on_each_database]
async fn a_flood_of_them_does_not_fill_the_trail() {
    each(async |server| {
        let ada = server.admin().await;
        let anonymous = server.anonymous();
        for _ in 0..150 {
            assert_eq!(
                anonymous.gql("mutation { enableUser(input: { userId: \"x\" }) { user { id } } }").await.codes(),
                ["UNAUTHENTICATED"]
            );
        }
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found.len(), 100);
        assert!(found[0]["reason"].as_str().unwrap().contains("the last that is recorded this hour"));
        let bob = server.user("bob").await;
        assert_eq!(
            bob.gql("mutation { enableUser(input: { userId: \"x\" }) { user { id } } }").await.codes(),
            ["FORBIDDEN"]
        );
        let found = rows(&ada, &format!("action: MUTATION_REFUSED, actorId: \"{}\"", bob.id)).await;
        assert_eq!(found.len(), 1, "others are recorded all the same");
        server.app.accounts().clock.advance(chrono::TimeDelta::hours(1));
        anonymous.gql("mutation { enableUser(input: { userId: \"x\" }) { user { id } } }").await;
        let ada = anonymous.login("ada").await;
        let latest = rows(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!((&latest[0]["actorType"], &latest[0]["reason"]), (&json!("ANONYMOUS"), &json!("UNAUTHENTICATED")));
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn a_refused_bulk_change_names_every_target() {
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
            let found = rows(&ada, &format!("action: MUTATION_REFUSED, targetId: \"{}\"", target.id)).await;
            let coordinates: Vec<_> = found.iter().map(|it| &it["coordinates"][0]).collect();
            assert_eq!(coordinates, ["Mutation.setUsersRoles", "Mutation.disableUsers"]);
        }
        assert_eq!(rows(&ada, "action: MUTATION_REFUSED").await.len(), 4);
    })
    .await;
}

/// A schema is free to name its root types.
#[derive(MergedObject, Default)]
#[graphql(name = "Changes")]
struct Changes(Mutation);

#[tokio::test]
async fn refusals_are_known_whatever_the_type_of_mutations_is_called() {
    let schema = || Schema::build(Queries::default(), Changes::default(), EmptySubscription);
    let server = Server::serving(|_| {}, |app| app.router(schema()).unwrap()).await;
    let (ada, bob) = (server.admin().await, server.user("bob").await);
    let hidden = "mutation { deleteRole(id: \"x\") { role { id } } }";
    let by_the_data = "mutation { issuePasswordReset(input: { userId: \"{id}\" }) { code } }".replace("{id}", &ada.id);
    for (user, document, field) in
        [(&bob, hidden, "Changes.deleteRole"), (&ada, by_the_data.as_str(), "Changes.issuePasswordReset")]
    {
        assert_eq!(user.gql(document).await.codes(), ["FORBIDDEN"]);
        let found = rows(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(found[0]["coordinates"], json!([field]));
    }
}
