//! `explainAccess`: for whom, what it says of each path, and what it refuses.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer},
    admin::execute,
    app::{Server, each},
    roles::{holder, made},
};

const ASK: &str = "query ($document: String!, $operation: String, $role: String, $user: ID) {
    explainAccess(document: $document, operationName: $operation, asRole: $role, asUserId: $user) {
        decision paths { path argument isReached access { coordinate decision missing { reason } } } } }";

async fn ask(actor: &Actor, document: &str, role: Option<&str>, user: Option<&str>) -> Answer {
    actor.gql_with(ASK, json!({ "document": document, "role": role, "user": user })).await
}

/// The decision on the whole, and on each path whether execution can come to it.
async fn explained(actor: &Actor, document: &str, role: Option<&str>, user: Option<&str>) -> (String, Vec<String>) {
    let answer = ask(actor, document, role, user).await.ok();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let line = |it: &Value| {
        let path: Vec<_> = it["path"].as_array().unwrap().iter().map(text).collect();
        let reached = if it["isReached"] == true { "" } else { ", not reached" };
        format!("{} {}{reached}", path.join("."), text(&it["access"]["decision"]))
    };
    let paths = answer.at("/data/explainAccess/paths").as_array().unwrap().iter().map(line).collect();
    (text(answer.at("/data/explainAccess/decision")), paths)
}

#[on_each_database]
async fn says_of_the_whole_and_of_each_path_what_becomes_of_it() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let of = async |document: &str, role| explained(&ada, document, role, None).await;
        let lines = |lines: &[&str]| lines.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let (decision, paths) = of("{ serverInfo { version } }", None).await;
        assert_eq!((&*decision, paths), ("ALLOWED", lines(&["serverInfo ALLOWED", "serverInfo.version ALLOWED"])));
        // What lies below what is denied is judged, and does not count.
        let below = "{ users { edges { node { sessions { edges { cursor } } } } } }";
        let (decision, paths) = of(below, Some("user")).await;
        let expected = [
            "users DENIED",
            "users.edges ALLOWED, not reached",
            "users.edges.node ALLOWED, not reached",
            "users.edges.node.sessions DEPENDS, not reached",
            "users.edges.node.sessions.edges ALLOWED, not reached",
            "users.edges.node.sessions.edges.cursor ALLOWED, not reached",
        ];
        assert_eq!((&*decision, paths), ("DENIED", lines(&expected)));
        let document = format!("{{ a: node(id: \"{}\") {{ ... on User {{ email }} }} }}", bob.id);
        let (decision, paths) = of(&document, Some("user")).await;
        let expected = lines(&["a ALLOWED", "a.email DEPENDS"]);
        assert_eq!((&*decision, paths), ("DEPENDS", expected), "a role is nobody's account");
        let (decision, _) = of(&document, Some("admin")).await;
        assert_eq!(decision, "ALLOWED");
        let (decision, _) = of("{ roles { name } me { email } }", None).await;
        assert_eq!(decision, "DENIED", "what is denied outweighs what is not");
        // What is the account's own is known where the document names it.
        for (user, expected) in [(&bob.id, "ALLOWED"), (&server.user("ann").await.id, "DENIED")] {
            for role in [None, Some("user")] {
                let (decision, paths) = explained(&ada, &document, role, Some(user)).await;
                assert_eq!((&*decision, &*paths[1]), (expected, &*format!("a.email {expected}")));
            }
        }
    })
    .await;
}

#[on_each_database]
async fn is_for_whom_one_may_ask() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "auditor", "permissions": ["roles:read"] })).await;
        let sam = holder(server, &ada, "sam", &["auditor"]).await;
        let document = "{ roles { name } }";
        let refused = ask(&sam, document, None, Some(&ada.id)).await;
        assert_eq!(refused.codes(), ["FORBIDDEN"], "her roles would be told by it");
        assert_eq!(explained(&sam, document, None, Some(&sam.id)).await.0, "ALLOWED");
        assert_eq!(explained(&sam, document, Some("user"), Some(&ada.id)).await.0, "DENIED", "of a role of his choice");
        assert_eq!(explained(&sam, document, None, None).await.0, "DENIED", "for nobody");
        assert_eq!(explained(&ada, document, None, Some(&sam.id)).await.0, "ALLOWED");
        let nobody = "01a3185c-5000-7877-88e9-21079067b5bd";
        for (role, user, code, field) in [
            (Some("none"), None, "BAD_USER_INPUT", "asRole"),
            (None, Some(nobody), "NOT_FOUND", "asUserId"),
            (None, Some("x"), "NOT_FOUND", "asUserId"),
        ] {
            let refused = ask(&ada, document, role, user).await;
            assert_eq!((refused.codes(), refused.at("/errors/0/extensions/field")), (vec![code], &json!(field)));
        }
        // In a session that is fresh.
        assert_eq!(
            explained(&ada, "mutation { deleteAccount(input: { password: \"x\" }) { userId } }", Some("user"), None)
                .await
                .0,
            "ALLOWED"
        );
    })
    .await;
}

#[on_each_database]
async fn holds_a_document_to_what_it_would_be_held_to() {
    each(async |server| {
        let ada = server.admin().await;
        let aliases: Vec<_> = (0..60).map(|it| format!("a{it}: serverInfo {{ version }}")).collect();
        let wide = format!("{{ {} }}", aliases.join(" "));
        for (document, code) in [
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ me { id } ", "GRAPHQL_PARSE_FAILED"),
            ("{ me }", "GRAPHQL_VALIDATION_FAILED"),
            ("query A { me { id } } query B { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            (&wide, "QUERY_TOO_COMPLEX"),
        ] {
            let answer = ada
                .gql_with(
                    ASK,
                    json!({ "document": document, "operation": document.contains("query A").then_some("A") }),
                )
                .await;
            assert_eq!(answer.codes(), [code], "{document}");
            assert_eq!(answer.at("/data"), &json!({ "explainAccess": null }));
        }
        let several = "query A { me { id } } mutation B { logout { session { id } } }";
        let answer = ada.gql_with(ASK, json!({ "document": several })).await;
        assert_eq!(answer.codes(), ["OPERATION_RESOLUTION_FAILURE"]);
        let answer = ada.gql_with(ASK, json!({ "document": several, "operation": "B", "role": "user" })).await.ok();
        assert_eq!(answer.at("/data/explainAccess/paths/0/access/coordinate"), "Mutation.logout");
        ada.gql("{ me { id } }").await.ok();
    })
    .await;
}

/// A role as it is in the database, not as it was.
#[on_each_database]
async fn knows_roles_as_they_are_now() {
    each(async |server: &Server| {
        let ada = server.admin().await;
        let role = made(&ada, json!({ "name": "auditor" })).await;
        let document = "{ roles { name } }";
        assert_eq!(explained(&ada, document, Some("auditor"), None).await.0, "DENIED");
        let update = "mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { role { id } } }";
        ada.gql_with(update, json!({ "input": { "role": role, "permissions": ["roles:read"] } })).await.ok();
        assert_eq!(explained(&ada, document, Some("auditor"), None).await.0, "ALLOWED");
        execute(server, "DELETE FROM role_permissions WHERE permission = 'roles:read'").await;
        assert_eq!(explained(&ada, document, Some("auditor"), None).await.0, "DENIED");
    })
    .await;
}
