//! Rate limits of mails.

use chrono::TimeDelta;
use fieldguard::{config::Config, domain::mail::MailKind};
use fieldguard_test_macros::on_each_database;

use super::{mails, registered, request_reset, run, verified};
use crate::{
    actor::Answer,
    app::{Server, each, each_with},
};

#[on_each_database]
async fn an_address_gets_five_resets_in_an_hour_whether_or_not_it_is_known() {
    each(async |server| {
        verified(server, "bob").await;
        for address in ["bob@example.org", "nobody@example.org"] {
            for _ in 0..5 {
                request_reset(&server.anonymous(), address).await.ok();
            }
            let refused = request_reset(&server.anonymous(), &address.to_uppercase()).await;
            assert_eq!(refused.codes(), ["RATE_LIMITED"], "{address}");
            assert!(refused.at("/errors/0/extensions/retryAfter").as_u64().unwrap() > 0);
        }
        let sent = mails(server).await;
        assert_eq!(sent.iter().filter(|mail| mail.kind == MailKind::PasswordReset).count(), 5);
        server.app.accounts().clock.advance(TimeDelta::hours(1));
        request_reset(&server.anonymous(), "bob@example.org").await.ok();
    })
    .await;
}

async fn from(server: &Server, client: &str, address: &str) -> Answer {
    let document = format!("mutation {{ requestPasswordReset(input: {{ email: \"{address}\" }}) {{ codeValidFor }} }}");
    let body = serde_json::json!({ "query": document });
    server.anonymous().request(|request| request.header("x-forwarded-for", client).json(&body)).await
}

#[on_each_database]
async fn a_client_requests_twenty_resets_in_an_hour() {
    let trusting = |config: &mut Config| config.trusted_proxies = "127.0.0.1".parse().unwrap();
    each_with(trusting, async |server| {
        for n in 0..20 {
            from(server, "203.0.113.7", &format!("user{n}@example.org")).await.ok();
        }
        assert_eq!(from(server, "203.0.113.7", "more@example.org").await.codes(), ["RATE_LIMITED"]);
        from(server, "203.0.113.8", "more@example.org").await.ok();
    })
    .await;
}

#[on_each_database]
async fn an_account_gets_ten_codes_in_an_hour() {
    each(async |server| {
        let bob = registered(server, "bob").await;
        let request = "requestEmailVerification { codeValidFor }";
        for _ in 0..10 {
            run(&bob, request).await.ok();
        }
        assert_eq!(run(&bob, request).await.codes(), ["RATE_LIMITED"]);
        assert_eq!(mails(server).await.len(), 11, "and the one of the registration");
    })
    .await;
}

#[on_each_database]
async fn one_document_requests_one_reset() {
    each(async |server| {
        let field =
            |n| format!("r{n}: requestPasswordReset(input: {{ email: \"u{n}@example.org\" }}) {{ codeValidFor }}");
        let answer = run(&server.anonymous(), &[field(1), field(2)].join(" ")).await;
        assert_eq!(answer.codes(), ["QUERY_TOO_COMPLEX"]);
        assert_eq!(server.app.accounts().mail_backlog().await.unwrap().0.pending, 0);
    })
    .await;
}
