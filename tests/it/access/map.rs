//! The access map: what it reports, what it hides, and when its version changes.

use chrono::TimeDelta;
use fieldguard::config::Introspection;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::Actor,
    admin::set_roles,
    app::{Server, each},
};

const ASK: &str = "query ($of: [String!]) { access(coordinates: $of) { fields {
    coordinate decision rule
    requires { signedIn role permission orSelf session fresh }
    missing { reason role permission } } } }";

async fn ask(actor: &Actor, coordinates: &[&str]) -> Value {
    actor.gql_with(ASK, json!({ "of": coordinates })).await.ok().at("/data/access/fields").clone()
}

async fn version(actor: &Actor) -> String {
    let answer = actor.gql("{ access { version } }").await.ok();
    let narrow = actor.gql("{ access(coordinates: [\"Query.me\"]) { version } }").await.ok();
    assert_eq!(answer.json, narrow.json, "the version does not depend on the selected coordinates");
    answer.at("/data/access/version").as_str().unwrap().to_owned()
}

#[on_each_database]
async fn access_map_reports_decision_rule_and_missing_requirements() {
    each(async |server| {
        let (ada, bob, anonymous) = (server.admin().await, server.user("bob").await, server.anonymous());
        let email = json!({ "signedIn": true, "role": null, "permission": "users:read", "orSelf": true, "session": false, "fresh": false });
        let missing = |reason: &str, permission: Value| json!({ "reason": reason, "role": null, "permission": permission });
        let (owner, permission) =
            (missing("NOT_OWNER", Value::Null), missing("MISSING_PERMISSION", json!("users:read")));
        let sign_in = missing("NOT_SIGNED_IN", Value::Null);
        for (actor, decision, missing) in [
            (&ada, "ALLOWED", json!([])),
            (&bob, "DEPENDS", json!([owner, permission])),
            (&anonymous, "DEPENDS", json!([sign_in, owner, permission])),
        ] {
            let expected = json!([{
                "coordinate": "User.email", "decision": decision, "rule": "@auth(permission: \"users:read\", orSelf: true)",
                "requires": [email], "missing": missing,
            }]);
            assert_eq!(ask(actor, &["User.email"]).await, expected);
        }
        let asked = ["User.id", "Query.me", "User.id", "Mutation.deleteAccount"];
        let answer = ask(&bob, &asked).await;
        let reported: Vec<_> =
            answer.as_array().unwrap().iter().map(|field| field["coordinate"].as_str().unwrap()).collect();
        assert_eq!(reported, asked, "in request order, with duplicates");
        assert_eq!(answer[3]["decision"], "ALLOWED");
        server.app.accounts().clock.advance(TimeDelta::minutes(6));
        let answer = ask(&bob, &["Mutation.deleteAccount"]).await;
        assert_eq!(answer[0]["decision"], "DENIED");
        assert_eq!(answer[0]["missing"], json!([missing("REAUTHENTICATION_REQUIRED", Value::Null)]));
    })
    .await;
}

#[on_each_database]
async fn access_map_of_a_personal_access_token_denies_fields_that_require_a_session() {
    each(async |server| {
        let ada = server.admin().await;
        let document = "mutation { createPersonalAccessToken(input: { name: \"nightly\", permissions: [\"users:write\", \"users:read\"] }) { token } }";
        let made = ada.gql(document).await.ok();
        let script = ada.bearing(made.at("/data/createPersonalAccessToken/token").as_str().unwrap());
        let no_session = json!([{ "reason": "SESSION_REQUIRED", "role": null, "permission": null }]);
        for (coordinate, decision, missing) in [
            ("Mutation.issuePasswordReset", "DENIED", no_session),
            ("Mutation.disableUser", "ALLOWED", json!([])),
            ("User.email", "ALLOWED", json!([])),
        ] {
            // Introspection and the access map hide fields that require a session from a token.
            let answer = ask(&script, &[coordinate]).await;
            let reported = (&answer[0]["decision"], &answer[0]["missing"]);
            let hidden = (&Value::Null, &Value::Null);
            let expected = (&json!(decision), &missing);
            assert_eq!(reported, if decision == "DENIED" { hidden } else { expected }, "{coordinate}");
        }
        assert_ne!(version(&script).await, version(&ada).await);
    })
    .await;
    let server = Server::with(|config| config.introspection = Introspection::Full).await;
    let ada = server.admin().await;
    let document = "mutation { createPersonalAccessToken(input: { name: \"nightly\", permissions: [\"users:write\"] }) { token } }";
    let made = ada.gql(document).await.ok();
    let script = ada.bearing(made.at("/data/createPersonalAccessToken/token").as_str().unwrap());
    let answer = ask(&script, &["Mutation.issuePasswordReset"]).await;
    assert_eq!(answer[0]["decision"], "DENIED");
    assert_eq!(answer[0]["missing"], json!([{ "reason": "SESSION_REQUIRED", "role": null, "permission": null }]));
}

