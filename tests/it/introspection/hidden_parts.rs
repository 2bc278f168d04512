//! Hidden parts of the schema appear neither in introspection nor in validation errors.

use std::collections::BTreeSet;

use fieldguard::config::Introspection;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer},
    app::{Server, each},
};

const TYPES: &str = "{ __schema { types { name possibleTypes { name } } } }";

async fn types(actor: &Actor) -> BTreeSet<String> {
    let answer = actor.gql(TYPES).await.ok();
    let types = answer.at("/data/__schema/types").as_array().unwrap();
    types.iter().map(|ty| ty["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn type_is_shown_only_if_a_visible_field_leads_to_it() {
    let server = Server::start().await;
    let (anonymous, ada) = (server.anonymous(), server.admin().await);
    let shown = types(&anonymous).await;
    for hidden in ["AuditEvent", "AuditAction", "AuditActorType", "AuditTargetType", "AuditState", "AdminOverview"] {
        assert!(!shown.contains(hidden), "{hidden}");
        let answer = anonymous.gql(&format!("{{ __type(name: \"{hidden}\") {{ name }} }}")).await.ok();
        assert_eq!(answer.at("/data/__type"), &Value::Null, "{hidden}");
    }
    assert!(shown.contains("User") && shown.contains("Node") && shown.contains("Session"));
    let node = anonymous.gql("{ __type(name: \"Node\") { possibleTypes { name } } }").await.ok();
    assert!(!node.text.contains("AuditEvent") && node.text.contains("User"), "{}", node.text);
    let all = types(&ada).await;
    assert!(all.contains("AuditEvent") && all.contains("AuditTargetType"));
    // The same next to other fields.
    let mixed = anonymous.gql("{ serverInfo { version } __type(name: \"AuditEvent\") { name } }").await.ok();
    assert_eq!(mixed.at("/data/__type"), &Value::Null);
}

fn messages(answer: &Answer) -> Vec<String> {
    let errors = answer.at("/errors").as_array().unwrap();
    errors.iter().map(|error| error["message"].as_str().unwrap().to_owned()).collect()
}

/// Invalid documents, each with names of the schema that its errors must not reveal to an anonymous caller.
const INVALID_DOCUMENTS: [(&str, &[&str]); 8] = [
    ("{ admin { nothing } }", &["AdminOverview", "nothing"]),
    ("{ admin }", &["AdminOverview"]),
    ("mutation { createUser(input: {}) { code } }", &["CreateUserInput", "username"]),
    ("mutation { createUser(input: { nothing: 1 }) { nothing } }", &["CreateUserInput", "CreateUserPayload"]),
    ("{ users(first: \"x\", nothing: 1) { nothing } }", &["UserConnection"]),
    ("{ users(filter: { state: NOTHING }) { edges { cursor } } }", &["UserFilter", "UserState"]),
    ("{ auditEvents(filter: { nothing: 1 }) { edges { cursor } } }", &["AuditEventFilter"]),
    ("query ($id: ID) { auditEvents { edges { nothing } } }", &["AuditEventConnection", "AuditEventEdge"]),
];

#[on_each_database]
async fn invalid_selection_below_a_hidden_field_reports_only_the_denial() {
    each(async |server| {
        let anonymous = server.anonymous();
        for (document, names) in INVALID_DOCUMENTS {
            let answer = anonymous.gql(document).await;
            assert_eq!(answer.at("/data"), &Value::Null);
            assert!(answer.codes().contains(&"UNAUTHENTICATED"), "{document} {}", answer.text);
            for name in names {
                assert!(!answer.text.contains(name), "{document} {name} {}", answer.text);
            }
        }
        let user = server.user("bob").await;
        assert_eq!(user.gql(INVALID_DOCUMENTS[0].0).await.codes(), ["FORBIDDEN"]);
        let visible = user.gql("{ me { nothing } admin { nothing } }").await;
        assert_eq!(messages(&visible).len(), 2, "{}", visible.text);
        assert!(visible.text.contains(r#"Unknown field \"nothing\" on type \"User\""#), "{}", visible.text);
        let ada = server.admin().await;
        assert!(messages(&ada.gql(INVALID_DOCUMENTS[0].0).await)[0].contains("AdminOverview"));
    })
    .await;
}

#[tokio::test]
async fn hidden_type_gives_the_same_errors_as_an_unknown_type() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    let answers = async |name: &str, field: &str| {
        let mut received = Vec::new();
        for document in [
            format!("{{ serverInfo {{ ... on {name} {{ {field} }} }} }}"),
            format!("query ($x: {name}) {{ serverInfo {{ version nothing }} }}"),
            format!("fragment it on {name} {{ {field} }} {{ serverInfo {{ ...it }} }}"),
            format!("mutation {{ ... on {name} @skip(if: true) {{ {field} }} }}"),
        ] {
            let answer = anonymous.gql(&document).await;
            received.push((answer.status, answer.text.replace(name, "NAME")));
        }
        received
    };
    assert_eq!(answers("AuditEvent", "id").await, answers("AuditEvenz", "id").await);
    assert_eq!(answers("AdminOverview", "message").await, answers("AdminOverviez", "message").await);
    assert_eq!(answers("UserStatistics", "total").await, answers("UserStatisticz", "total").await);
    assert_eq!(answers("CreateUserInput", "id").await, answers("CreateUserInpuz", "id").await);
}

#[tokio::test]
async fn variable_of_a_hidden_field_does_not_reveal_its_type() {
    let server = Server::start().await;
    let document = "mutation ($input: CreateUserInput!) { createUser(input: $input) { code } }";
    let anonymous = server.anonymous().gql_with(document, json!({ "input": {} })).await;
    assert_eq!(anonymous.codes(), ["UNAUTHENTICATED"]);
    assert!(!anonymous.text.contains("CreateUserInput") && !anonymous.text.contains("input."), "{}", anonymous.text);
    // Errors name nothing from operations that are not selected.
    let several = "query A($first: Int) { users(first: $first) { totalCount } } \
                   query B($c: [String!]!) { access(coordinates: $c) { version } }";
    let body = json!({ "query": several, "operationName": "B", "variables": { "c": 1.5 } });
    let other = server.anonymous().send(&body).await;
    assert_eq!(other.codes(), ["BAD_USER_INPUT"], "{}", other.text);
    let admin = server.admin().await.gql_with(document, json!({ "input": {} })).await;
    assert_eq!(admin.codes(), ["BAD_USER_INPUT"]);
    assert!(admin.text.contains("CreateUserInput"), "{}", admin.text);
}

#[on_each_database]
async fn denied_mutation_in_an_invalid_document_is_audited() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let refused = bob.gql("mutation { createUser(input: { nothing: 1 }) { code } }").await;
        assert_eq!(refused.codes(), ["FORBIDDEN"]);
        let document =
            "{ auditEvents(filter: { action: MUTATION_REFUSED }) { edges { node { coordinates actorId } } } }";
        let events = ada.gql(document).await.ok();
        assert!(events.text.contains("Mutation.createUser") && events.text.contains(&bob.id), "{}", events.text);
    })
    .await;
}

