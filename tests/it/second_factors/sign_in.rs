//! Sign-ins in several steps, and what sessions know of them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use fieldguard::config::Config;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{
    Enrolled, challenge, code, complete, enroll, login, next_step, require_for, sign_in, text, texts, with_key,
};
use crate::{
    actor::Answer,
    app::{START, Server, each_with},
    sessions::events,
};

fn claims(answer: &Answer) -> Value {
    let token = text(answer, "/data/it/accessToken");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// A server whose administrators need a second factor.
pub fn for_administrators(config: &mut Config) {
    with_key(config);
    require_for(config, "admin");
}

async fn begin_at_sign_in(server: &Server, challenge: &str) -> Answer {
    let document = "mutation ($challenge: String!) \
                    { beginTotpEnrollmentAtSignIn(input: { challenge: $challenge }) { secret url qrCode } }";
    server.anonymous().gql_with(document, json!({ "challenge": challenge })).await
}

#[on_each_database]
async fn sign_in_without_second_factor_takes_one_step() {
    each_with(with_key, async |server| {
        server.user("bob").await;
        let signed_in = login(server, "bob").await.ok();
        assert_eq!(signed_in.at("/data/it/nextStep"), &json!(null));
        assert_eq!(signed_in.at("/data/it/challenge"), &json!(null));
        assert_eq!(signed_in.at("/data/it/session/authenticationMethods"), &json!(["PASSWORD"]));
        assert_eq!(signed_in.at("/data/it/session/authenticatedAt"), "2027-01-15T08:00:00+00:00");
        let claims = claims(&signed_in);
        assert_eq!((&claims["amr"], &claims["auth_time"]), (&json!(["pwd"]), &json!(START)));
    })
    .await;
}

#[on_each_database]
async fn sign_in_with_second_factor_takes_two_steps() {
    each_with(with_key, async |server| {
        let Enrolled { actor: bob, secret, .. } = enroll(server, "bob").await;
        let pending = login(server, "bob").await.ok();
        assert_eq!(pending.at("/data/it/nextStep"), "SECOND_FACTOR");
        assert_eq!(pending.at("/data/it/challengeExpiresAt"), "2027-01-15T08:10:30+00:00");
        for field in
            ["accessToken", "refreshToken", "tokenType", "expiresIn", "expiresAt", "session", "user", "recoveryCodes"]
        {
            assert_eq!(pending.at(&format!("/data/it/{field}")), &json!(null), "{field}");
        }
        assert_eq!(events(&bob).await.len(), 2, "the user is not signed in yet");
        let signed_in = complete(server, &text(&pending, "/data/it/challenge"), &code(server, &secret)).await.ok();
        assert_eq!(signed_in.at("/data/it/nextStep"), &json!(null));
        assert_eq!(signed_in.at("/data/it/user/username"), "bob");
        let methods = json!(["PASSWORD", "ONE_TIME_PASSWORD"]);
        assert_eq!(signed_in.at("/data/it/session/authenticationMethods"), &methods);
        let of_sign_in = claims(&signed_in);
        assert_eq!((&of_sign_in["amr"], &of_sign_in["auth_time"]), (&json!(["pwd", "otp"]), &json!(START + 30)));
        assert_eq!(events(&bob).await[0], "SIGN_IN");

        server.app.accounts().clock.advance(TimeDelta::minutes(10));
        let document = "mutation ($token: String!) { it: refresh(input: { refreshToken: $token }) { accessToken } }";
        let token = text(&signed_in, "/data/it/refreshToken");
        let of_refresh = claims(&server.anonymous().gql_with(document, json!({ "token": token })).await.ok());
        assert_eq!((&of_refresh["amr"], &of_refresh["auth_time"]), (&of_sign_in["amr"], &of_sign_in["auth_time"]));
    })
    .await;
}

#[on_each_database]
async fn code_makes_the_session_fresh() {
    each_with(with_key, async |server| {
        let Enrolled { actor: bob, secret, .. } = enroll(server, "bob").await;
        server.app.accounts().clock.advance(TimeDelta::minutes(5));
        let document = "mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) \
                        { session { authenticationMethods authenticatedAt } } }";
        let reauthenticate = async |input: Value| bob.gql_with(document, json!({ "input": input })).await;
        for input in [json!({}), json!({ "password": "x", "code": "y" })] {
            assert_eq!(reauthenticate(input).await.codes(), ["BAD_USER_INPUT"]);
        }
        assert_eq!(reauthenticate(json!({ "code": super::WRONG })).await.codes(), ["INVALID_CREDENTIALS"]);
        server.wait_out_a_failure();
        let fresh = reauthenticate(json!({ "code": code(server, &secret) })).await.ok();
        let session = fresh.at("/data/reauthenticate/session");
        assert_eq!(session["authenticationMethods"], json!(["PASSWORD", "ONE_TIME_PASSWORD"]));
        assert_eq!(session["authenticatedAt"], "2027-01-15T08:05:31+00:00");
        let carol = server.user("carol").await;
        let refused = carol.gql_with(document, json!({ "input": { "code": "123456" } })).await;
        assert_eq!(refused.codes(), ["CONFLICT"], "she has no second factor");
    })
    .await;
}

#[on_each_database]
async fn role_that_requires_a_second_factor_leads_through_enrollment() {
    each_with(for_administrators, async |server| {
        let ada = fieldguard::accounts::register::Registration {
            username: "ada".to_owned(),
            email: None,
            password: crate::actor::PASSWORD.to_owned(),
        };
        server.app.accounts().create_admin(ada).await.unwrap();
        let pending = login(server, "ada").await.ok();
        assert_eq!(pending.at("/data/it/nextStep"), "ENROLL_SECOND_FACTOR");
        assert_eq!(pending.at("/data/it/accessToken"), &json!(null));
        let challenge_of_ada = text(&pending, "/data/it/challenge");
        let too_early = complete(server, &challenge_of_ada, "123456").await;
        assert_eq!(too_early.codes(), ["INVALID_CREDENTIALS"], "there is no secret yet");
        server.wait_out_a_failure();
        let begun = begin_at_sign_in(server, &challenge_of_ada).await.ok();
        let secret = text(&begun, "/data/beginTotpEnrollmentAtSignIn/secret");
        let signed_in = complete(server, &challenge_of_ada, &code(server, &secret)).await.ok();
        assert_eq!(texts(signed_in.at("/data/it/recoveryCodes")).len(), 10);
        assert_eq!(signed_in.at("/data/it/user/secondFactors"), &json!(["TOTP"]));
        assert_eq!(signed_in.at("/data/it/session/authenticationMethods"), &json!(["PASSWORD", "ONE_TIME_PASSWORD"]));
        next_step(server);
        let again = challenge(server, "ada").await;
        assert_eq!(begin_at_sign_in(server, &again).await.codes(), ["INVALID_CHALLENGE"], "she has a second factor");
        sign_in(server, "ada", &secret).await;
        assert!(login(server, "bob").await.codes() == ["INVALID_CREDENTIALS"]);
        server.user("bob").await;
        assert!(login(server, "bob").await.ok().at("/data/it/accessToken").is_string(), "bob is no administrator");
    })
    .await;
}

#[on_each_database]
async fn registration_waits_for_a_factor_that_its_role_requires() {
    let for_users = |config: &mut Config| {
        with_key(config);
        require_for(config, "user");
    };
    each_with(for_users, async |server| {
        let document = "mutation ($input: RegisterInput!) { register(input: $input) \
                        { nextStep challenge accessToken refreshToken session { id } user { id } } }";
        let input = json!({ "username": "bob", "password": crate::actor::PASSWORD });
        let registered = server.anonymous().gql_with(document, json!({ "input": input })).await.ok();
        assert_eq!(registered.at("/data/register/nextStep"), "ENROLL_SECOND_FACTOR");
        for field in ["accessToken", "refreshToken", "session", "user"] {
            assert_eq!(registered.at(&format!("/data/register/{field}")), &json!(null), "{field}");
        }
        let challenge = text(&registered, "/data/register/challenge");
        let begun = begin_at_sign_in(server, &challenge).await.ok();
        let secret = text(&begun, "/data/beginTotpEnrollmentAtSignIn/secret");
        complete(server, &challenge, &code(server, &secret)).await.ok();
    })
    .await;
}
