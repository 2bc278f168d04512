//! Attacks on second factors: replayed and guessed codes, challenges out of place, and ways past the factor.

use chrono::TimeDelta;
use fieldguard::{
    accounts::{error::Error, sign_in::SignInOutcome},
    domain::session::Client,
};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use serde_json::json;

use super::{
    Enrolled, WRONG, challenge, code, code_at, complete, enroll, login, login_with, next_step, sign_in,
    sign_in::for_administrators, text, with_key,
};
use crate::{
    actor::PASSWORD,
    admin::{disable, enable, set_roles},
    app::{Server, each_with},
};

fn now_step(server: &Server) -> i64 {
    server.app.accounts().clock.now().timestamp() / 30
}

#[on_each_database]
async fn code_is_good_once() {
    each_with(with_key, async |server| {
        let Enrolled { secret, .. } = enroll(server, "bob").await;
        let (first, second) = (challenge(server, "bob").await, challenge(server, "bob").await);
        let current = code(server, &secret);
        complete(server, &first, &current).await.ok();
        assert_eq!(complete(server, &second, &current).await.codes(), ["INVALID_CREDENTIALS"]);
        server.wait_out_a_failure();
        let earlier = code_at(now_step(server) - 1, &secret);
        assert_eq!(complete(server, &second, &earlier).await.codes(), ["INVALID_CREDENTIALS"], "an earlier code, too");
        server.app.accounts().clock.advance(TimeDelta::seconds(3));
        complete(server, &second, &code_at(now_step(server) + 1, &secret)).await.ok();
    })
    .await;
}

#[on_each_database(flavor = "multi_thread")]
async fn concurrent_uses_of_one_code_give_one_session() {
    each_with(with_key, async |server| {
        let Enrolled { secret, recovery_codes, .. } = enroll(server, "bob").await;
        let same = challenge(server, "bob").await;
        let others = [challenge(server, "bob").await, challenge(server, "bob").await, challenge(server, "bob").await];
        let current = code(server, &secret);
        let uses = others.iter().chain([&same; 5]).map(|challenge| complete(server, challenge, &current));
        let answers = join_all(uses).await;
        let sessions = answers.iter().filter(|answer| answer.at("/data/it/accessToken").is_string()).count();
        assert_eq!(sessions, 1, "{answers:#?}");

        server.app.accounts().clock.advance(TimeDelta::minutes(1));
        let challenges =
            [challenge(server, "bob").await, challenge(server, "bob").await, challenge(server, "bob").await];
        let uses = challenges.iter().map(|challenge| complete(server, challenge, &recovery_codes[0]));
        let answers = join_all(uses).await;
        let sessions = answers.iter().filter(|answer| answer.at("/data/it/accessToken").is_string()).count();
        assert_eq!(sessions, 1, "{answers:#?}");
    })
    .await;
}

#[on_each_database]
async fn challenge_is_good_for_one_sign_in_and_ten_minutes() {
    each_with(with_key, async |server| {
        let Enrolled { secret, .. } = enroll(server, "bob").await;
        let used = challenge(server, "bob").await;
        complete(server, &used, &code(server, &secret)).await.ok();
        next_step(server);
        assert_eq!(complete(server, &used, &code(server, &secret)).await.codes(), ["INVALID_CHALLENGE"]);
        for unknown in ["", "fg_sc_", "x", &used.replace("fg_sc_", "fg_rt_"), &format!("fg_sc_{}", "A".repeat(43))] {
            assert_eq!(complete(server, unknown, &code(server, &secret)).await.codes(), ["INVALID_CHALLENGE"]);
        }
        let late = challenge(server, "bob").await;
        server.app.accounts().clock.advance(TimeDelta::minutes(10));
        assert_eq!(complete(server, &late, &code(server, &secret)).await.codes(), ["INVALID_CHALLENGE"]);
        sign_in(server, "bob", &secret).await;
    })
    .await;
}

