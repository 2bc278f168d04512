//! Sending over SMTP: attempts, repetition and the end of attempts.

use std::time::Duration;

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;

use super::{each_with_sink, registered, send_due, sends_to, sink::Sink};
use crate::app::{Server, each_with};

async fn metric(server: &Server, line: &str) {
    let page = reqwest::get(server.url("/metrics")).await.unwrap().text().await.unwrap();
    assert!(page.lines().any(|other| other == line), "{line}: {page}");
}

#[on_each_database]
async fn a_mail_arrives_with_text_and_html() {
    each_with_sink(async |server, sink| {
        registered(server, "bob").await;
        send_due(server).await;
        let [mail] = sink.received().try_into().unwrap();
        assert_eq!((&*mail.sender, &*mail.recipient), ("no-reply@example.org", "bob@example.org"));
        assert_eq!(mail.header("From"), "Example <no-reply@example.org>");
        assert_eq!(mail.header("Subject"), "Verify your email address");
        assert_eq!(mail.header("Date"), "Fri, 15 Jan 2027 08:00:00 +0000");
        assert!(mail.header("Content-Type").starts_with("multipart/alternative"), "{}", mail.text);
        assert!(mail.text.contains("text/plain") && mail.text.contains("text/html"));
        metric(server, "fieldguard_mail_deliveries_total{outcome=\"sent\"} 1").await;
        metric(server, "fieldguard_mails_pending 0").await;
    })
    .await;
}

#[on_each_database]
async fn a_temporary_failure_is_tried_again_with_the_same_id() {
    each_with_sink(async |server, sink| {
        sink.answer(|before| (if before < 2 { 451 } else { 250 }, Duration::ZERO));
        registered(server, "bob").await;
        for _ in 0..4 {
            send_due(server).await;
            server.app.accounts().clock.advance(TimeDelta::seconds(20));
        }
        let received = sink.received();
        assert_eq!(received.iter().map(|mail| mail.status).collect::<Vec<_>>(), [451, 451, 250]);
        let ids: Vec<_> = received.iter().map(|mail| (mail.header("Message-ID"), mail.header("Date"))).collect();
        assert!(ids.iter().all(|id| *id == ids[0] && id.0.ends_with("@example.org>")), "{ids:?}");
        metric(server, "fieldguard_mail_deliveries_total{outcome=\"failed\"} 2").await;
    })
    .await;
}

#[on_each_database]
async fn a_permanent_refusal_ends_it() {
    each_with_sink(async |server, sink| {
        sink.answer(|_| (550, Duration::ZERO));
        registered(server, "bob").await;
        for _ in 0..3 {
            send_due(server).await;
            server.app.accounts().clock.advance(TimeDelta::minutes(1));
        }
        assert_eq!(sink.received().len(), 1);
        metric(server, "fieldguard_mail_deliveries_total{outcome=\"dead\"} 1").await;
        metric(server, "fieldguard_mails_pending 0").await;
    })
    .await;
}

#[on_each_database]
async fn a_mail_server_that_is_away_or_slow_gets_the_mail_later() {
    let sink = Sink::start().await;
    let settings = |config: &mut fieldguard::config::Config| {
        sends_to(config, &sink);
        config.mail.timeout = Duration::from_millis(300);
    };
    each_with(settings, async |server| {
        sink.forget();
        registered(server, "bob").await;
        sink.answer(|_| (250, Duration::from_secs(30)));
        send_due(server).await;
        assert_eq!(server.app.accounts().mail_backlog().await.unwrap().0.pending, 1);
        metric(server, "fieldguard_mail_deliveries_total{outcome=\"failed\"} 1").await;
        sink.forget();
        server.app.accounts().clock.advance(TimeDelta::minutes(1));
        send_due(server).await;
        assert_eq!(sink.received().len(), 1);
    })
    .await;
}
