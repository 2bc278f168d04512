//! Personal access tokens: what scripts act by in the place of a person.

mod end;
mod limits;
mod reach;
mod used;

use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer},
    app::Server,
};

/// A token that was made.
pub struct Made {
    /// In the clear.
    pub token: String,
    pub id: String,
}

/// Asks for a token.
async fn ask(actor: &Actor, input: Value) -> Answer {
    let document = "mutation ($input: CreatePersonalAccessTokenInput!) { createPersonalAccessToken(input: $input) \
                    { token personalAccessToken { id name permissions { name } createdAt expiresAt isExpired lastUsedAt } } }";
    actor.gql_with(document, json!({ "input": input })).await
}

/// Makes a token with these permissions.
pub async fn create(actor: &Actor, permissions: &[&str]) -> Made {
    let answer = ask(actor, json!({ "name": "CI", "permissions": permissions })).await.ok();
    let text = |pointer: &str| answer.at(pointer).as_str().unwrap().to_owned();
    Made {
        token: text("/data/createPersonalAccessToken/token"),
        id: text("/data/createPersonalAccessToken/personalAccessToken/id"),
    }
}

/// Whoever acts by a new token of `owner` with these permissions.
pub async fn script(owner: &Actor, permissions: &[&str]) -> Actor {
    owner.bearing(&create(owner, permissions).await.token)
}

async fn revoke(actor: &Actor, id: &str) -> Answer {
    let document = "mutation ($id: ID!) { revokePersonalAccessToken(input: { personalAccessTokenId: $id }) { personalAccessToken { id } effectiveAt } }";
    actor.gql_with(document, json!({ "id": id })).await
}

/// The tokens of the caller's account, the newest first.
pub async fn list(actor: &Actor) -> Vec<Value> {
    let document = "{ me { personalAccessTokens(first: 100) { edges { node { id name permissions { name } isExpired isCurrent \
                    lastUsedAt lastUsedAddress } } } } }";
    let answer = actor.gql(document).await.ok();
    answer.at("/data/me/personalAccessTokens/edges").as_array().unwrap().iter().map(|it| it["node"].clone()).collect()
}

/// Does the server still take what `actor` shows? It never answers as if nothing had been shown.
async fn is_good(actor: &Actor) -> bool {
    let answer = actor.gql("{ me { id } serverInfo { version } }").await;
    assert!(
        answer.status == 401 && answer.at("/data").is_null() || answer.at("/data/me/id").is_string(),
        "{answer:#?}"
    );
    answer.status != 401
}

fn wait(server: &Server, time: chrono::TimeDelta) {
    server.app.accounts().clock.advance(time);
}
