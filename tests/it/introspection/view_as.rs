//! The schema as another role sees it, requested with `extensions.viewAs`.

use fieldguard::{config::Introspection, domain::permission::ROLES_READ};
use fieldguard_test_macros::on_each_database;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{callers, shown::DOCUMENT};
use crate::{
    actor::{Actor, Answer},
    admin::{execute, set_roles},
    app::{Server, each},
};

/// Selects what `DOCUMENT` leaves out, on every path to the root type.
const MORE: &str = "query A { __typename ...F ... { __type(name: \"Query\") { description fields { description } } } }
    fragment F on Query { user: __type(name: \"User\") { fields { name } } overview: __type(name: \"AdminOverview\") { name } }";

async fn ask(actor: &Actor, document: &str, view_as: Value) -> Answer {
    actor.send(&json!({ "query": document, "extensions": { "viewAs": view_as } })).await
}

async fn ask_by_get(actor: &Actor, document: &str, view_as: Value) -> Answer {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let extensions = encoded(&json!({ "viewAs": view_as }).to_string());
    actor.get_raw(&format!("query={}&extensions={extensions}", encoded(document))).await
}

/// A user whose only role has the permission `roles:read` and no other.
async fn auditor(server: &Server) -> Actor {
    let id = if server.database.url.starts_with("sqlite") {
        "X'01890000000070008000000000000056'"
    } else {
        "'01890000-0000-7000-8000-000000000056'"
    };
    execute(server, &format!("INSERT INTO roles (id, name, description) VALUES ({id}, 'auditor', 'Looks on.')")).await;
    let permission = ROLES_READ.name();
    execute(server, &format!("INSERT INTO role_permissions (role_id, permission) VALUES ({id}, '{permission}')")).await;
    let (ada, ruth) = (server.admin().await, server.user("ruth").await);
    set_roles(&ada, &ruth.id, &["auditor"]).await.ok();
    ruth
}

/// Each role to view the schema as, with an actor who has it.
async fn views(server: &Server) -> Vec<(Value, Actor)> {
    let views = callers(server).await.into_iter();
    let role = |name: String| if name == "anonymous" { Value::Null } else { json!(name) };
    let mut views: Vec<_> = views.map(|(name, actor, _)| (role(name), actor)).collect();
    views.push((json!("auditor"), auditor(server).await));
    views
}

#[on_each_database]
async fn view_as_shows_what_callers_with_the_role_see() {
    each(async |server| {
        let views = views(server).await;
        let viewers = [server.admin().await, server.anonymous().login("ruth").await];
        for document in [DOCUMENT, MORE] {
            let mut different = Vec::new();
            for (role, holder) in &views {
                let own = holder.gql(document).await.ok().json;
                for viewer in &viewers {
                    assert_eq!(ask(viewer, document, role.clone()).await.ok().json, own, "{role}");
                    assert_eq!(ask_by_get(viewer, document, role.clone()).await.ok().json, own, "{role}, by GET");
                }
                different.push(own);
            }
            different.dedup();
            assert_eq!(different.len(), 4, "each of the four roles sees a different schema");
        }
    })
    .await;
}

#[on_each_database]
async fn view_as_requires_roles_read() {
    each(async |server| {
        let (bob, anonymous, ruth) = (server.user("bob").await, server.anonymous(), auditor(server).await);
        for role in [json!("admin"), json!("user"), json!("ghost"), Value::Null] {
            for (actor, code) in [(&anonymous, "UNAUTHENTICATED"), (&bob, "FORBIDDEN")] {
                for answer in [ask(actor, DOCUMENT, role.clone()).await, ask_by_get(actor, MORE, role.clone()).await] {
                    assert_eq!(answer.codes(), [code], "{role}");
                    assert!(answer.at("/errors/0/message").as_str().unwrap().contains("`roles:read`"), "{answer:?}");
                    assert!(answer.json.get("data").is_none(), "{answer:?}");
                }
            }
        }
        ask(&ruth, DOCUMENT, json!("admin")).await.ok();
        set_roles(&server.admin().await, &ruth.id, &["user"]).await.ok();
        assert_eq!(
            ask(&ruth, DOCUMENT, json!("admin")).await.codes(),
            ["FORBIDDEN"],
            "the role is gone, the access token is the old one"
        );
    })
    .await;
}

#[on_each_database]
async fn view_as_rejects_unknown_roles() {
    each(async |server| {
        let ada = server.admin().await;
        for role in ["ghost", "", "Admin", "admin ", "anonymous", "'; DROP TABLE roles; --", &"x".repeat(5_000)] {
            let answer = ask(&ada, DOCUMENT, json!(role)).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{role:.40}");
            assert_eq!(answer.at("/errors/0/extensions/field"), "extensions.viewAs", "{role:.40}");
            assert!(answer.text.len() < 400, "{}", answer.text);
        }
        for other in [json!(1), json!(true), json!(["admin"]), json!({ "role": "admin" })] {
            assert_eq!(ask(&ada, DOCUMENT, other).await.codes(), ["BAD_REQUEST"]);
        }
        let both = json!({ "query": "{ admin { message } }", "extensions": { "viewas": "user", "x": null } });
        ada.send(&both).await.ok();
    })
    .await;
}

#[on_each_database]
async fn view_as_executes_no_fields() {
    each(async |server| {
        let (ada, ruth) = (server.admin().await, auditor(server).await);
        for document in [
            "{ admin { message } }",
            "{ serverInfo { version } }",
            "{ __typename __schema: admin { message } }",
            "{ __schema { queryType { name } } me { username } }",
            "{ __schema { queryType { name } } ... @skip(if: true) { me { username } } }",
            "{ ...F } fragment F on Query { ... on Query { ...G } } fragment G on Query { users { totalCount } }",
            "{ ...F ...F } fragment F on Query { __typename roles { name } }",
            "query A { __typename } query B { admin { message } }",
            "mutation { deleteAccount(input: { password: \"a long walk by the river\" }) { __typename } }",
            "mutation { __typename }",
            "mutation { __typename logout { __typename } }",
        ] {
            for (actor, role) in [(&ada, Value::Null), (&ada, json!("admin")), (&ruth, json!("admin"))] {
                let operation = document.starts_with("query A").then_some("A");
                let body = json!({ "query": document, "operationName": operation, "extensions": { "viewAs": role } });
                let answer = actor.send(&body).await;
                assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{role}: {document}");
                assert_eq!(answer.at("/errors/0/extensions/field"), "extensions.viewAs", "{document}");
                assert!(answer.json.get("data").is_none(), "{document}");
                if operation.is_none() && !document.starts_with(['m', 's']) {
                    let answer = ask_by_get(actor, document, role).await;
                    assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "by GET: {document}");
                }
            }
        }
        let subscription = ask(&ada, "subscription { __typename }", json!("admin")).await;
        assert_eq!(subscription.codes(), ["GRAPHQL_VALIDATION_FAILED"]);
        for actor in [ada, ruth] {
            actor.gql("{ me { username } }").await.ok();
        }
    })
    .await;
}

#[tokio::test]
async fn view_as_follows_the_introspection_setting() {
    let server = Server::with(|config| config.introspection = Introspection::Off).await;
    let answer = ask(&server.admin().await, DOCUMENT, json!("user")).await;
    assert_eq!(answer.codes(), ["GRAPHQL_VALIDATION_FAILED"]);
    let server = Server::with(|config| config.introspection = Introspection::Full).await;
    let (ada, bob) = (server.admin().await, server.user("bob").await);
    assert_eq!(ask(&ada, DOCUMENT, json!("user")).await.ok().json, bob.gql(DOCUMENT).await.ok().json);
}
