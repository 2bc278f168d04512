//! `Session` objects: they are listed, counted, and revoked by their account owner or with `sessions:revoke`.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{access_token, events, is_live, login, refresh, refresh_token, text};
use crate::{
    actor::Actor,
    admin::desk::holder,
    app::{each, each_with},
};

const LIST: &str = "{ me { sessions(first: 50) { edges { cursor node { id createdAt lastUsedAt expiresAt ipAddress userAgent isCurrent } } pageInfo { hasNextPage hasPreviousPage } } } }";

async fn list(actor: &Actor) -> Vec<Value> {
    let answer = actor.gql(LIST).await.ok();
    answer.at("/data/me/sessions/edges").as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect()
}

async fn revoke(actor: &Actor, id: &Value) -> crate::actor::Answer {
    let document = "mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { session { id } sessionsRevoked effectiveAt } }";
    actor.gql_with(document, json!({ "id": id })).await
}

#[on_each_database]
async fn sessions_are_listed_for_their_owner_newest_first() {
    each(async |server| {
        let bob = server.user("bob").await;
        server.app.accounts().clock.advance(chrono::TimeDelta::seconds(5));
        let second = login(&bob, "bob").await;
        let sessions = list(&bob).await;
        assert_eq!(sessions.len(), 2);
        assert_eq!(&sessions[0]["id"], second.at("/data/it/session/id"));
        assert_eq!((&sessions[0]["isCurrent"], &sessions[1]["isCurrent"]), (&json!(false), &json!(true)));
        assert_eq!(sessions[1]["createdAt"], "2027-01-15T08:00:00+00:00");
        assert_eq!(sessions[1]["expiresAt"], "2027-02-14T08:00:00+00:00");
        assert_eq!(sessions[1]["ipAddress"], "127.0.0.1");
        let page = bob.gql("{ me { sessions(first: 1) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } } }").await.ok();
        assert_eq!(page.at("/data/me/sessions/pageInfo"), &json!({ "hasNextPage": true, "hasPreviousPage": false }));
        let after = text(&page, "/data/me/sessions/edges/0/cursor");
        let document = "query ($after: String) { me { sessions(first: 5, after: $after) { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } } }";
        let rest = bob.gql_with(document, json!({ "after": after })).await.ok();
        assert_eq!(rest.at("/data/me/sessions/edges"), &json!([{ "node": { "id": sessions[1]["id"] } }]));
        assert_eq!(rest.at("/data/me/sessions/pageInfo"), &json!({ "hasNextPage": false, "hasPreviousPage": true }));
        let stranger = server.user("eve").await;
        let foreign = stranger.gql_with(document, json!({ "after": after })).await.ok();
        assert!(foreign.at("/data/me/sessions/edges").as_array().unwrap().iter().all(|edge| edge["node"]["id"] != sessions[1]["id"]));
    })
    .await;
}

#[on_each_database]
async fn sign_in_over_the_limit_revokes_the_oldest_session() {
    each_with(
        |config| config.session.limit = 3,
        async |server| {
            let bob = server.user("bob").await;
            let oldest = bob.token.clone().unwrap();
            for _ in 0..2 {
                server.app.accounts().clock.advance(chrono::TimeDelta::seconds(1));
                login(&bob, "bob").await;
            }
            assert!(is_live(&bob, &oldest).await);
            server.app.accounts().clock.advance(chrono::TimeDelta::seconds(1));
            let newest = access_token(&login(&bob, "bob").await);
            assert!(!is_live(&bob, &oldest).await);
            assert_eq!(list(&bob.bearing(&newest)).await.len(), 3);
        },
    )
    .await;
}

/// A payload shows only the `id` of another user's session or token to callers who can revoke but not read it.
async fn assert_only_the_id_is_visible(actor: &Actor, mutation: &str, of: &str, fields: &str) {
    let answer = actor.gql(&format!("mutation {{ it: {mutation} {{ {of} {{ id {fields} }} effectiveAt }} }}")).await;
    let count = fields.replace(" { name }", "").split_whitespace().count();
    assert_eq!(answer.codes(), vec!["FORBIDDEN"; count], "{answer:#?}");
    assert_eq!(answer.at("/errors/0/extensions/requires"), &json!({ "permission": "sessions:read", "orSelf": true }));
    let object = answer.at(&format!("/data/it/{of}")).as_object().unwrap();
    assert!(object["id"].is_string() && object.values().filter(|value| value.is_null()).count() == count, "{object:?}");
}

#[on_each_database]
async fn sessions_revoke_permission_alone_does_not_show_sessions() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let guard = holder(server, &ada, "guard", &["sessions:revoke"]).await;
        let other = login(&bob, "bob").await;
        let create =
            "mutation { it: createPersonalAccessToken(input: { name: \"CI\", permissions: [] }) { personalAccessToken { id } } }";
        let token = bob.gql(create).await.ok();
        let session = format!("revokeSession(input: {{ sessionId: {} }})", other.at("/data/it/session/id"));
        let of_session = "createdAt lastUsedAt expiresAt freshUntil ipAddress userAgent isCurrent";
        assert_only_the_id_is_visible(&guard, &session, "session", of_session).await;
        assert!(!is_live(&bob, &access_token(&other)).await, "the session is revoked nevertheless");
        let token = format!("revokePersonalAccessToken(input: {{ personalAccessTokenId: {} }})", token.at("/data/it/personalAccessToken/id"));
        let of_token = "name permissions { name } createdAt expiresAt isExpired lastUsedAt lastUsedAddress isCurrent";
        assert_only_the_id_is_visible(&guard, &token, "personalAccessToken", of_token).await;
        let mine = format!("mutation {{ logout {{ session {{ {of_session} }} }} }}");
        bob.gql(&mine).await.ok();
    })
    .await;
}