#[on_each_database]
async fn access_map_hides_fields_that_introspection_hides() {
    each(async |server| {
        let (bob, anonymous) = (server.user("bob").await, server.anonymous());
        for actor in [&bob, &anonymous] {
            for hidden in ["Query.admin", "AdminOverview.message", "Mutation.setUserRoles", "UserConnection.totalCount"]
            {
                let [kept, none] = [hidden, "Query.nothing"].map(|coordinate| {
                    json!([{
                        "coordinate": coordinate, "decision": null, "rule": null, "requires": null, "missing": null,
                    }])
                });
                assert_eq!(ask(actor, &[hidden]).await, kept);
                assert_eq!(ask(actor, &["Query.nothing"]).await, none);
            }
            for odd in ["", ".", "User", "User.", "User.email.x", "__Type.name", "__schema", "é"] {
                assert!(ask(actor, &[odd]).await[0]["decision"].is_null(), "{odd}");
            }
            let whole = actor.gql("{ access { fields { coordinate } groups { coordinates } } }").await.ok();
            assert!(!whole.text.contains("dmin") && !whole.text.contains("UserConnection"), "{}", whole.text);
        }
        assert!(ask(&anonymous, &["Query.me"]).await[0]["decision"].is_null());
    })
    .await;
}

#[on_each_database]
async fn access_map_groups_are_small_and_match_the_fields() {
    each(async |server| {
        for actor in [server.anonymous(), server.user("bob").await, server.admin().await] {
            let groups = actor.gql("{ access { version groups { decision rule coordinates } } }").await.ok();
            assert!(groups.text.len() < 12_000, "{} bytes", groups.text.len());
            let fields = actor.gql("{ access { fields { coordinate decision rule } } }").await.ok();
            let fields = fields.at("/data/access/fields").as_array().unwrap();
            let mut grouped = Vec::new();
            for group in groups.at("/data/access/groups").as_array().unwrap() {
                let field = |coordinate: &Value| {
                    json!({ "coordinate": coordinate, "decision": group["decision"], "rule": group["rule"] })
                };
                grouped.extend(group["coordinates"].as_array().unwrap().iter().map(field));
            }
            grouped.sort_by_key(|field| field["coordinate"].as_str().unwrap().to_owned());
            assert_eq!(&grouped, fields);
        }
    })
    .await;
}

#[on_each_database]
async fn access_map_version_changes_only_with_the_decisions() {
    each(async |server| {
        let (ada, bob, anonymous) = (server.admin().await, server.user("bob").await, server.anonymous());
        let (of_bob, of_anonymous, of_ada) = (version(&bob).await, version(&anonymous).await, version(&ada).await);
        assert!(of_bob != of_anonymous && of_bob != of_ada && of_ada != of_anonymous);
        let ann = server.user("ann").await;
        assert_eq!(version(&ann).await, of_bob, "equal access gives equal versions");
        bob.gql("mutation { updateProfile(input: { username: \"rob\" }) { user { id } } }").await.ok();
        assert_eq!(version(&bob).await, of_bob);
        set_roles(&ada, &bob.id, &["admin"]).await.ok();
        assert_eq!(version(&bob).await, of_ada, "new roles change the version");
        set_roles(&ada, &bob.id, &["user"]).await.ok();
        assert_eq!(version(&bob).await, of_bob);
        server.app.accounts().clock.advance(TimeDelta::minutes(6));
        assert_ne!(version(&bob).await, of_bob, "the session is no longer fresh");
        let password = json!({ "password": crate::actor::PASSWORD });
        bob.gql_with(
            "mutation ($password: String!) { reauthenticate(input: { password: $password }) { __typename } }",
            password,
        )
        .await
        .ok();
        assert_eq!(version(&bob).await, of_bob);
        assert_eq!(version(&anonymous).await, of_anonymous);
    })
    .await;
}

#[tokio::test]
async fn access_map_limits_the_number_of_coordinates() {
    let server = Server::start().await;
    let many = vec!["User.email"; 501];
    let answer = server.anonymous().gql_with(ASK, json!({ "of": many })).await;
    assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
    assert_eq!(answer.at("/errors/0/extensions/field"), "coordinates");
    assert_eq!(ask(&server.anonymous(), &many[1..]).await.as_array().unwrap().len(), 500);
    assert_eq!(ask(&server.anonymous(), &[]).await, json!([]));
}

#[tokio::test]
async fn access_map_follows_the_introspection_setting() {
    let server = Server::with(|config| config.introspection = Introspection::Off).await;
    let bob = server.user("bob").await;
    assert_eq!(bob.gql("{ access { version } }").await.codes(), ["FORBIDDEN"]);
    assert_eq!(ask(&bob, &["User.email"]).await[0]["decision"], "DEPENDS", "a named coordinate is answered");
    let server = Server::with(|config| config.introspection = Introspection::Full).await;
    assert_eq!(ask(&server.anonymous(), &["Query.admin"]).await[0]["decision"], "DENIED");
}