#[tokio::test]
async fn validation_errors_name_no_schema_parts_when_introspection_is_off() {
    let server = Server::with(|config| config.introspection = Introspection::Off).await;
    let (anonymous, ada) = (server.anonymous(), server.admin().await);
    let names = [
        "AdminOverview",
        "CreateUserInput",
        "UserConnection",
        "UserFilter",
        "RegisterInput",
        "username",
        "ServerInfo",
        "Int",
    ];
    let documents = INVALID_DOCUMENTS.iter().map(|(document, _)| *document).chain([
        "mutation { register(input: {}) { tokenType } }",
        "mutation { login(input: { nothing: 1 }) { tokenType } }",
        "{ serverInfo { nothing } }",
        "{ serverInfo }",
        "{ serverInfo { version { nothing } } }",
        "query ($first: Int) { users(first: $first) { edges { nothing } } }",
    ]);
    for document in documents {
        for actor in [&anonymous, &ada] {
            let answer = actor.gql(document).await;
            assert!(answer.json.get("data").is_none(), "{document}");
            let received = messages(&answer).join(" ");
            assert!(names.iter().all(|name| !received.contains(name)), "{document} {received}");
            assert!(answer.at("/errors/0/locations/0/line").is_number(), "{document} {}", answer.text);
        }
    }
    let document = "mutation ($input: RegisterInput!) { register(input: $input) { tokenType } }";
    let answer = anonymous.gql_with(document, json!({ "input": {} })).await;
    assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
    assert!(!answer.text.contains("username") && !answer.text.contains("RegisterInput"), "{}", answer.text);
}
