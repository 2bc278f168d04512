//! `token.claims`: claims that access tokens carry from the user's profile.

use fieldguard::config::{Claims, Config};
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::parts;
use crate::{
    actor::{Actor, PASSWORD},
    app::each_with,
    command_line::program::Program,
};

const CLAIMS: &str =
    "name=displayName,zoneinfo=timeZone,plan=metadata.plan,tenant=adminMetadata.tenant,picture=avatarUrl";

fn with_claims(config: &mut Config) {
    config.token.claims = CLAIMS.parse::<Claims>().unwrap();
}

/// The access token and the refresh token of a new session.
async fn sign_in(actor: &Actor) -> (String, String) {
    let document = "mutation ($input: LoginInput!) { it: login(input: $input) { accessToken refreshToken } }";
    tokens(actor, document, json!({ "username": "bob", "password": PASSWORD })).await
}

async fn refresh(actor: &Actor, token: &str) -> (String, String) {
    let document = "mutation ($input: RefreshInput!) { it: refresh(input: $input) { accessToken refreshToken } }";
    tokens(actor, document, json!({ "refreshToken": token })).await
}

async fn tokens(actor: &Actor, document: &str, input: Value) -> (String, String) {
    let answer = actor.signed_out().gql_with(document, json!({ "input": input })).await.ok();
    let text = |pointer| answer.at(pointer).as_str().unwrap().to_owned();
    (text("/data/it/accessToken"), text("/data/it/refreshToken"))
}

/// The configured claims of the token.
fn claims(token: &str) -> Value {
    let (_, claims) = parts(token);
    let configured = ["name", "zoneinfo", "plan", "tenant", "picture"].into_iter();
    configured
        .filter_map(|name| Some((name.to_owned(), claims.get(name)?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

async fn update(admin: &Actor, user: &Actor, change: Value) {
    let document = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }";
    let mut input = change;
    input["userId"] = json!(user.id);
    admin.gql_with(document, json!({ "input": input })).await.ok();
}

#[on_each_database]
async fn access_tokens_carry_configured_claims_of_the_profile() {
    each_with(with_claims, async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        assert_eq!(claims(bob.token.as_deref().unwrap()), json!({}), "a user without a profile");
        let metadata = json!({ "plan": { "name": "pro" }, "tenant": "evil", "other": 1 });
        let change = json!({ "displayName": "Bob", "metadata": metadata, "adminMetadata": { "tenant": "acme" } });
        update(&ada, &bob, change).await;
        let (access, refresh_token) = sign_in(&bob).await;
        let expected = json!({ "name": "Bob", "plan": { "name": "pro" }, "tenant": "acme" });
        assert_eq!(claims(&access), expected);
        let (_, all) = parts(&access);
        assert_eq!((&all["sub"], &all["roles"]), (&json!(bob.id), &json!(["user"])));
        for _ in 0..2 {
            // The second request uses the remembered token.
            bob.bearing(&access).gql("{ me { id } }").await.ok();
        }
        let long = format!("https://example.org/{}", "a".repeat(300));
        let change = json!({ "displayName": "Robert", "timeZone": "UTC", "metadata": null, "avatarUrl": long });
        update(&ada, &bob, change).await;
        let (access, _) = refresh(&bob, &refresh_token).await;
        assert_eq!(claims(&access), json!({ "name": "Robert", "zoneinfo": "UTC", "tenant": "acme" }));
        bob.bearing(&access).gql("{ me { id } }").await.ok();
    })
    .await;
}

#[on_each_database]
async fn access_tokens_carry_no_profile_by_default() {
    each_with(
        |_| {},
        async |server| {
            let (ada, bob) = (server.admin().await, server.user("bob").await);
            update(&ada, &bob, json!({ "displayName": "Bob" })).await;
            let (_, claims) = parts(&sign_in(&bob).await.0);
            let names: Vec<_> = claims.as_object().unwrap().keys().collect();
            let own =
                ["amr", "aud", "auth_time", "client_id", "exp", "iat", "iss", "jti", "nbf", "roles", "sid", "sub"];
            assert_eq!(names, own);
        },
    )
    .await;
}

#[test]
fn reserved_claims_and_unknown_sources_stop_the_start() {
    for (claims, part) in [
        ("{ sub = 'displayName' }", "`sub`, which is reserved"),
        ("{ roles = 'adminMetadata.roles' }", "`roles`, which is reserved"),
        ("{ mail = 'email' }", "the sources are `displayName`, `locale`"),
        ("['name']", "must be a table"),
        ("{ name = 5 }", "must be a table of strings"),
    ] {
        let program = Program::new();
        std::fs::write(program.directory().join("fieldguard.toml"), format!("[token]\nclaims = {claims}\n")).unwrap();
        let ended = program.run(&["serve"]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains("`token.claims`") && ended.err.contains(part), "{claims}: {ended:?}");
    }
    let program = Program::new();
    std::fs::write(program.directory().join("fieldguard.toml"), "[token.claims]\nplan = 'metadata.plan'\n").unwrap();
    let shown = program.run(&["config", "show"]).ok();
    assert!(shown.contains(r#"claims = { "plan" = "metadata.plan" } # fieldguard.toml line 1"#), "{shown}");
}