#[on_each_database]
async fn challenge_dies_with_the_password_the_account_and_its_sessions() {
    each_with(with_key, async |server| {
        let (ada, Enrolled { actor: bob, secret, .. }) = (server.admin().await, enroll(server, "bob").await);
        let dead = async |challenge: &str, why: &str| {
            assert_eq!(
                complete(server, challenge, &code(server, &secret)).await.codes(),
                ["INVALID_CHALLENGE"],
                "{why}"
            );
        };
        let pending = challenge(server, "bob").await;
        disable(&ada, &bob.id).await.ok();
        dead(&pending, "disabled").await;
        enable(&ada, &bob.id).await.ok();
        dead(&pending, "enabled again").await;

        let pending = challenge(server, "bob").await;
        let signed_in = text(&sign_in(server, "bob", &secret).await, "/data/it/accessToken");
        let bob = bob.bearing(&signed_in);
        let document = "mutation ($input: UpdatePasswordInput!) { updatePassword(input: $input) { sessionsRevoked } }";
        let input = json!({ "currentPassword": PASSWORD, "newPassword": "a short swim in the lake" });
        bob.gql_with(document, json!({ "input": input })).await.ok();
        dead(&pending, "another password").await;

        let answer = login_with(server, "bob", "a short swim in the lake").await.ok();
        let pending = text(&answer, "/data/it/challenge");
        bob.gql("mutation { logoutEverywhere { sessionsRevoked } }").await.ok();
        dead(&pending, "signed out everywhere").await;

        let answer = login_with(server, "bob", "a short swim in the lake").await.ok();
        let pending = text(&answer, "/data/it/challenge");
        let document = "mutation ($id: ID!) { issuePasswordReset(input: { userId: $id }) { code } }";
        let reset = text(&ada.gql_with(document, json!({ "id": bob.id })).await.ok(), "/data/issuePasswordReset/code");
        dead(&pending, "a reset").await;

        let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { id } } }";
        let input = json!({ "code": reset, "newPassword": "a long swim in the lake" });
        server.anonymous().gql_with(document, json!({ "input": input })).await.ok();
        let answer = login_with(server, "bob", "a long swim in the lake").await.ok();
        assert_eq!(answer.at("/data/it/nextStep"), "SECOND_FACTOR", "a reset doesn't remove the factor");
    })
    .await;
}

