//! The permission `schema:read`: the whole schema, for code generation with a personal access token.

use fieldguard::config::Introspection;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::Actor,
    app::{each, each_with},
    personal_access_tokens,
};

const TYPES: &str = "{ __schema { types { name fields { name } inputFields { name } enumValues { name } } } }";

async fn shown(actor: &Actor) -> Value {
    actor.gql(TYPES).await.ok().at("/data/__schema/types").clone()
}

#[on_each_database]
async fn token_with_schema_read_sees_the_whole_schema_but_gains_no_access() {
    each(async |server| {
        let ada = server.admin().await;
        let script = personal_access_tokens::script(&ada, &["schema:read"]).await;
        let without = personal_access_tokens::script(&ada, &["roles:read"]).await;
        let all = shown(&ada).await;
        // Administrators have every permission, including `schema:read`.
        assert!(all.to_string().contains("\"AdminOverview\""));
        assert_eq!(shown(&script).await, all);
        assert!(!shown(&without).await.to_string().contains("\"AdminOverview\""));
        assert_eq!(script.gql("{ admin { message } users { totalCount } }").await.codes(), ["FORBIDDEN"; 2]);
        // Validation errors may name the types that introspection shows.
        let unknown = script.gql("{ admin { mesage } }").await;
        assert_eq!(unknown.codes(), ["GRAPHQL_VALIDATION_FAILED"]);
        assert!(unknown.text.contains("AdminOverview"), "{}", unknown.text);
    })
    .await;
}

/// The playground uses `viewAs` to show the schema as a role. Only callers with every permission can use it.
#[on_each_database]
async fn schema_read_does_not_change_what_view_as_shows() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let request = json!({ "query": TYPES, "extensions": { "viewAs": "user" } });
        let viewed = ada.send(&request).await.ok();
        assert_eq!(viewed.at("/data/__schema/types"), &shown(&bob).await);
    })
    .await;
}

#[on_each_database]
async fn schema_read_does_not_turn_introspection_on() {
    each_with(
        |config| config.introspection = Introspection::Off,
        async |server| {
            let ada = server.admin().await;
            assert_eq!(ada.gql(TYPES).await.codes(), ["GRAPHQL_VALIDATION_FAILED"]);
        },
    )
    .await;
}
