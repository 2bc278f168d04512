//! What administrators see of second factors, and how they reset one.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{Enrolled, audited, challenge, enroll, enroll_actor, login, require_for, text, with_key};
use crate::{
    actor::{Actor, Answer},
    admin::administrator,
    app::each_with,
    roles::{create, update},
    sessions::events,
};

async fn reset(actor: &Actor, user: &str) -> Answer {
    let document = "mutation ($id: ID!) { resetSecondFactor(input: { userId: $id }) \
                    { user { username secondFactors } sessionsRevoked effectiveAt } }";
    actor.gql_with(document, json!({ "id": user })).await
}

#[on_each_database]
async fn administrator_resets_a_lost_factor() {
    each_with(with_key, async |server| {
        let (ada, Enrolled { actor: bob, .. }) = (server.admin().await, enroll(server, "bob").await);
        let pending = challenge(server, "bob").await;
        let document = "query ($id: ID!) { user(id: $id) { secondFactors } }";
        let seen = ada.gql_with(document, json!({ "id": bob.id })).await.ok();
        assert_eq!(seen.at("/data/user/secondFactors"), &json!(["TOTP"]));
        let carol = server.user("carol").await;
        let hidden = carol.gql_with(document, json!({ "id": bob.id })).await;
        assert!(hidden.at("/data/user/secondFactors").is_null(), "{hidden:#?}");

        assert_eq!(reset(&carol, &bob.id).await.codes(), ["FORBIDDEN"]);
        let done = reset(&ada, &bob.id).await.ok();
        assert_eq!(done.at("/data/resetSecondFactor/user/secondFactors"), &json!([]));
        assert_eq!(done.at("/data/resetSecondFactor/sessionsRevoked"), 1);
        assert_eq!(bob.gql("{ me { id } }").await.status, 401);
        assert!(audited(server, &bob.id).await.contains(&"SECOND_FACTOR_RESET".to_owned()));
        assert_eq!(super::complete(server, &pending, "123456").await.codes(), ["INVALID_CHALLENGE"]);
        let signed_in = login(server, "bob").await.ok();
        let bob = bob.bearing(&text(&signed_in, "/data/it/accessToken"));
        assert!(events(&bob).await.contains(&"SECOND_FACTOR_RESET".to_owned()));
        assert_eq!(reset(&ada, &bob.id).await.codes(), ["CONFLICT"], "there is none any more");
    })
    .await;
}

#[on_each_database]
async fn only_users_with_as_many_permissions_reset_a_factor() {
    each_with(with_key, async |server| {
        let ada = server.admin().await;
        let Enrolled { actor: eve, .. } = enroll_actor(server, administrator(server, "eve").await).await;
        create(&ada, json!({ "name": "desk", "permissions": ["users:write", "users:read"] })).await.ok();
        let bob = server.user("bob").await;
        crate::admin::set_roles(&ada, &bob.id, &["desk"]).await.ok();
        assert_eq!(reset(&bob, &eve.id).await.codes(), ["FORBIDDEN"]);
        assert_eq!(reset(&eve, &eve.id).await.codes(), ["FORBIDDEN"], "not one's own");
        reset(&ada, &eve.id).await.ok();
    })
    .await;
}

#[on_each_database]
async fn role_that_the_configuration_names_keeps_its_name() {
    let configured = |config: &mut fieldguard::config::Config| {
        with_key(config);
        require_for(config, "desk");
    };
    each_with(configured, async |server| {
        let ada = server.admin().await;
        create(&ada, json!({ "name": "desk" })).await.ok();
        assert_eq!(update(&ada, "desk", json!({ "name": "table" })).await.codes(), ["CONFLICT"]);
        update(&ada, "desk", json!({ "description": "Answers questions." })).await.ok();
    })
    .await;
}

#[on_each_database]
async fn imported_user_keeps_their_authenticator_app() {
    each_with(with_key, async |server| {
        let ada = server.admin().await;
        let document = "mutation ($users: [ImportedUserInput!]!) \
                        { importUsers(input: { users: $users }) { users { username secondFactors } } }";
        let import = async |secret: &str| {
            let hash = "pbkdf2_sha256$1000$Zq3saltsaltsalt$oyzaUK+5/jRYw/JP81IP6aYp7mWpUtL+wir2fnW2qzQ=";
            let users = json!([{ "username": "dora", "passwordHash": hash, "totpSecret": secret }]);
            ada.gql_with(document, json!({ "users": users })).await
        };
        let refused = import("GEZDGNBV").await;
        assert_eq!(refused.at("/errors/0/extensions/field"), "users.0.totpSecret", "{refused:#?}");
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let imported = import(secret).await.ok();
        assert_eq!(imported.at("/data/importUsers/users/0/secondFactors"), &json!(["TOTP"]));
        // The imported hash is replaced in the first step, which must not void the challenge.
        super::sign_in(server, "dora", secret).await;
    })
    .await;
}
