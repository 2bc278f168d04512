//! The lifecycle of signing keys as clients and other services see it: rotation, expiry, retirement, publication.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use fieldguard::{
    accounts::keyring::{Error, Start, State},
    app::App,
    domain::permission,
};
use fieldguard_test_macros::{needs, on_each_database};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    actor::Actor,
    app::{Server, each, settings},
    database::Database,
};

const ME: &str = "{ me { username } }";

/// Rotates the signing key with immediate effect. Returns the `kid` of the new key and of the former one.
async fn rotate(server: &Server) -> (String, String) {
    let accounts = server.app.accounts();
    let rotated = accounts.keyring.rotate(Start::AtOnce).await.unwrap();
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

async fn assert_unauthenticated(actor: &Actor) {
    let answer = actor.gql("{ serverInfo { version } }").await;
    assert_eq!((answer.status, answer.codes()), (StatusCode::UNAUTHORIZED, vec!["UNAUTHENTICATED"]), "{answer:#?}");
}

#[on_each_database]
async fn former_key_verifies_until_its_last_token_expires_then_disappears() {
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
        assert_unauthenticated(&before).await;
        assert_eq!(published(server).await.len(), 2, "a server that learned of the new key late may have signed later");
        clock.advance(TimeDelta::seconds(15));
        assert_eq!(published(server).await, [new]);
    })
    .await;
}

#[on_each_database]
async fn successive_former_keys_all_verify() {
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
        assert_eq!(published[0], kids[0], "the signing key comes first");
        assert!(published.len() == 4 && kids.iter().all(|kid| published.contains(kid)));
    })
    .await;
}

