//! Enrolling and removing an authenticator app, and recovery codes.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{
    Enrolled, WRONG, audited, begin, challenge, code, complete, confirm, enroll, login, next_step, sign_in, text,
    texts, with_key,
};
use crate::{
    actor::{Actor, Answer},
    app::each_with,
    sessions::{self, events},
};

async fn remove(actor: &Actor, code: &str) -> Answer {
    let document =
        "mutation ($code: String!) { removeTotp(input: { code: $code }) { user { username secondFactors } } }";
    actor.gql_with(document, json!({ "code": code })).await
}

async fn create_recovery_codes(actor: &Actor, code: &str) -> Answer {
    let document = "mutation ($code: String!) { createRecoveryCodes(input: { code: $code }) { recoveryCodes } }";
    actor.gql_with(document, json!({ "code": code })).await
}

#[on_each_database]
async fn enrollment_takes_a_secret_and_a_code_of_the_app() {
    each_with(with_key, async |server| {
        let bob = server.user("bob").await;
        let other = text(&sessions::login(&bob, "bob").await, "/data/it/accessToken");
        let begun = begin(&bob).await.ok();
        let secret = text(&begun, "/data/beginTotpEnrollment/secret");
        assert_eq!(secret.len(), 32, "160 bits");
        let url = text(&begun, "/data/beginTotpEnrollment/url");
        assert!(url.starts_with("otpauth://totp/127.0.0.1:bob?") && url.contains(&secret), "{url}");
        assert!(text(&begun, "/data/beginTotpEnrollment/qrCode").contains("<svg"));
        assert_eq!(bob.gql("{ me { secondFactors } }").await.ok().at("/data/me/secondFactors"), &json!([]));
        assert_eq!(login(server, "bob").await.ok().at("/data/it/nextStep"), &json!(null), "it is not confirmed");

        assert_eq!(confirm(&bob, WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
        server.wait_out_a_failure();
        let confirmed = confirm(&bob, &code(server, &secret)).await.ok();
        assert_eq!(confirmed.at("/data/confirmTotpEnrollment/user/secondFactors"), &json!(["TOTP"]));
        assert_eq!(confirmed.at("/data/confirmTotpEnrollment/sessionsRevoked"), 2);
        let codes = texts(confirmed.at("/data/confirmTotpEnrollment/recoveryCodes"));
        assert_eq!(codes.len(), 10);
        assert_eq!(bob.bearing(&other).gql("{ me { id } }").await.status, 401, "other sessions are revoked");
        let document = "{ me { secondFactors sessions(first: 9) { nodes { authenticationMethods } } } }";
        let me = bob.gql(document).await.ok();
        let methods = json!([{ "authenticationMethods": ["PASSWORD", "ONE_TIME_PASSWORD"] }]);
        assert_eq!((me.at("/data/me/secondFactors"), me.at("/data/me/sessions/nodes")), (&json!(["TOTP"]), &methods));
        assert_eq!(events(&bob).await[0], "TOTP_ENABLED");
        assert!(audited(server, &bob.id).await.contains(&"TOTP_ENABLED".to_owned()));

        assert_eq!(begin(&bob).await.codes(), ["CONFLICT"]);
        next_step(server);
        assert_eq!(confirm(&bob, &code(server, &secret)).await.codes(), ["CONFLICT"]);
    })
    .await;
}

#[on_each_database]
async fn secret_must_be_confirmed_within_an_hour_and_a_new_one_replaces_it() {
    each_with(with_key, async |server| {
        let bob = server.user("bob").await;
        let first = text(&begin(&bob).await.ok(), "/data/beginTotpEnrollment/secret");
        let second = text(&begin(&bob).await.ok(), "/data/beginTotpEnrollment/secret");
        assert_ne!(first, second);
        assert_eq!(confirm(&bob, &code(server, &first)).await.codes(), ["INVALID_CREDENTIALS"]);
        server.app.accounts().clock.advance(TimeDelta::minutes(60));
        let bob = server.anonymous().login("bob").await;
        assert_eq!(confirm(&bob, &code(server, &second)).await.codes(), ["INVALID_CREDENTIALS"]);
    })
    .await;
}

#[on_each_database]
async fn enrollment_requires_a_fresh_session() {
    each_with(with_key, async |server| {
        let bob = server.user("bob").await;
        server.app.accounts().clock.advance(TimeDelta::minutes(5));
        let refused = begin(&bob).await;
        assert_eq!(refused.at("/errors/0/extensions/reason"), "REAUTHENTICATION_REQUIRED", "{refused:#?}");
        assert_eq!(
            server.anonymous().gql("mutation { beginTotpEnrollment { secret } }").await.codes(),
            ["UNAUTHENTICATED"]
        );
    })
    .await;
}

#[on_each_database]
async fn removal_takes_a_code_and_ends_the_requirement() {
    each_with(with_key, async |server| {
        let Enrolled { actor: bob, secret, recovery_codes } = enroll(server, "bob").await;
        let pending = challenge(server, "bob").await;
        assert_eq!(remove(&bob, WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
        server.wait_out_a_failure();
        let removed = remove(&bob, &code(server, &secret)).await.ok();
        assert_eq!(removed.at("/data/removeTotp/user/secondFactors"), &json!([]));
        assert_eq!(events(&bob).await[0], "TOTP_REMOVED");
        assert!(login(server, "bob").await.ok().at("/data/it/accessToken").is_string());
        next_step(server);
        assert_eq!(complete(server, &pending, &code(server, &secret)).await.codes(), ["INVALID_CHALLENGE"]);
        assert_eq!(remove(&bob, &recovery_codes[0]).await.codes(), ["CONFLICT"]);
        assert_eq!(create_recovery_codes(&bob, &recovery_codes[0]).await.codes(), ["CONFLICT"]);
    })
    .await;
}

#[on_each_database]
async fn recovery_code_replaces_one_code_of_the_app() {
    each_with(with_key, async |server| {
        let Enrolled { actor: bob, secret, recovery_codes } = enroll(server, "bob").await;
        let signed_in = complete(server, &challenge(server, "bob").await, &recovery_codes[3]).await.ok();
        let methods = json!(["PASSWORD", "ONE_TIME_PASSWORD"]);
        assert_eq!(signed_in.at("/data/it/session/authenticationMethods"), &methods);
        assert_eq!(signed_in.at("/data/it/recoveryCodes"), &json!(null));
        assert!(events(&bob).await.contains(&"RECOVERY_CODE_USED".to_owned()));
        assert!(audited(server, &bob.id).await.contains(&"RECOVERY_CODE_USED".to_owned()));
        let again = challenge(server, "bob").await;
        assert_eq!(complete(server, &again, &recovery_codes[3]).await.codes(), ["INVALID_CREDENTIALS"]);
        server.wait_out_a_failure();
        complete(server, &again, &recovery_codes[4].to_lowercase().replace('-', " ")).await.ok();
        // The app still works.
        sign_in(server, "bob", &secret).await;
    })
    .await;
}

#[on_each_database]
async fn new_recovery_codes_replace_the_earlier_ones() {
    each_with(with_key, async |server| {
        let Enrolled { actor: bob, secret, recovery_codes } = enroll(server, "bob").await;
        assert_eq!(create_recovery_codes(&bob, WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
        server.wait_out_a_failure();
        let created = create_recovery_codes(&bob, &code(server, &secret)).await.ok();
        let new = texts(created.at("/data/createRecoveryCodes/recoveryCodes"));
        assert_eq!(new.len(), 10);
        assert_eq!(events(&bob).await[0], "RECOVERY_CODES_CREATED");
        let pending = challenge(server, "bob").await;
        assert_eq!(complete(server, &pending, &recovery_codes[0]).await.codes(), ["INVALID_CREDENTIALS"]);
        server.wait_out_a_failure();
        complete(server, &pending, &new[0]).await.ok();
    })
    .await;
}
