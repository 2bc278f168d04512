//! Keys over their lives, as clients and other services see them: rotated, expired, retired, published.

use chrono::TimeDelta;
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    actor::Actor,
    app::{Server, each, settings},
    database::Database,
};

const ME: &str = "{ me { username } }";

/// Lets the server sign with another key; for the `kid` of it and of the one before.
async fn rotate(server: &Server) -> (String, String) {
    let accounts = server.app.accounts();
    let rotated = accounts.keyring.rotate(accounts.clock.now()).await.unwrap();
    accounts.reload_keys().await.unwrap();
    (rotated.kid, rotated.former.unwrap().0)
}

async fn fetch(server: &Server, path: &str) -> Response {
    reqwest::get(server.url(path)).await.unwrap().error_for_status().unwrap()
}

async fn published(server: &Server) -> Vec<String> {
    let jwks: Value = fetch(server, "/.well-known/jwks.json").await.json().await.unwrap();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(actor: &Actor) -> String {
    crate::tokens::parts(actor.token.as_deref().unwrap()).0["kid"].as_str().unwrap().to_owned()
}

async fn refused(actor: &Actor) {
    let answer = actor.gql("{ serverInfo { version } }").await;
    assert_eq!((answer.status, answer.codes()), (StatusCode::UNAUTHORIZED, vec!["UNAUTHENTICATED"]), "{answer:#?}");
}

#[tokio::test]
async fn a_former_key_verifies_until_its_last_token_has_expired_and_goes() {
    each(async |server| {
        let clock = &server.app.accounts().clock;
        let before = server.user("bob").await;
        before.gql(ME).await.ok();
        let (new, former) = rotate(server).await;
        assert_eq!(kid(&before), former);
        let after = server.anonymous().login("bob").await;
        assert_eq!(kid(&after), new, "the new key signs");
        for actor in [&before, &after] {
            actor.gql(ME).await.ok();
        }
        assert_eq!(published(server).await, [new.clone(), former.clone()]);

        clock.advance(TimeDelta::seconds(900 + 4));
        before.gql(ME).await.ok();
        clock.advance(TimeDelta::seconds(1));
        refused(&before).await;
        assert_eq!(published(server).await.len(), 2, "a server that heard of it late may have signed later");
        clock.advance(TimeDelta::seconds(5));
        assert_eq!(published(server).await, [new]);
    })
    .await;
}

#[tokio::test]
async fn every_key_in_a_row_verifies_for_its_time() {
    each(async |server| {
        let mut actors = vec![server.user("bob").await];
        for _ in 0..3 {
            rotate(server).await;
            server.app.accounts().clock.advance(TimeDelta::minutes(1));
            actors.push(server.anonymous().login("bob").await);
        }
        for actor in &actors {
            actor.gql(ME).await.ok();
        }
        let kids: Vec<_> = actors.iter().rev().map(kid).collect();
        let published = published(server).await;
        assert_eq!(published[0], kids[0], "the one that signs comes first");
        assert!(published.len() == 4 && kids.iter().all(|it| published.contains(it)));
    })
    .await;
}

#[tokio::test]
async fn a_retired_key_ends_at_once_even_for_tokens_the_server_remembers() {
    each(async |server| {
        let accounts = server.app.accounts();
        let before = server.user("bob").await;
        before.gql(ME).await.ok();
        let (new, former) = rotate(server).await;
        before.gql(ME).await.ok();
        accounts.keyring.retire(&former, accounts.clock.now()).await.unwrap();
        accounts.follow_keys().await.unwrap();
        refused(&before).await;
        assert_eq!(published(server).await, [new.as_str()]);
        let after = server.anonymous().login("bob").await;
        assert_eq!(kid(&after), new);
        after.gql(ME).await.ok();
        accounts.reload_keys().await.unwrap();
        refused(&before).await;
    })
    .await;
}

#[tokio::test]
async fn a_replica_looks_for_a_key_that_it_does_not_know() {
    let Some(database) = Database::postgres().await else { return };
    let mut elsewhere = Database::sqlite();
    elsewhere.url.clone_from(&database.url);
    let one = Server::on(database, settings()).await;
    let other = Server::on(elsewhere, settings()).await;
    let bob = one.user("bob").await;
    let at_other = |actor: &Actor| Actor::new(other.url("/graphql"), actor.token.clone());
    at_other(&bob).gql(ME).await.ok();

    let (new, former) = rotate(&one).await;
    let later = one.anonymous().login("bob").await;
    assert_eq!(kid(&later), new);
    at_other(&later).gql(ME).await.ok();
    at_other(&bob).gql(ME).await.ok();
    assert_eq!(kid(&other.anonymous().login("bob").await), new, "and signs with it");

    // Somebody sends one unknown key after the other: the database is asked once a second.
    let (newer, _) = rotate(&one).await;
    let latest = one.anonymous().login("bob").await;
    refused(&at_other(&latest)).await;
    other.app.accounts().clock.advance(TimeDelta::seconds(1));
    at_other(&latest).gql(ME).await.ok();

    let accounts = one.app.accounts();
    accounts.keyring.retire(&former, accounts.clock.now()).await.unwrap();
    other.app.accounts().follow_keys().await.unwrap();
    refused(&at_other(&bob)).await;
    at_other(&later).gql(ME).await.ok();
    assert_eq!(kid(&other.anonymous().login("bob").await), newer);
}

#[tokio::test]
async fn rotations_at_once_leave_one_key_that_signs() {
    each(async |server| {
        let accounts = server.app.accounts();
        let now = accounts.clock.now();
        let before = server.user("bob").await;
        let rotations: Vec<_> = (0..8)
            .map(|_| {
                tokio::spawn({
                    let accounts = accounts.clone();
                    async move { accounts.keyring.rotate(now).await }
                })
            })
            .collect();
        let mut done = 0;
        for rotation in rotations {
            done += usize::from(rotation.await.unwrap().is_ok());
        }
        let keys = accounts.keyring.list(now).await.unwrap();
        assert_eq!(keys.len(), done + 1);
        assert_eq!(keys.iter().filter(|it| it.state == fieldguard::accounts::keyring::State::Signing).count(), 1);
        accounts.reload_keys().await.unwrap();
        before.gql(ME).await.ok();
        server.anonymous().login("bob").await.gql(ME).await.ok();
    })
    .await;
}

#[tokio::test]
async fn what_is_published_says_how_long_it_holds_and_whether_it_changed() {
    each(async |server| {
        for path in ["/.well-known/jwks.json", "/.well-known/openid-configuration"] {
            let full = fetch(server, path).await;
            assert_eq!(full.headers()[header::CACHE_CONTROL], "public, max-age=60");
            assert_eq!(full.headers()[header::CONTENT_TYPE], "application/json");
            let tag = full.headers()[header::ETAG].to_str().unwrap().to_owned();
            let again = async |tag: &str| {
                let request = reqwest::Client::new().get(server.url(path)).header(header::IF_NONE_MATCH, tag);
                request.send().await.unwrap()
            };
            for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
                let same = again(&known).await;
                assert_eq!(same.status(), StatusCode::NOT_MODIFIED, "{known}");
                assert_eq!(same.headers()[header::ETAG], tag);
                assert_eq!(same.headers()[header::CACHE_CONTROL], "public, max-age=60");
                assert_eq!(same.text().await.unwrap(), "");
            }
            assert_eq!(again("\"another\"").await.status(), StatusCode::OK);
            rotate(server).await;
            let changed = again(&tag).await.status();
            assert_eq!(changed == StatusCode::OK, path.ends_with("jwks.json"), "{path}: {changed}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_configuration_says_what_is_true_and_no_more() {
    let server = Server::with(|config| config.public_url = Some("https://id.example/auth".parse().unwrap())).await;
    let configuration: Value = fetch(&server, "/.well-known/openid-configuration").await.json().await.unwrap();
    assert_eq!(
        configuration,
        json!({
            "issuer": "https://id.example/auth",
            "jwks_uri": "https://id.example/auth/.well-known/jwks.json",
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "access_token_signing_alg_values_supported": ["ES256"],
        })
    );
    let bob = server.user("bob").await;
    assert_eq!(crate::tokens::parts(bob.token.as_deref().unwrap()).1["iss"], configuration["issuer"]);
}
