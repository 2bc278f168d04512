//! Personal access tokens.

mod last_use;
mod limits;
mod permissions;
mod revocation;

use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer},
    app::Server,
};

/// A created token.
pub struct CreatedToken {
    /// The secret, in clear text.
    pub token: String,
    pub id: String,
}

async fn ask(actor: &Actor, input: Value) -> Answer {
    let document = "mutation ($input: CreatePersonalAccessTokenInput!) { createPersonalAccessToken(input: $input) \
                    { token personalAccessToken { id name permissions { name } createdAt expiresAt isExpired lastUsedAt } } }";
    actor.gql_with(document, json!({ "input": input })).await
}

/// Creates a token with these permissions.
pub async fn create(actor: &Actor, permissions: &[&str]) -> CreatedToken {
    let answer = ask(actor, json!({ "name": "CI", "permissions": permissions })).await.ok();
    let text = |pointer: &str| answer.at(pointer).as_str().unwrap().to_owned();
    CreatedToken {
        token: text("/data/createPersonalAccessToken/token"),
        id: text("/data/createPersonalAccessToken/personalAccessToken/id"),
    }
}

/// An actor with a new token of `owner` with these permissions.
pub async fn script(owner: &Actor, permissions: &[&str]) -> Actor {
    owner.bearing(&create(owner, permissions).await.token)
}

async fn revoke(actor: &Actor, id: &str) -> Answer {
    let document = "mutation ($id: ID!) { revokePersonalAccessToken(input: { personalAccessTokenId: $id }) { personalAccessToken { id } effectiveAt } }";
    actor.gql_with(document, json!({ "id": id })).await
}

/// The caller's tokens, newest first.
pub async fn list(actor: &Actor) -> Vec<Value> {
    let document = "{ me { personalAccessTokens(first: 100) { edges { node { id name permissions { name } isExpired isCurrent \
                    lastUsedAt lastUsedAddress } } } } }";
    let answer = actor.gql(document).await.ok();
    answer
        .at("/data/me/personalAccessTokens/edges")
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["node"].clone())
        .collect()
}

/// Whether the server accepts the actor's token. An invalid token must fail the whole request.
async fn is_accepted(actor: &Actor) -> bool {
    let answer = actor.gql("{ me { id } serverInfo { version } }").await;
    assert!(
        answer.status == 401 && answer.at("/data").is_null() || answer.at("/data/me/id").is_string(),
        "{answer:#?}"
    );
    answer.status != 401
}

fn advance(server: &Server, time: chrono::TimeDelta) {
    server.app.accounts().clock.advance(time);
}
