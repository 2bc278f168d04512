//! Order, repetition, the end of attempts, and replays.

use std::time::Duration;

use chrono::TimeDelta;
use fieldguard::domain::webhook_event::WebhookState;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{attempt, deliver, each, each_with, receiver::SECRET, sender, stored};
use crate::{actor::Actor, app::Server};

const OTHER_SECRET: &str = "whsec_q8zvsdPkSyW0U4Xl2tTcWfUUnvfCpNN8kXwtdTTuDmk=";

async fn rename(bob: &Actor, name: &str) {
    let document = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }";
    bob.gql_with(document, json!({ "input": { "username": name } })).await.ok();
}

fn advance(server: &Server, by: TimeDelta) {
    server.app.accounts().clock.advance(by);
}

#[on_each_database]
async fn later_events_of_a_user_wait_and_other_users_do_not() {
    each(async |server, receiver| {
        let bob = server.user("bob").await;
        let id = bob.id.clone();
        receiver.answer(move |request, _| if request.user() == id { 500 } else { 204 });
        deliver(server).await;
        rename(&bob, "bobby").await;
        let eve = server.user("eve").await;
        deliver(server).await;
        assert_eq!(receiver.kinds(&bob.id), ["user.created"]);
        assert_eq!(receiver.kinds(&eve.id), ["user.created", "user.signed_in"]);
        receiver.answer(|_, _| 204);
        deliver(server).await;
        assert_eq!(receiver.kinds(&bob.id).len(), 1, "its time has not come");
        advance(server, TimeDelta::seconds(6));
        deliver(server).await;
        assert_eq!(receiver.kinds(&bob.id), ["user.created", "user.created", "user.signed_in", "user.updated"]);
    })
    .await;
}

#[on_each_database]
async fn an_attempt_has_the_id_of_the_first_and_its_own_time() {
    each(async |server, receiver| {
        receiver.answer(|_, before| if before < 2 { 503 } else { 200 });
        server.user("bob").await;
        for _ in 0..3 {
            deliver(server).await;
            advance(server, TimeDelta::seconds(20));
        }
        let requests = receiver.requests();
        let [first, second, third, ..] = requests.as_slice() else { panic!("{requests:#?}") };
        assert!(first.id == second.id && second.id == third.id && first.text == third.text);
        assert_eq!((second.timestamp - first.timestamp, third.timestamp - second.timestamp), (20, 20));
        assert_eq!(first.headers["content-type"], "application/json");
        assert!(first.headers["user-agent"].to_str().unwrap().starts_with("fieldguard/"));
        let page = reqwest::get(server.url("/metrics")).await.unwrap().text().await.unwrap();
        for line in [
            "fieldguard_webhook_deliveries_total{outcome=\"delivered\"} 1",
            "fieldguard_webhook_deliveries_total{outcome=\"failed\"} 3",
            "fieldguard_webhook_events{state=\"pending\"} 1",
            "fieldguard_webhook_events{state=\"dead\"} 0",
            "fieldguard_webhook_oldest_pending_seconds 60",
        ] {
            assert!(page.lines().any(|other| other == line), "{line}: {page}");
        }
    })
    .await;
}

#[on_each_database]
async fn an_event_is_given_up_and_replayed() {
    let change = |config: &mut fieldguard::config::Config| config.webhooks.retry_for = Duration::from_mins(10);
    each_with(change, async |server, receiver| {
        let accounts = server.app.accounts();
        receiver.answer(|request, _| if request.kind() == "user.created" { 500 } else { 204 });
        let bob = server.user("bob").await;
        let mut minutes = 0;
        while stored(accounts, Some(WebhookState::Dead)).await.is_empty() {
            deliver(server).await;
            advance(server, TimeDelta::minutes(1));
            minutes += 1;
            assert!(minutes < 30);
        }
        assert!((10..=12).contains(&minutes), "{minutes}");
        deliver(server).await;
        assert_eq!(receiver.kinds(&bob.id).last().unwrap(), "user.signed_in", "the next one is sent");
        let [dead] = stored(accounts, Some(WebhookState::Dead)).await.try_into().unwrap();
        assert_eq!((dead.last_status, dead.settled_at.is_some(), dead.next_attempt_at), (Some(500), true, None));
        assert!(dead.attempts >= 5, "{dead:?}");

        receiver.forget();
        accounts.replay_webhook_event_by_operator(dead.event.id).await.unwrap();
        deliver(server).await;
        assert_eq!(receiver.accepted()[0].id, dead.event.id.to_string());
        assert!(stored(accounts, Some(WebhookState::Dead)).await.is_empty());
        // An event that was delivered can be replayed, too.
        accounts.replay_webhook_event_by_operator(dead.event.id).await.unwrap();
        deliver(server).await;
        assert_eq!(receiver.accepted().len(), 2);
        assert_eq!(accounts.replay_dead_webhook_events().await.unwrap(), 0);
    })
    .await;
}

