//! What a caller does not see of the schema is absent from introspection and from what is wrong with documents.

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
    types.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_type_is_shown_where_a_field_leads_to_it_and_not_for_an_interface_of_another() {
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
    // Beside other fields, too.
    let mixed = anonymous.gql("{ serverInfo { version } __type(name: \"AuditEvent\") { name } }").await.ok();
    assert_eq!(mixed.at("/data/__type"), &Value::Null);
}

fn messages(answer: &Answer) -> Vec<String> {
    let errors = answer.at("/errors").as_array().unwrap();
    errors.iter().map(|it| it["message"].as_str().unwrap().to_owned()).collect()
}

/// Documents with a fault, each with names of the schema that an anonymous caller must not learn by it.
const FAULTS: [(&str, &[&str]); 8] = [
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
async fn a_fault_below_a_hidden_field_is_the_refusal_of_that_field() {
    each(async |server| {
        let anonymous = server.anonymous();
        for (document, names) in FAULTS {
            let answer = anonymous.gql(document).await;
            assert_eq!(answer.at("/data"), &Value::Null);
            assert!(answer.codes().contains(&"UNAUTHENTICATED"), "{document} {}", answer.text);
            for name in names {
                assert!(!answer.text.contains(name), "{document} {name} {}", answer.text);
            }
        }
        let user = server.user("bob").await;
        assert_eq!(user.gql(FAULTS[0].0).await.codes(), ["FORBIDDEN"]);
        let visible = user.gql("{ me { nothing } admin { nothing } }").await;
        assert_eq!(messages(&visible).len(), 2, "{}", visible.text);
        assert!(visible.text.contains(r#"Unknown field \"nothing\" on type \"User\""#), "{}", visible.text);
        let ada = server.admin().await;
        assert!(messages(&ada.gql(FAULTS[0].0).await)[0].contains("AdminOverview"));
    })
    .await;
}

#[tokio::test]
async fn a_hidden_type_is_unknown_like_one_that_does_not_exist() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    let of = async |name: &str, field: &str| {
        let mut said = Vec::new();
        for document in [
            format!("{{ serverInfo {{ ... on {name} {{ {field} }} }} }}"),
            format!("query ($x: {name}) {{ serverInfo {{ version nothing }} }}"),
            format!("fragment it on {name} {{ {field} }} {{ serverInfo {{ ...it }} }}"),
            format!("mutation {{ ... on {name} @skip(if: true) {{ {field} }} }}"),
        ] {
            let answer = anonymous.gql(&document).await;
            said.push((answer.status, answer.text.replace(name, "NAME")));
        }
        said
    };
    assert_eq!(of("AuditEvent", "id").await, of("AuditEvenz", "id").await);
    assert_eq!(of("AdminOverview", "message").await, of("AdminOverviez", "message").await);
    assert_eq!(of("UserStatistics", "total").await, of("UserStatisticz", "total").await);
    assert_eq!(of("CreateUserInput", "id").await, of("CreateUserInpuz", "id").await);
}

#[tokio::test]
async fn a_variable_of_a_hidden_field_tells_nothing_of_its_type() {
    let server = Server::start().await;
    let document = "mutation ($input: CreateUserInput!) { createUser(input: $input) { code } }";
    let anonymous = server.anonymous().gql_with(document, json!({ "input": {} })).await;
    assert_eq!(anonymous.codes(), ["UNAUTHENTICATED"]);
    assert!(!anonymous.text.contains("CreateUserInput") && !anonymous.text.contains("input."), "{}", anonymous.text);
    // Of an operation that is not asked for, nothing is said.
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
async fn a_refused_change_in_an_invalid_document_is_on_record() {
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
async fn where_introspection_is_off_no_fault_names_a_part_of_the_schema() {
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
    let documents = FAULTS.iter().map(|(document, _)| *document).chain([
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
            let said = messages(&answer).join(" ");
            assert!(names.iter().all(|name| !said.contains(name)), "{document} {said}");
            assert!(answer.at("/errors/0/locations/0/line").is_number(), "{document} {}", answer.text);
        }
    }
    let document = "mutation ($input: RegisterInput!) { register(input: $input) { tokenType } }";
    let answer = anonymous.gql_with(document, json!({ "input": {} })).await;
    assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
    assert!(!answer.text.contains("username") && !answer.text.contains("RegisterInput"), "{}", answer.text);
}
