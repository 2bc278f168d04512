//! The strength check of new passwords runs after every cheap check and on the hashing threads. A request that is
//! rejected for another reason does not cause one.

use chrono::TimeDelta;
use fieldguard::{
    auth::hasher::{Claim, Place},
    config::{Config, Registration},
};
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{Server, each, each_with},
};

/// Long enough, but easily guessed.
const WEAK: &str = "passwordpassword";
const HOME: &str = "198.51.100.1";
const REGISTER: &str = "mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }";
const RESET: &str = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { id } } }";
const CHANGE: &str = "mutation ($input: UpdatePasswordInput!) { updatePassword(input: $input) { sessionsRevoked } }";

async fn send(actor: &Actor, document: &str, input: Value) -> Answer {
    let body = json!({ "query": document, "variables": { "input": input } });
    actor.request(|request| request.header("x-forwarded-for", HOME).json(&body)).await
}

async fn register(server: &Server, name: &str, password: &str) -> Answer {
    send(&server.anonymous(), REGISTER, json!({ "username": name, "password": password })).await
}

async fn reset(server: &Server, code: &str, password: &str) -> Answer {
    send(&server.anonymous(), RESET, json!({ "code": code, "newPassword": password })).await
}

async fn change(actor: &Actor, current: &str, new: &str) -> Answer {
    send(actor, CHANGE, json!({ "currentPassword": current, "newPassword": new })).await
}

async fn code(admin: &Actor, user: &str) -> String {
    let document = "mutation ($id: ID!) { issuePasswordReset(input: { userId: $id }) { code } }";
    let issued = admin.gql_with(document, json!({ "id": user })).await.ok();
    issued.at("/data/issuePasswordReset/code").as_str().unwrap().to_owned()
}

/// Reserves every place in the queue of the hashing threads.
fn all_places(server: &Server) -> Vec<Place> {
    std::iter::from_fn(|| server.app.accounts().hasher.reserve(Claim::KNOWN).ok()).collect()
}

fn three_registrations_per_hour(config: &mut Config) {
    config.trusted_proxies = "127.0.0.1".parse().unwrap();
    config.limits.registrations_per_hour = 3;
}

#[on_each_database]
async fn password_strength_check_needs_a_place_in_the_queue() {
    each(async |server| {
        let (ada, bob, eve) = (server.admin().await, server.user("bob").await, server.user("eve").await);
        let code = code(&ada, &bob.id).await;
        let places = all_places(server);
        for answer in
            [register(server, "zoe", WEAK).await, reset(server, &code, WEAK).await, change(&eve, PASSWORD, WEAK).await]
        {
            assert_eq!(answer.codes(), ["SERVICE_UNAVAILABLE"], "{answer:#?}");
        }
        drop(places);
        for (answer, field) in [
            (register(server, "zoe", WEAK).await, "password"),
            (reset(server, &code, WEAK).await, "newPassword"),
            (change(&eve, PASSWORD, WEAK).await, "newPassword"),
        ] {
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{answer:#?}");
            assert_eq!(answer.at("/errors/0/extensions/field"), field);
        }
        reset(server, &code, "a short swim in the lake").await.ok();
    })
    .await;
}

#[on_each_database]
async fn cheap_rejections_need_no_place_in_the_queue() {
    each(async |server| {
        server.user("bob").await;
        let _places = all_places(server);
        let wrong = reset(server, "x", PASSWORD).await;
        assert_eq!(wrong.codes(), ["INVALID_CREDENTIALS"]);
        for password in ["", WEAK, &"x".repeat(10_000)] {
            let unused = format!("fg_pr_{}", "A".repeat(43));
            for code in ["x", &unused] {
                assert_eq!(reset(server, code, password).await.text, wrong.text, "{code}");
            }
        }
        assert_eq!(register(server, "zoe", "short").await.at("/errors/0/extensions/field"), "password");
        assert_eq!(register(server, "a", WEAK).await.at("/errors/0/extensions/field"), "username");
        assert_eq!(register(server, "root", WEAK).await.at("/errors/0/extensions/field"), "username");
        assert_eq!(register(server, "bob", WEAK).await.codes(), ["CONFLICT"]);
    })
    .await;
}

#[on_each_database]
async fn closed_registration_checks_no_password() {
    each_with(
        |config| config.registration = Registration::Closed,
        async |server| {
            let _places = all_places(server);
            for password in [WEAK, PASSWORD, ""] {
                assert_eq!(register(server, "zoe", password).await.codes(), ["FORBIDDEN"], "{password}");
            }
        },
    )
    .await;
}

#[on_each_database]
async fn wrong_current_password_is_reported_before_the_new_one_is_checked() {
    each(async |server| {
        let bob = server.user("bob").await;
        for new in ["short", WEAK, "a short swim in the lake"] {
            assert_eq!(change(&bob, "a wrong password indeed", new).await.codes(), ["INVALID_CREDENTIALS"], "{new}");
            server.app.accounts().clock.advance(TimeDelta::seconds(5));
        }
        change(&bob, PASSWORD, "a short swim in the lake").await.ok();
    })
    .await;
}

#[on_each_database]
async fn weak_password_counts_as_a_tenth_of_a_registration() {
    each_with(three_registrations_per_hour, async |server| {
        for attempt in 0..10 {
            assert_eq!(register(server, "zoe", WEAK).await.codes(), ["BAD_USER_INPUT"], "{attempt}");
        }
        register(server, "zoe", PASSWORD).await.ok();
        register(server, "bob", PASSWORD).await.ok();
        for password in [WEAK, PASSWORD] {
            let refused = register(server, "eve", password).await;
            assert_eq!(refused.codes(), ["RATE_LIMITED"]);
            assert_eq!(refused.at("/errors/0/extensions/retryAfter"), 1_200);
        }
        assert_eq!(server.app.accounts().metrics().hashes, 2, "rejected registrations are not hashed");
    })
    .await;
}

#[on_each_database]
async fn registration_without_a_place_is_not_counted() {
    each_with(three_registrations_per_hour, async |server| {
        let places = all_places(server);
        for attempt in 0..10 {
            assert_eq!(register(server, "zoe", PASSWORD).await.codes(), ["SERVICE_UNAVAILABLE"], "{attempt}");
        }
        drop(places);
        for name in ["zoe", "bob", "eve"] {
            register(server, name, PASSWORD).await.ok();
        }
        assert_eq!(register(server, "joe", PASSWORD).await.codes(), ["RATE_LIMITED"]);
    })
    .await;
}