#[on_each_database]
async fn retired_key_stops_verifying_even_cached_tokens_immediately() {
    each(async |server| {
        let accounts = server.app.accounts();
        let before = server.user("bob").await;
        before.gql(ME).await.ok();
        let (new, former) = rotate(server).await;
        before.gql(ME).await.ok();
        accounts.keyring.retire(&former).await.unwrap();
        accounts.follow_keys().await.unwrap();
        assert_unauthenticated(&before).await;
        assert_eq!(published(server).await, [new.as_str()]);
        let after = server.anonymous().login("bob").await;
        assert_eq!(kid(&after), new);
        after.gql(ME).await.ok();
        accounts.reload_keys().await.unwrap();
        assert_unauthenticated(&before).await;
    })
    .await;
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn replica_reloads_keys_for_an_unknown_kid() {
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
    assert_eq!(kid(&other.anonymous().login("bob").await), new, "the other replica signs with the new key");

    let (newer, _) = rotate(&one).await;
    let latest = one.anonymous().login("bob").await;
    at_other(&latest).gql(ME).await.ok();

    let accounts = one.app.accounts();
    accounts.keyring.retire(&former).await.unwrap();
    other.app.accounts().follow_keys().await.unwrap();
    assert_unauthenticated(&at_other(&bob)).await;
    at_other(&later).gql(ME).await.ok();
    assert_eq!(kid(&other.anonymous().login("bob").await), newer);
}

/// Three servers on one database. `advance` sets their clocks together.
async fn replicas() -> Option<[Server; 3]> {
    let database = Database::postgres().await?;
    let same_database = || {
        let mut database_handle = Database::sqlite();
        database_handle.url.clone_from(&database.url);
        database_handle
    };
    let (two, three) = (same_database(), same_database());
    Some([
        Server::on(database, settings()).await,
        Server::on(two, settings()).await,
        Server::on(three, settings()).await,
    ])
}

fn advance(servers: &[Server], by: TimeDelta) {
    for server in servers {
        server.app.accounts().clock.advance(by);
    }
}

/// Reloads the keys, as a server does twice a second.
async fn follow(server: &Server) {
    server.app.accounts().follow_keys().await.unwrap();
}

/// Whether the keys that the server has loaded accept the token. Reloads no keys.
fn accepts(server: &Server, actor: &Actor) -> bool {
    let accounts = server.app.accounts();
    accounts.tokens.verify(actor.token.as_deref().unwrap(), accounts.clock.now()).is_ok()
}

#[on_each_database]
async fn announced_key_is_published_for_two_seconds_before_it_signs() {
    each(async |server| {
        let accounts = server.app.accounts();
        let bob = server.user("bob").await;
        let rotated = accounts.keyring.rotate(Start::Announced).await.unwrap();
        assert_eq!(rotated.signs_from, accounts.clock.now() + TimeDelta::seconds(2));
        assert_eq!(rotated.former.as_ref().unwrap().0, kid(&bob));
        follow(server).await;
        assert_eq!(published(server).await, [kid(&bob), rotated.kid.clone()]);
        let states = async || {
            let keys = accounts.keyring.list().await.unwrap();
            keys.into_iter().map(|key| (key.kid, key.state)).collect::<Vec<_>>()
        };
        let next = State::Published(Some(rotated.signs_from));
        assert_eq!(states().await, [(kid(&bob), State::Signing), (rotated.kid.clone(), next)]);

        accounts.clock.advance(TimeDelta::milliseconds(1_999));
        follow(server).await;
        accounts.reload_keys().await.unwrap();
        assert_eq!(kid(&server.anonymous().login("bob").await), kid(&bob));
        accounts.clock.advance(TimeDelta::milliseconds(1));
        follow(server).await;
        assert_eq!(kid(&server.anonymous().login("bob").await), rotated.kid);
        assert_eq!(published(server).await, [rotated.kid.clone(), kid(&bob)]);
        let until = rotated.former.unwrap().1;
        assert_eq!(states().await, [(rotated.kid, State::Signing), (kid(&bob), State::Verifying(until))]);
        bob.gql(ME).await.ok();
    })
    .await;
}

#[tokio::test]
async fn replicas_know_every_announced_key_before_it_signs() {
    let Some(servers) = replicas().await else { return };
    servers[0].user("bob").await;
    let mut kids = Vec::new();
    for round in 0..20 {
        let accounts = servers[round % 3].app.accounts();
        kids.push(accounts.keyring.rotate(Start::Announced).await.unwrap().kid);
        // Each step is half a second. Each replica reloads its keys once in each step, in a different order every time.
        for step in 0..5 {
            for position in 0..3 {
                let index = (round + step + position) % 3;
                follow(&servers[index]).await;
                let token = servers[index].anonymous().login("bob").await;
                // At this point every replica has reloaded since the previous step began.
                assert!(
                    servers.iter().all(|server| accepts(server, &token)),
                    "round {round}, step {step}, position {position}"
                );
            }
            advance(&servers, TimeDelta::milliseconds(500));
        }
        for server in &servers {
            follow(server).await;
            assert_eq!(kid(&server.anonymous().login("bob").await), kids[round]);
        }
    }
}

#[on_each_database]
async fn rotations_in_quick_succession_all_take_effect() {
    each(async |server| {
        let accounts = server.app.accounts();
        server.user("bob").await;
        let mut rotated = Vec::new();
        for _ in 0..5 {
            rotated.push(accounts.keyring.rotate(Start::Announced).await.unwrap());
            accounts.clock.advance(TimeDelta::milliseconds(500));
        }
        for _ in 0..5 {
            follow(server).await;
            let signs = kid(&server.anonymous().login("bob").await);
            let due = rotated.iter().rev().find(|rotation| rotation.signs_from <= accounts.clock.now()).unwrap();
            assert_eq!(signs, due.kid);
            accounts.clock.advance(TimeDelta::milliseconds(500));
        }
        follow(server).await;
        assert_eq!(kid(&server.anonymous().login("bob").await), rotated[4].kid);
    })
    .await;
}

#[on_each_database]
async fn leaked_key_can_be_replaced_and_retired_immediately() {
    each(async |server| {
        let accounts = server.app.accounts();
        let bob = server.user("bob").await;
        let next = accounts.keyring.rotate(Start::Announced).await.unwrap();
        let retire = async |kid: &str| accounts.keyring.retire(kid).await;
        assert!(matches!(retire(&kid(&bob)).await, Err(Error::SignsUntil(at)) if at == next.signs_from));
        assert!(matches!(retire(&next.kid).await, Err(Error::WillSign(at)) if at == next.signs_from));
        let now = accounts.keyring.rotate(Start::AtOnce).await.unwrap();
        assert!(matches!(retire(&now.kid).await, Err(Error::Signs)));
        for leaked in [kid(&bob), next.kid] {
            retire(&leaked).await.unwrap();
        }
        follow(server).await;
        assert_unauthenticated(&bob).await;
        assert_eq!(published(server).await, [now.kid.as_str()]);
        accounts.clock.advance(TimeDelta::seconds(10));
        follow(server).await;
        assert_eq!(kid(&server.anonymous().login("bob").await), now.kid);
    })
    .await;
}

#[on_each_database]
async fn private_key_is_deleted_when_its_key_stops_signing() {
    each(async |server| {
        let accounts = server.app.accounts();
        let first = kid(&server.user("bob").await);
        let rotated = accounts.keyring.rotate(Start::Announced).await.unwrap();
        let other =
            App::open(server.app.config().clone(), permission::builtin(), accounts.clock.clone()).await.unwrap();
        assert_eq!(
            other.accounts().tokens.keys().signing_kid(),
            first,
            "a server that starts now signs with the first key too"
        );
        accounts.clock.advance(TimeDelta::seconds(2));
        follow(server).await;
        let rows = fieldguard::store::signing_keys::all(&accounts.store).await.unwrap();
        let row = rows.iter().find(|row| row.kid == first).unwrap();
        assert!(row.private_key.is_empty() && row.kid != rotated.kid);
        let data = server.database.directory.path().join("data");
        assert!(!data.join("signing-key.pem").exists());
        let other =
            App::open(server.app.config().clone(), permission::builtin(), accounts.clock.clone()).await.unwrap();
        assert_eq!(other.accounts().tokens.keys().signing_kid(), rotated.kid);
    })
    .await;
}

#[tokio::test]
async fn unknown_kids_do_not_prevent_loading_a_new_key() {
    let Some([one, other, _third]) = replicas().await else { return };
    let bob = one.user("bob").await;
    let (header, rest) = bob.token.as_deref().unwrap().split_once('.').unwrap();
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let invent = |number: usize| {
        let header = header.replace(&kid(&bob), &format!("invented-{number}"));
        Actor::new(other.url("/graphql"), Some(format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))))
    };
    for round in 0..5 {
        let before = invent(round);
        assert_unauthenticated(&before).await;
        rotate(&one).await;
        let later = one.anonymous().login("bob").await;
        let valid = Actor::new(other.url("/graphql"), later.token.clone());
        assert!(!accepts(&other, &valid), "the other server has not reloaded its keys");
        let flood = futures_util::future::join_all((0..50).map(async |number| {
            let invented = invent(100 * (round + 1) + number);
            assert_unauthenticated(&invented).await;
        }));
        let asked = async { valid.gql(ME).await.ok() };
        tokio::join!(flood, asked);
    }
}

