//! `requestPasswordReset`.

use chrono::TimeDelta;
use fieldguard::domain::mail::MailKind::{PasswordChanged, PasswordReset};
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{actions, code, mails, registered, request_reset, reset, run, summary, verified};
use crate::{actor::PASSWORD, admin::disable, app::each};

const NEW_PASSWORD: &str = "a short swim in the lake";

#[on_each_database]
async fn a_forgotten_password_is_reset_by_mail() {
    each(async |server| {
        let (bob, anonymous) = (verified(server, "bob").await, server.anonymous());
        let answer = request_reset(&anonymous, " BOB@example.org ").await.ok();
        assert_eq!(*answer.at("/data/requestPasswordReset"), json!({ "codeValidFor": 3_600 }));
        bob.gql("{ me { id } }").await.ok();
        let sent = mails(server).await;
        assert_eq!(summary(&sent), [(PasswordReset, "bob@example.org")]);
        let code = code(&sent, PasswordReset);
        assert!(code.starts_with("fg_pr_"), "{code}");
        server.anonymous().login("bob").await;
        reset(&anonymous, &code, NEW_PASSWORD).await.ok();
        assert_eq!(reset(&anonymous, &code, NEW_PASSWORD).await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(bob.gql("{ me { id } }").await.status, 401);
        assert_eq!(summary(&mails(server).await), [(PasswordChanged, "bob@example.org")]);
        let actions = actions(server, &bob.id).await;
        assert!(actions.contains(&"PASSWORD_RESET_ISSUED".to_owned()), "{actions:?}");
    })
    .await;
}

/// The answer to a request tells nothing about the address.
#[on_each_database]
async fn every_address_gets_the_same_answer_and_only_verified_ones_a_mail() {
    each(async |server| {
        let ada = server.admin().await;
        let (_bob, _carol, eve) =
            (verified(server, "bob").await, registered(server, "carol").await, verified(server, "eve").await);
        disable(&ada, &eve.id).await.ok();
        mails(server).await;
        let anonymous = server.anonymous();
        let mut texts = Vec::new();
        for name in ["bob", "carol", "eve", "nobody"] {
            let answer = request_reset(&anonymous, &format!("{name}@example.org")).await.ok();
            texts.push((answer.status, answer.text));
        }
        assert!(texts.windows(2).all(|pair| pair[0] == pair[1]), "{texts:#?}");
        assert_eq!(summary(&mails(server).await), [(PasswordReset, "bob@example.org")]);
        let events = "{ auditEvents(last: 50, filter: { action: PASSWORD_RESET_REQUESTED }) \
                      { nodes { actorType targetId } } }";
        let answer = ada.gql(events).await.ok();
        let event = json!({ "actorType": "ANONYMOUS", "targetId": null });
        assert_eq!(*answer.at("/data/auditEvents/nodes"), json!([event, event, event, event]));
    })
    .await;
}

#[on_each_database]
async fn text_that_is_no_address_is_refused() {
    each(async |server| {
        for text in ["", "bob", "bob@example.org\r\nBcc: eve@example.org"] {
            assert_eq!(request_reset(&server.anonymous(), text).await.codes(), ["BAD_USER_INPUT"]);
        }
        assert!(mails(server).await.is_empty());
    })
    .await;
}

#[on_each_database]
async fn an_address_that_changed_before_the_mail_is_prepared_gets_none() {
    each(async |server| {
        let bob = verified(server, "bob").await;
        request_reset(&server.anonymous(), "bob@example.org").await.ok();
        run(&bob, "updateProfile(input: { email: null }) { user { id } }").await.ok();
        let sent = mails(server).await;
        assert!(!sent.iter().any(|mail| mail.kind == PasswordReset), "{sent:?}");
    })
    .await;
}

#[on_each_database]
async fn a_request_that_waited_too_long_is_not_answered() {
    each(async |server| {
        verified(server, "bob").await;
        request_reset(&server.anonymous(), "bob@example.org").await.ok();
        server.app.accounts().clock.advance(TimeDelta::hours(1));
        assert!(mails(server).await.is_empty());
    })
    .await;
}

#[on_each_database]
async fn a_code_is_valid_for_an_hour() {
    each(async |server| {
        verified(server, "bob").await;
        request_reset(&server.anonymous(), "bob@example.org").await.ok();
        let code = code(&mails(server).await, PasswordReset);
        server.app.accounts().clock.advance(TimeDelta::hours(1));
        assert_eq!(reset(&server.anonymous(), &code, NEW_PASSWORD).await.codes(), ["INVALID_CREDENTIALS"]);
        server.anonymous().login("bob").await;
    })
    .await;
}

#[tokio::test]
async fn a_server_without_mail_says_so() {
    let without = |config: &mut fieldguard::config::Config| {
        config.public_url = Some("https://id.example.org".parse().unwrap());
    };
    let server = crate::app::Server::with(without).await;
    let answer = server.anonymous().gql("{ serverInfo { mailEnabled } }").await.ok();
    assert_eq!(answer.at("/data/serverInfo/mailEnabled"), false);
    assert_eq!(request_reset(&server.anonymous(), "bob@example.org").await.codes(), ["FORBIDDEN"]);
    let bob = registered(&server, "bob").await;
    let request = "requestEmailVerification { codeValidFor }";
    assert_eq!(run(&bob, request).await.codes(), ["FORBIDDEN"]);
    assert_eq!(server.app.accounts().mail_backlog().await.unwrap().0.pending, 0);
    server.anonymous().login("bob").await;
    assert_ne!(PASSWORD, NEW_PASSWORD);
}