#[on_each_database]
async fn all_dead_events_are_replayed_at_once() {
    each(async |server, receiver| {
        receiver.answer(|_, _| 410);
        for name in ["bob", "eve"] {
            server.user(name).await;
        }
        deliver(server).await;
        let accounts = server.app.accounts();
        assert_eq!(receiver.requests().len(), 4, "410 is final");
        assert_eq!(stored(accounts, Some(WebhookState::Dead)).await.len(), 4);
        receiver.forget();
        assert_eq!(accounts.replay_dead_webhook_events().await.unwrap(), 4);
        deliver(server).await;
        assert_eq!(receiver.accepted().len(), 4);
        let ada = server.admin().await;
        let document =
            "{ auditEvents(first: 9, filter: { action: WEBHOOK_EVENTS_REPLAYED }) { nodes { actorType reason } } }";
        let answer = ada.gql(document).await.ok();
        let expected = json!([{ "actorType": "OPERATOR", "reason": "4 dead events" }]);
        assert_eq!(*answer.at("/data/auditEvents/nodes"), expected);
    })
    .await;
}

#[on_each_database]
async fn receivers_can_ask_for_a_longer_wait() {
    each(async |server, receiver| {
        receiver.answer_with(|_, before| {
            if before == 0 { (429, Some("600"), Duration::ZERO) } else { (204, None, Duration::ZERO) }
        });
        let bob = server.user("bob").await;
        deliver(server).await;
        advance(server, TimeDelta::seconds(599));
        deliver(server).await;
        assert_eq!(receiver.kinds(&bob.id).len(), 1);
        advance(server, TimeDelta::seconds(1));
        deliver(server).await;
        assert_eq!(receiver.kinds(&bob.id)[..2], ["user.created", "user.created"]);
    })
    .await;
}

#[on_each_database]
async fn slow_receivers_and_redirects_are_failures() {
    let change = |config: &mut fieldguard::config::Config| config.webhooks.timeout = Duration::from_millis(300);
    each_with(change, async |server, receiver| {
        server.user("bob").await;
        receiver.answer_with(|_, _| (204, None, Duration::from_secs(30)));
        deliver(server).await;
        let errors = async || {
            let stored = stored(server.app.accounts(), Some(WebhookState::Pending)).await;
            let oldest = stored.last().unwrap();
            (oldest.last_status, oldest.last_error.clone())
        };
        assert_eq!(errors().await, (None, Some("timeout".to_owned())));
        receiver.answer(|_, _| 307);
        advance(server, TimeDelta::minutes(1));
        deliver(server).await;
        assert_eq!(errors().await, (Some(307), None));
        assert_eq!(receiver.requests().len(), 2);
    })
    .await;
}

#[on_each_database]
async fn both_secrets_sign_while_one_is_replaced() {
    let change = |config: &mut fieldguard::config::Config| {
        config.webhooks.previous_secret = config.webhooks.secret.take();
        config.webhooks.secret = Some(OTHER_SECRET.parse().unwrap());
    };
    each_with(change, async |server, receiver| {
        server.user("bob").await;
        deliver(server).await;
        let requests = receiver.requests();
        assert_eq!(requests.len(), 2);
        for request in requests {
            assert_eq!(request.signatures.len(), 2);
            assert!(request.is_signed_with(SECRET) && request.is_signed_with(OTHER_SECRET));
        }
    })
    .await;
}

#[on_each_database]
async fn old_events_are_deleted_and_waiting_ones_are_not() {
    each(async |server, receiver| {
        let accounts = server.app.accounts();
        let bob = server.user("bob").await;
        let claimed = accounts.claim_webhook_events(9).await.unwrap();
        attempt(server, &sender(server.app.config()), &claimed[0]).await;
        advance(server, TimeDelta::days(13));
        assert_eq!(accounts.prune_webhook_events().await.unwrap(), 0);
        advance(server, TimeDelta::days(2));
        assert_eq!(accounts.prune_webhook_events().await.unwrap(), 1);
        deliver(server).await;
        assert_eq!(receiver.kinds(&bob.id), ["user.created", "user.signed_in"]);
    })
    .await;
}