#[on_each_database]
async fn challenge_takes_five_wrong_codes() {
    each_with(with_key, async |server| {
        let Enrolled { secret, .. } = enroll(server, "bob").await;
        let pending = challenge(server, "bob").await;
        for _ in 0..5 {
            assert_eq!(complete(server, &pending, WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
            server.app.accounts().clock.advance(TimeDelta::seconds(3));
        }
        assert_eq!(complete(server, &pending, &code(server, &secret)).await.codes(), ["INVALID_CHALLENGE"]);
        sign_in(server, "bob", &secret).await;
    })
    .await;
}

#[on_each_database(flavor = "multi_thread")]
async fn concurrent_guesses_are_counted_exactly() {
    each_with(with_key, async |server| {
        let Enrolled { secret, .. } = enroll(server, "bob").await;
        let mut challenges = Vec::new();
        for _ in 0..20 {
            challenges.push(challenge(server, "bob").await);
        }
        let answers = join_all(challenges.iter().map(|challenge| complete(server, challenge, WRONG))).await;
        let judged = answers.iter().filter(|answer| answer.codes() == ["INVALID_CREDENTIALS"]).count();
        let limited = answers.iter().filter(|answer| answer.codes() == ["RATE_LIMITED"]).count();
        assert_eq!((judged, limited), (1, 19), "{answers:#?}");
        // A right password doesn't allow more guesses.
        let fresh = challenge(server, "bob").await;
        assert_eq!(complete(server, &fresh, &code(server, &secret)).await.codes(), ["RATE_LIMITED"]);
        server.wait_out_a_failure();
        complete(server, &fresh, &code(server, &secret)).await.ok();
    })
    .await;
}

#[on_each_database]
async fn guesses_are_limited_to_a_hundred_whatever_the_password() {
    each_with(with_key, async |server| {
        let Enrolled { secret, .. } = enroll(server, "bob").await;
        let accounts = server.app.accounts();
        let from = Client { ip_address: Some("203.0.113.7".to_owned()), ..Client::default() };
        let guess = async |code: &str| {
            let SignInOutcome::Pending(pending) =
                accounts.login("bob", PASSWORD.to_owned(), from.clone()).await.unwrap()
            else {
                panic!("the second factor is missing")
            };
            accounts.complete_sign_in(&pending.challenge.expose(), code, from.clone()).await
        };
        for number in 0..100 {
            assert!(matches!(guess(WRONG).await, Err(Error::InvalidCode)), "{number}");
            // Longer than any wait before the last: the address is counted, too.
            accounts.clock.advance(TimeDelta::seconds(15));
        }
        assert!(matches!(guess(&code(server, &secret)).await, Err(Error::RateLimited { seconds }) if seconds > 80_000));
        // The user signs in from a known address.
        sign_in(server, "bob", &secret).await;
    })
    .await;
}

#[on_each_database]
async fn password_alone_makes_no_address_known() {
    each_with(with_key, async |server| {
        let Enrolled { actor: bob, .. } = enroll(server, "bob").await;
        let accounts = server.app.accounts();
        let from = Client { ip_address: Some("203.0.113.7".to_owned()), ..Client::default() };
        let pending = accounts.login("bob", PASSWORD.to_owned(), from.clone()).await.unwrap();
        assert!(matches!(pending, SignInOutcome::Pending(_)));
        let network = fieldguard::domain::network::Network::of(&from).unwrap();
        let user = fieldguard::domain::id::UserId::parse(&bob.id).unwrap();
        let known = fieldguard::store::known_addresses::is_known(&accounts.store, user, &network, accounts.clock.now());
        assert!(!known.await.unwrap());
    })
    .await;
}

#[on_each_database]
async fn session_without_a_factor_that_a_role_requires_is_not_extended() {
    each_with(for_administrators, async |server| {
        let Enrolled { actor: ada, .. } = administrator(server).await;
        let bob = server.user("bob").await;
        let before = login(server, "bob").await.ok();
        let refresh = async |answer: &crate::actor::Answer| {
            let document =
                "mutation ($token: String!) { it: refresh(input: { refreshToken: $token }) { refreshToken } }";
            let token = text(answer, "/data/it/refreshToken");
            server.anonymous().gql_with(document, json!({ "token": token })).await
        };
        let before = refresh(&before).await.ok();
        set_roles(&ada, &bob.id, &["user", "admin"]).await.ok();
        let document = "mutation { createPersonalAccessToken(input: { name: \"x\", permissions: [] }) { token } }";
        let refused = bob.gql(document).await;
        assert_eq!(refused.at("/errors/0/extensions/reason"), "SECOND_FACTOR_REQUIRED", "{refused:#?}");
        assert_eq!(refused.at("/errors/0/extensions/requires"), &json!({ "mfa": true }));
        assert_eq!(refresh(&before).await.codes(), ["INVALID_REFRESH_TOKEN"]);
        assert_eq!(login(server, "bob").await.ok().at("/data/it/nextStep"), "ENROLL_SECOND_FACTOR");
    })
    .await;
}

/// The administrator `ada`, who enrolled at sign-in.
pub async fn administrator(server: &Server) -> Enrolled {
    let registration = fieldguard::accounts::register::Registration {
        username: "ada".to_owned(),
        email: None,
        password: PASSWORD.to_owned(),
    };
    server.app.accounts().create_admin(registration).await.unwrap();
    let pending = challenge(server, "ada").await;
    let document = "mutation ($challenge: String!) \
                    { beginTotpEnrollmentAtSignIn(input: { challenge: $challenge }) { secret } }";
    let begun = server.anonymous().gql_with(document, json!({ "challenge": pending })).await.ok();
    let secret = text(&begun, "/data/beginTotpEnrollmentAtSignIn/secret");
    let signed_in = complete(server, &pending, &code(server, &secret)).await.ok();
    next_step(server);
    let mut actor = server.anonymous().bearing(&text(&signed_in, "/data/it/accessToken"));
    actor.id = text(&signed_in, "/data/it/user/id");
    Enrolled { actor, secret, recovery_codes: super::texts(signed_in.at("/data/it/recoveryCodes")) }
}