#[on_each_database]
async fn concurrent_rotations_leave_one_signing_key() {
    each(async |server| {
        let accounts = server.app.accounts();
        let before = server.user("bob").await;
        let rotations: Vec<_> = (0..8)
            .map(|_| {
                tokio::spawn({
                    let accounts = accounts.clone();
                    async move { accounts.keyring.rotate(Start::Announced).await }
                })
            })
            .collect();
        let mut done = 0;
        for rotation in rotations {
            done += usize::from(rotation.await.unwrap().is_ok());
        }
        accounts.clock.advance(TimeDelta::seconds(2));
        let keys = accounts.keyring.list().await.unwrap();
        assert_eq!(keys.len(), done + 1);
        assert_eq!(keys.iter().filter(|key| key.state == State::Signing).count(), 1);
        accounts.reload_keys().await.unwrap();
        before.gql(ME).await.ok();
        server.anonymous().login("bob").await.gql(ME).await.ok();
    })
    .await;
}

#[on_each_database]
async fn published_documents_have_cache_control_and_etag() {
    each(async |server| {
        for (path, cache) in [
            ("/.well-known/jwks.json", "public, no-cache"),
            ("/.well-known/openid-configuration", "public, max-age=60"),
        ] {
            let full = fetch(server, path).await;
            assert_eq!(full.headers()[header::CACHE_CONTROL], cache);
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
                assert_eq!(same.headers()[header::CACHE_CONTROL], cache);
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
async fn openid_configuration_lists_only_supported_features() {
    let server = Server::with(|config| config.public_url = Some("https://id.example/auth".parse().unwrap())).await;
    let configuration: Value = fetch(&server, "/.well-known/openid-configuration").await.json().await.unwrap();
    assert_eq!(
        configuration,
        json!({
            "issuer": "https://id.example/auth",
            "jwks_uri": "https://id.example/auth/.well-known/jwks.json",
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "access_token_signing_alg_values_supported": ["ES256"],
        })
    );
    let bob = server.user("bob").await;
    assert_eq!(crate::tokens::parts(bob.token.as_deref().unwrap()).1["iss"], configuration["issuer"]);
}