#[on_each_database]
async fn sessions_are_revoked_singly_and_all_at_once() {
    each(async |server| {
        let bob = server.user("bob").await;
        let other = login(&bob, "bob").await;
        let third = login(&bob, "bob").await;
        // So that the following events are the newest in the list.
        server.app.accounts().clock.advance(chrono::TimeDelta::seconds(1));
        let revoked = revoke(&bob, other.at("/data/it/session/id")).await.ok();
        assert_eq!(revoked.at("/data/revokeSession/session/id"), other.at("/data/it/session/id"));
        assert!(!is_live(&bob, &access_token(&other)).await);
        assert_eq!(revoke(&bob, other.at("/data/it/session/id")).await.codes(), ["NOT_FOUND"]);

        let everywhere =
            "mutation ($keep: Boolean!) { logoutEverywhere(input: { keepCurrent: $keep }) { sessionsRevoked effectiveAt } }";
        let kept = bob.gql_with(everywhere, json!({ "keep": true })).await.ok();
        assert_eq!(kept.at("/data/logoutEverywhere/sessionsRevoked"), 1);
        assert!(!is_live(&bob, &access_token(&third)).await);
        assert!(is_live(&bob, bob.token.as_deref().unwrap()).await);
        assert_eq!(events(&bob).await[..2], ["SESSIONS_REVOKED", "SESSIONS_REVOKED"]);
        let all = bob.gql("mutation { logoutEverywhere { sessionsRevoked } }").await.ok();
        assert_eq!(all.at("/data/logoutEverywhere/sessionsRevoked"), 1);
        assert!(!is_live(&bob, bob.token.as_deref().unwrap()).await);
    })
    .await;
}

#[on_each_database]
async fn logout_accepts_a_refresh_token_without_an_access_token() {
    each(async |server| {
        let bob = server.user("bob").await;
        let session = login(&bob, "bob").await;
        let document = "mutation ($input: LogoutInput) { logout(input: $input) { session { id } sessionsRevoked } }";
        let input = json!({ "input": { "refreshToken": refresh_token(&session) } });
        let answer = server.anonymous().gql_with(document, input.clone()).await.ok();
        assert_eq!(answer.at("/data/logout/session/id"), session.at("/data/it/session/id"));
        assert!(!is_live(&bob, &access_token(&session)).await);
        assert_eq!(refresh(&bob, &refresh_token(&session)).await.codes(), ["INVALID_REFRESH_TOKEN"]);
        assert_eq!(server.anonymous().gql_with(document, input).await.codes(), ["INVALID_REFRESH_TOKEN"]);
        assert_eq!(server.anonymous().gql_with(document, json!({})).await.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}

#[on_each_database]
async fn logout_with_an_old_refresh_token_is_detected_as_reuse() {
    each(async |server| {
        let bob = server.user("bob").await;
        let document = "mutation ($input: LogoutInput) { logout(input: $input) { sessionsRevoked } }";
        let logout = async |token: &str| {
            let input = json!({ "input": { "refreshToken": token } });
            server.anonymous().gql_with(document, input).await.ok();
        };
        let first = refresh_token(&login(&bob, "bob").await);
        refresh(&bob, &first).await.ok();
        // Within the grace period another tab may have exchanged the token. This is not reuse.
        server.app.accounts().clock.advance(chrono::TimeDelta::seconds(1));
        logout(&first).await;
        assert_eq!(events(&bob).await[0], "SESSIONS_REVOKED");

        server.app.accounts().clock.advance(chrono::TimeDelta::seconds(1));
        let stolen = refresh_token(&login(&bob, "bob").await);
        let second = refresh_token(&refresh(&bob, &stolen).await.ok());
        refresh(&bob, &second).await.ok();
        server.app.accounts().clock.advance(chrono::TimeDelta::seconds(11));
        logout(&stolen).await;
        assert_eq!(events(&bob).await[..2], ["REFRESH_TOKEN_REUSED", "SIGN_IN"], "the reuse is recorded, once");
    })
    .await;
}

#[on_each_database]
async fn sessions_of_other_users_are_not_found() {
    each(async |server| {
        let (admin, bob, eve) = (server.admin().await, server.user("bob").await, server.user("eve").await);
        let id = list(&bob).await[0]["id"].clone();
        let unknown = revoke(&eve, &json!("0190a000-0000-7000-8000-000000000001")).await;
        assert_eq!(unknown.codes(), ["NOT_FOUND"]);
        assert_eq!(revoke(&eve, &id).await.text, unknown.text, "another user's session looks like an unknown one");
        assert_eq!(revoke(&eve, &json!("no id")).await.text, unknown.text);
        let read = "query ($id: ID!) { user(id: $id) { sessions { edges { node { id } } } securityEvents { edges { node { id } } } } }";
        let seen = admin.gql_with(read, json!({ "id": bob.id })).await.ok();
        assert_eq!(seen.at("/data/user/sessions/edges/0/node/id"), &id);
        revoke(&admin, &id).await.ok();
        assert!(!is_live(&bob, bob.token.as_deref().unwrap()).await);
    })
    .await;
}
