//! Keys over their lives, as clients and other services see them: rotated, expired, retired, published.

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

/// Lets the server sign with another key now; for the `kid` of it and of the one before.
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

async fn refused(actor: &Actor) {
    let answer = actor.gql("{ serverInfo { version } }").await;
    assert_eq!((answer.status, answer.codes()), (StatusCode::UNAUTHORIZED, vec!["UNAUTHENTICATED"]), "{answer:#?}");
}

#[on_each_database]
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
        clock.advance(TimeDelta::seconds(15));
        assert_eq!(published(server).await, [new]);
    })
    .await;
}

#[on_each_database]
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

#[on_each_database]
async fn a_retired_key_ends_at_once_even_for_tokens_the_server_remembers() {
    each(async |server| {
        let accounts = server.app.accounts();
        let before = server.user("bob").await;
        before.gql(ME).await.ok();
        let (new, former) = rotate(server).await;
        before.gql(ME).await.ok();
        accounts.keyring.retire(&former).await.unwrap();
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

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
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

    let (newer, _) = rotate(&one).await;
    let latest = one.anonymous().login("bob").await;
    at_other(&latest).gql(ME).await.ok();

    let accounts = one.app.accounts();
    accounts.keyring.retire(&former).await.unwrap();
    other.app.accounts().follow_keys().await.unwrap();
    refused(&at_other(&bob)).await;
    at_other(&later).gql(ME).await.ok();
    assert_eq!(kid(&other.anonymous().login("bob").await), newer);
}

/// Three servers on one database, with clocks that are set together.
async fn replicas() -> Option<[Server; 3]> {
    let database = Database::postgres().await?;
    let beside = || {
        let mut beside = Database::sqlite();
        beside.url.clone_from(&database.url);
        beside
    };
    let (two, three) = (beside(), beside());
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

/// Lets a server do what it does twice a second.
async fn follow(server: &Server) {
    server.app.accounts().follow_keys().await.unwrap();
}

/// Whether the keys that a server has accept the token. It does not look for another key.
fn accepts(server: &Server, actor: &Actor) -> bool {
    let accounts = server.app.accounts();
    accounts.tokens.verify(actor.token.as_deref().unwrap(), accounts.clock.now()).is_ok()
}

#[on_each_database]
async fn a_new_key_is_published_and_accepted_for_two_seconds_before_it_signs() {
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
async fn no_replica_meets_a_token_whose_key_it_does_not_know() {
    let Some(servers) = replicas().await else { return };
    servers[0].user("bob").await;
    let mut kids = Vec::new();
    for round in 0..20 {
        let accounts = servers[round % 3].app.accounts();
        kids.push(accounts.keyring.rotate(Start::Announced).await.unwrap().kid);
        // Half a second passes at a time. Each replica follows within it, in another order every time.
        for step in 0..5 {
            for turn in 0..3 {
                let place = (round + step + turn) % 3;
                follow(&servers[place]).await;
                let token = servers[place].anonymous().login("bob").await;
                // Every replica has followed since the last half second began, and this one alone in this one.
                assert!(
                    servers.iter().all(|server| accepts(server, &token)),
                    "round {round}, step {step}, turn {turn}"
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
async fn rotations_that_follow_each_other_closely_all_happen() {
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
async fn a_leaked_key_is_replaced_and_retired_without_a_wait() {
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
        refused(&bob).await;
        assert_eq!(published(server).await, [now.kid.as_str()]);
        accounts.clock.advance(TimeDelta::seconds(10));
        follow(server).await;
        assert_eq!(kid(&server.anonymous().login("bob").await), now.kid);
    })
    .await;
}

#[on_each_database]
async fn a_private_half_is_deleted_once_its_key_signs_no_more() {
    each(async |server| {
        let accounts = server.app.accounts();
        let first = kid(&server.user("bob").await);
        let rotated = accounts.keyring.rotate(Start::Announced).await.unwrap();
        let other =
            App::open(server.app.config().clone(), permission::builtin(), accounts.clock.clone()).await.unwrap();
        assert_eq!(other.accounts().tokens.keys().signing_kid(), first, "a server that starts now signs with it, too");
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
async fn invented_keys_do_not_keep_a_new_one_from_being_found() {
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
        refused(&before).await;
        rotate(&one).await;
        let later = one.anonymous().login("bob").await;
        let valid = Actor::new(other.url("/graphql"), later.token.clone());
        assert!(!accepts(&other, &valid), "the other server has not followed");
        let flood = futures_util::future::join_all((0..50).map(async |number| {
            let invented = invent(100 * (round + 1) + number);
            refused(&invented).await;
        }));
        let asked = async { valid.gql(ME).await.ok() };
        tokio::join!(flood, asked);
    }
}

#[on_each_database]
async fn rotations_at_once_leave_one_key_that_signs() {
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
