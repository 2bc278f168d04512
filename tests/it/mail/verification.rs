//! `verifyEmail` and `requestEmailVerification`.

use chrono::TimeDelta;
use fieldguard::domain::mail::MailKind::{self, EmailVerification};
use fieldguard_test_macros::on_each_database;
use reqwest::StatusCode;
use serde_json::json;

use super::{actions, code, email_of, mails, registered, run, set_email, summary, verified, verify};
use crate::app::each;

const REQUEST: &str = "requestEmailVerification { codeValidFor user { emailVerified } }";

#[on_each_database]
async fn registration_with_an_address_mails_a_code_that_verifies_it_once() {
    each(async |server| {
        let bob = registered(server, "bob").await;
        assert_eq!(email_of(server, &bob.id).await, (json!("bob@example.org"), json!(false)));
        let sent = mails(server).await;
        assert_eq!(summary(&sent), [(EmailVerification, "bob@example.org")]);
        let code = code(&sent, EmailVerification);
        assert!(code.starts_with("fg_em_"), "{code}");
        let answer = verify(&bob, &code).await.ok();
        let user = json!({ "email": "bob@example.org", "emailVerified": true });
        assert_eq!(*answer.at("/data/verifyEmail/user"), user);
        assert_eq!(verify(&bob, &code).await.codes(), ["INVALID_CREDENTIALS"]);
        assert!(mails(server).await.is_empty(), "a sent mail leaves nothing behind");
        assert!(actions(server, &bob.id).await.contains(&"EMAIL_VERIFIED".to_owned()));
        // Nothing is left to verify.
        let answer = run(&bob, REQUEST).await.ok();
        let expected = json!({ "codeValidFor": 86_400, "user": { "emailVerified": true } });
        assert_eq!(*answer.at("/data/requestEmailVerification"), expected);
        assert!(mails(server).await.is_empty());
    })
    .await;
}

#[on_each_database]
async fn registration_without_an_address_sends_no_mail() {
    each(async |server| {
        let bob = server.user("bob").await;
        assert!(mails(server).await.is_empty());
        assert_eq!(run(&bob, REQUEST).await.codes(), ["CONFLICT"]);
    })
    .await;
}

/// A stranger who registers with the address of another person cannot have it verified by that person.
#[on_each_database]
async fn a_code_works_only_for_its_account_in_a_session() {
    each(async |server| {
        let eve = registered(server, "eve").await;
        let code = code(&mails(server).await, EmailVerification);
        let bob = server.user("bob").await;
        assert_eq!(verify(&bob, &code).await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(verify(&server.anonymous(), &code).await.codes(), ["UNAUTHENTICATED"]);
        verify(&eve, &code).await.ok();
    })
    .await;
}

/// Mail scanners open links.
#[on_each_database]
async fn a_get_request_uses_no_code() {
    each(async |server| {
        let bob = registered(server, "bob").await;
        let code = code(&mails(server).await, EmailVerification);
        let document = format!("mutation {{ verifyEmail(input: {{ code: \"{code}\" }}) {{ user {{ id }} }} }}");
        assert_eq!(bob.get(&document, |request| request).await.status, StatusCode::METHOD_NOT_ALLOWED);
        verify(&bob, &code).await.ok();
    })
    .await;
}

#[on_each_database]
async fn codes_expire_and_are_replaced() {
    each(async |server| {
        let clock = &server.app.accounts().clock;
        let bob = registered(server, "bob").await;
        let first = code(&mails(server).await, EmailVerification);
        run(&bob, REQUEST).await.ok();
        let second = code(&mails(server).await, EmailVerification);
        assert_eq!(verify(&bob, &first).await.codes(), ["INVALID_CREDENTIALS"], "replaced");
        // Another address, and back: the code of the former time is worth nothing.
        set_email(&bob, "robert@example.org").await.ok();
        set_email(&bob, "bob@example.org").await.ok();
        assert_eq!(verify(&bob, &second).await.codes(), ["INVALID_CREDENTIALS"], "replaced by a change");
        let sent = mails(server).await;
        let newest = sent.iter().rfind(|mail| mail.recipient == "bob@example.org").unwrap();
        let newest = newest.content.code.clone().unwrap();
        let old = sent.iter().find(|mail| mail.recipient == "robert@example.org").unwrap();
        assert_eq!(verify(&bob, old.content.code.as_ref().unwrap()).await.codes(), ["INVALID_CREDENTIALS"]);
        clock.advance(TimeDelta::hours(24));
        let bob = server.anonymous().login("bob").await;
        assert_eq!(verify(&bob, &newest).await.codes(), ["INVALID_CREDENTIALS"], "expired");
        run(&bob, REQUEST).await.ok();
        clock.advance(TimeDelta::hours(24));
        assert!(mails(server).await.is_empty(), "an expired code is not sent");
    })
    .await;
}

#[on_each_database]
async fn another_address_is_not_verified_and_another_spelling_is() {
    each(async |server| {
        let bob = verified(server, "bob").await;
        let answer = set_email(&bob, "BOB@example.org").await.ok();
        assert_eq!(answer.at("/data/updateProfile/user/emailVerified"), true);
        assert!(mails(server).await.is_empty());
        let answer = set_email(&bob, "robert@example.org").await.ok();
        assert_eq!(answer.at("/data/updateProfile/user/emailVerified"), false);
        let sent = mails(server).await;
        let expected = [(EmailVerification, "robert@example.org"), (MailKind::EmailChanged, "BOB@example.org")];
        assert_eq!(summary(&sent), expected);
    })
    .await;
}

#[on_each_database]
async fn only_those_who_read_the_address_see_whether_it_is_verified() {
    each(async |server| {
        let (bob, eve) = (verified(server, "bob").await, server.user("eve").await);
        let document = format!("{{ node(id: \"{}\") {{ ... on User {{ emailVerified }} }} }}", bob.id);
        bob.gql("{ me { emailVerified } }").await.ok();
        assert!(eve.gql(&document).await.at("/data/node/emailVerified").is_null());
    })
    .await;
}
