//! `importUsers`: people of another system go on with the passwords they have.

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{desk::login, scan};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::each,
};

/// Hashes of the password, made by others: libxcrypt and Python.
const OTHERS: &[&str] = &[
    "$2b$04$abcdefghijklmnopqrstuuoz7c6Ms7VDN7XOQ23dlY9HzXWZjhQ96",
    "$2a$04$abcdefghijklmnopqrstuuoz7c6Ms7VDN7XOQ23dlY9HzXWZjhQ96",
    "$2y$04$abcdefghijklmnopqrstuuoz7c6Ms7VDN7XOQ23dlY9HzXWZjhQ96",
    "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$qFja6QcU4jFNrYrY58M6oJ6PSVwOaVbYxYaY6f1wfQM",
    "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$qFja6QcU4jFNrYrY58M6oJ6PSVwOaVbYxYaY6f1wfQM",
    "pbkdf2_sha256$1000$Zq3saltsaltsalt$oyzaUK+5/jRYw/JP81IP6aYp7mWpUtL+wir2fnW2qzQ=",
    "$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$tEvzsVWLfxD2jEBP7RwlGfI4vxjXvzF9KwG1UCeqVlBwU/515wIKOYmF5VXZfHDSiGHhdhq2xLQgpDcmn8Yt7g",
];

fn argon2(algorithm: Algorithm, memory: u32) -> String {
    let (salt, mut hash) = ([7; 16], [0; 32]);
    let params = Params::new(memory, 1, 1, Some(32)).unwrap();
    Argon2::new(algorithm, Version::V0x13, params).hash_password_into(PASSWORD.as_bytes(), &salt, &mut hash).unwrap();
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    format!("${}$v=19$m={memory},t=1,p=1${salt}${hash}", algorithm.as_str())
}

async fn import(actor: &Actor, users: Value) -> Answer {
    let document = "mutation ($input: ImportUsersInput!) { importUsers(input: $input) \
                    { users { id username email state createdAt lastSignInAt roles { name } } } }";
    actor.gql_with(document, json!({ "input": { "users": users } })).await
}

#[on_each_database]
async fn each_kind_of_hash_signs_in_and_is_made_anew() {
    each(async |server| {
        let ada = server.admin().await;
        let mut hashes: Vec<String> = OTHERS.iter().map(|it| (*it).to_owned()).collect();
        hashes.push(argon2(Algorithm::Argon2i, 8));
        let outdated = hashes.len();
        hashes.push(argon2(Algorithm::Argon2id, 8));
        hashes.push(argon2(Algorithm::Argon2id, 16));
        let row = |(n, hash): (usize, &String)| json!({ "username": format!("user{n}"), "passwordHash": hash });
        import(&ada, hashes.iter().enumerate().map(row).collect()).await.ok();
        let names: Vec<_> = (0..hashes.len()).map(|n| format!("user{n}")).collect();

        let begun = Instant::now();
        let wrong = join_all(names.iter().map(|it| login(server, it, "a long walk by the rivet"))).await;
        assert!(wrong.iter().all(|it| it.codes() == ["INVALID_CREDENTIALS"]), "{wrong:#?}");
        assert!(begun.elapsed() >= Duration::from_secs(1), "its time may tell what hash it was");
        assert_eq!(scan::table(server, "accounts").await.iter().filter(|it| is_new(it)).count(), 3, "ada and two more");

        server.app.accounts().clock.advance(chrono::TimeDelta::seconds(1));
        for (name, old) in names.iter().zip(&hashes).take(outdated) {
            login(server, name, PASSWORD).await.ok();
            let rows = scan::table(server, "accounts").await;
            assert!(!rows.iter().any(|it| it.contains(old)), "{name}");
            login(server, name, PASSWORD).await.ok();
        }
        let rows = scan::table(server, "accounts").await;
        assert_eq!(rows.iter().filter(|it| is_new(it)).count(), hashes.len() + 1, "{rows:#?}");
        for (name, same) in names.iter().zip(&hashes).skip(outdated) {
            login(server, name, PASSWORD).await.ok();
            assert!(
                scan::table(server, "accounts").await.iter().any(|it| it.contains(same)),
                "{name} was strong enough"
            );
        }
        let store = &server.app.accounts().store;
        assert!(!fieldguard::store::users::any_imported_hash(store).await.unwrap(), "nothing is left to conceal");
    })
    .await;
}

