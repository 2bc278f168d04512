//! `explainAccess`: whom it explains for, its decision on each path, and which documents it refuses.

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

/// The decision on the document, and the decision on each path with whether execution reaches it.
async fn explained(actor: &Actor, document: &str, role: Option<&str>, user: Option<&str>) -> (String, Vec<String>) {
    let answer = ask(actor, document, role, user).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |field: &Value| {
        let path: Vec<_> = field["path"].as_array().unwrap().iter().map(text).collect();
        let reached = if field["isReached"] == true { "" } else { ", not reached" };
        format!("{} {}{reached}", path.join("."), text(&field["access"]["decision"]))
    };
    let paths = answer.at("/data/explainAccess/paths").as_array().unwrap().iter().map(line).collect();
    (text(answer.at("/data/explainAccess/decision")), paths)
}

#[on_each_database]
async fn explain_access_decides_for_the_document_and_for_each_path() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let of = async |document: &str, role| explained(&ada, document, role, None).await;
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let (decision, paths) = of("{ serverInfo { version } }", None).await;
        assert_eq!((&*decision, paths), ("ALLOWED", lines(&["serverInfo ALLOWED", "serverInfo.version ALLOWED"])));
        // Fields below a denied field get a decision, but do not count toward the document.
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
        assert_eq!((&*decision, paths), ("DEPENDS", expected), "a role owns no user");
        let (decision, _) = of(&document, Some("admin")).await;
        assert_eq!(decision, "ALLOWED");
        let (decision, _) = of("{ roles { name } me { email } }", None).await;
        assert_eq!(decision, "DENIED", "one denied field denies the document");
        // Ownership is known if the document names the user.
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
async fn explain_access_for_another_user_requires_seeing_their_roles() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "auditor", "permissions": ["roles:read"] })).await;
        let sam = holder(server, &ada, "sam", &["auditor"]).await;
        let document = "{ roles { name } }";
        let refused = ask(&sam, document, None, Some(&ada.id)).await;
        assert_eq!(refused.codes(), ["FORBIDDEN"], "the decision would expose the roles of `ada`");
        assert_eq!(explained(&sam, document, None, Some(&sam.id)).await.0, "ALLOWED");
        assert_eq!(
            explained(&sam, document, Some("user"), Some(&ada.id)).await.0,
            "DENIED",
            "`asRole` replaces the roles of the user"
        );
        assert_eq!(explained(&sam, document, None, None).await.0, "DENIED", "for an anonymous caller");
        assert_eq!(explained(&ada, document, None, Some(&sam.id)).await.0, "ALLOWED");
        let unknown = "01a3185c-5000-7877-88e9-21079067b5bd";
        for (role, user, code, field) in [
            (Some("none"), None, "BAD_USER_INPUT", "asRole"),
            (None, Some(unknown), "NOT_FOUND", "asUserId"),
            (None, Some("x"), "NOT_FOUND", "asUserId"),
        ] {
            let refused = ask(&ada, document, role, user).await;
            assert_eq!((refused.codes(), refused.at("/errors/0/extensions/field")), (vec![code], &json!(field)));
        }
        // The caller's session is assumed to be fresh.
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
async fn explain_access_validates_the_document_like_execution() {
    each(async |server| {
        let ada = server.admin().await;
        let aliases: Vec<_> = (0..60).map(|number| format!("a{number}: serverInfo {{ version }}")).collect();
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

#[on_each_database]
async fn explain_access_reads_current_roles_from_the_database() {
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
