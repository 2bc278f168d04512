//! What introspection shows to each caller over HTTP: the parts of the schema that the caller can reach, as a valid
//! schema.

mod hidden_parts;
mod printed;
mod reach;
mod schema_read;
mod shown;
mod view_as;

use std::collections::BTreeSet;

use fieldguard::{
    app::commands::Program,
    config::Introspection,
    domain::{principal::Principal, role::USER},
    guard::caller::Caller,
};
use fieldguard_test_macros::on_each_database;

use self::shown::Shown;
use crate::{
    actor::Actor,
    app::{Server, each},
    walk::schema::Map,
};

/// The callers with the built-in roles: the role's name, an actor, and the principal that the rules are evaluated with.
async fn callers(server: &Server) -> Vec<(String, Actor, Option<Principal>)> {
    let accounts = server.app.accounts();
    let columns = Program::builtin().columns(&accounts.roles().await.unwrap());
    let mut callers = Vec::new();
    for (role, principal) in columns {
        let actor = match role.as_str() {
            "anonymous" => server.anonymous(),
            USER => server.user("bob").await,
            "admin" => server.admin().await,
            other => panic!("add an actor for the built-in role `{other}` here"),
        };
        callers.push((role, actor, principal.principal::<Principal>().cloned()));
    }
    callers
}

#[on_each_database]
async fn introspection_shows_exactly_the_reachable_fields() {
    each(async |server| {
        let map = Map::new();
        let mut sizes = BTreeSet::new();
        for (role, actor, principal) in callers(server).await {
            let shown = Shown::to(&actor).await;
            let expected = reach::coordinates(&map, principal.as_ref());
            assert_eq!(shown.fields(), expected, "{role}");
            assert_eq!(shown.faults(), Vec::<String>::new(), "{role}");
            sizes.insert(expected.len());
        }
        assert_eq!(sizes.len(), 3, "each of the three roles sees a different part");
    })
    .await;
}

#[tokio::test]
async fn printed_schema_of_a_role_equals_its_introspection() {
    let server = Server::start().await;
    for (role, actor, principal) in callers(&server).await {
        let printed = printed::coordinates(
            &Program::builtin().schema(Some(&principal.map_or_else(Caller::default, Caller::from))),
        );
        assert_eq!(Shown::to(&actor).await.all(), printed, "{role}");
    }
}

#[tokio::test]
async fn unreachable_type_is_unknown() {
    let server = Server::start().await;
    let map = Map::new();
    for (role, actor, principal) in callers(&server).await {
        let reached: BTreeSet<_> = reach::types(&map, principal.as_ref());
        for ty in map.types.keys() {
            let answer = actor.gql(&format!("{{ __type(name: \"{ty}\") {{ name }} }}")).await.ok();
            assert_eq!(answer.at("/data/__type").is_null(), !reached.contains(ty), "{role}: {ty}");
        }
    }
}

#[tokio::test]
async fn full_introspection_shows_everything_but_grants_no_access() {
    let server = Server::with(|config| config.introspection = Introspection::Full).await;
    let all: BTreeSet<_> = Map::new().rows.into_iter().map(|row| row.coordinate).collect();
    for (role, actor, _) in callers(&server).await {
        assert_eq!(Shown::to(&actor).await.fields(), all, "{role}");
    }
    assert_eq!(server.anonymous().gql("{ admin { message } }").await.codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn introspection_request_is_rejected_when_introspection_is_off() {
    let server = Server::with(|config| config.introspection = Introspection::Off).await;
    for (role, actor, _) in callers(&server).await {
        for document in [
            "{ __schema { queryType { name } } }",
            "{ serverInfo { version } a: __type(name: \"User\") { name } }",
            "{ ...F } fragment F on Query { ... { __schema { queryType { name } } } }",
            "query A { serverInfo { version } } query B { __schema { queryType { name } } }",
        ] {
            let operation = document.starts_with("query A").then_some("A");
            let answer = actor.send(&serde_json::json!({ "query": document, "operationName": operation })).await;
            assert_eq!(answer.codes(), ["GRAPHQL_VALIDATION_FAILED"], "{role}: {document}");
            assert!(answer.json.get("data").is_none(), "{role}: {document}");
        }
        actor.gql("{ __typename serverInfo { __typename } }").await.ok();
    }
}

#[tokio::test]
async fn validation_errors_suggest_no_hidden_names() {
    let server = Server::start().await;
    let bob = server.user("bob").await;
    for (document, hidden) in [
        ("{ admi { message } }", "admin"),
        ("{ user { id } permission }", "permissions"),
        ("{ me { id } rols }", "roles"),
        ("mutation { disableUsr(userId: 1) { user { id } } }", "disableUser"),
        ("{ me { ... on AdminOvervie { message } } }", "AdminOverview"),
        ("query ($a: SetUserRolesInpu) { __typename }", "SetUserRolesInput"),
    ] {
        for actor in [&server.anonymous(), &bob] {
            let answer = actor.gql(document).await;
            assert!(answer.codes().contains(&"GRAPHQL_VALIDATION_FAILED"), "{document}");
            let names = answer.text.split(|c: char| !c.is_alphanumeric()).any(|word| word == hidden);
            assert!(!names, "{document}: {}", answer.text);
        }
    }
}