fn is_new(row: &str) -> bool {
    row.contains("$argon2id$v=19$m=")
}

#[on_each_database]
async fn accounts_come_over_as_they_were() {
    each(async |server| {
        let ada = server.admin().await;
        let answer = import(
            &ada,
            json!([
                { "username": "Zoe", "email": "zoe@example.org", "passwordHash": OTHERS[0], "createdAt": "2019-05-06T07:08:09Z" },
                { "username": "bob", "passwordHash": OTHERS[0], "disabled": true },
            ]),
        )
        .await
        .ok();
        let users = answer.at("/data/importUsers/users");
        let expected = json!([
            {
                "id": users[0]["id"], "username": "Zoe", "email": "zoe@example.org", "state": "ACTIVE",
                "createdAt": "2019-05-06T07:08:09+00:00", "lastSignInAt": null, "roles": [{ "name": "user" }],
            },
            {
                "id": users[1]["id"], "username": "bob", "email": null, "state": "DISABLED",
                "createdAt": "2027-01-15T08:00:00+00:00", "lastSignInAt": null, "roles": [{ "name": "user" }],
            },
        ]);
        assert_eq!(users, &expected);
        login(server, "zoe", PASSWORD).await.ok();
        assert_eq!(login(server, "bob", PASSWORD).await.codes(), ["INVALID_CREDENTIALS"]);
        let answer = ada.gql("{ users(first: 1) { edges { node { username } } } }").await.ok();
        assert_eq!(answer.at("/data/users/edges/0/node/username"), "Zoe", "the list is in the order of making");
    })
    .await;
}

#[on_each_database]
async fn one_bad_row_and_nobody_is_imported() {
    each(async |server| {
        let (ada, _bob) = (server.admin().await, server.user("bob").await);
        let good = |name: &str| json!({ "username": name, "passwordHash": OTHERS[0] });
        let with = |key: &str, value: &str| {
            let mut row = good("last.one");
            row[key] = json!(value);
            row
        };
        let before = scan::table(server, "accounts").await;
        let expensive = "$2b$15$abcdefghijklmnopqrstuuoz7c6Ms7VDN7XOQ23dlY9HzXWZjhQ96";
        for (rows, code, field) in [
            (vec![good("one"), with("passwordHash", expensive)], "BAD_USER_INPUT", "users.1.passwordHash"),
            (vec![good("one"), with("passwordHash", PASSWORD)], "BAD_USER_INPUT", "users.1.passwordHash"),
            (vec![with("username", "x"), good("one")], "BAD_USER_INPUT", "users.0.username"),
            (vec![good("one"), with("email", "nonsense")], "BAD_USER_INPUT", "users.1.email"),
            (vec![good("one"), with("createdAt", "2027-01-15T08:00:01Z")], "BAD_USER_INPUT", "users.1.createdAt"),
            (vec![good("one"), with("createdAt", "1969-12-31T23:59:59Z")], "BAD_USER_INPUT", "users.1.createdAt"),
            (vec![good("one"), with("username", "BOB")], "CONFLICT", "users.1.username"),
            (vec![good("one"), good("two"), good("ONE")], "CONFLICT", "users.2.username"),
            (
                vec![with("email", "a@example.org"), {
                    let mut it = with("email", "A@example.org");
                    it["username"] = json!("zed");
                    it
                }],
                "CONFLICT",
                "users.1.email",
            ),
            (vec![good("one"); 101], "BAD_USER_INPUT", "users"),
        ] {
            let refused = import(&ada, json!(rows)).await;
            assert_eq!(refused.codes(), [code], "{field}: {refused:#?}");
            assert_eq!(refused.at("/errors/0/extensions/field"), field);
            for secret in [OTHERS[0], expensive, PASSWORD] {
                assert!(!refused.text.contains(secret), "{}", refused.text);
            }
        }
        assert_eq!(scan::table(server, "accounts").await, before);
        let many: Vec<_> = (0..100).map(|n| good(&format!("user{n}"))).collect();
        import(&ada, json!(many)).await.ok();
        assert_eq!(scan::table(server, "accounts").await.len(), before.len() + 100);
    })
    .await;
}
