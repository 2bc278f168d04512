//! Webhooks: which events are recorded, how they are sent, and what becomes of events that a receiver refuses.

mod addresses;
mod commands;
mod delivery;
mod documented;
mod graphql;
mod kill;
mod leases;
mod receiver;
mod recorded;
mod replicas;

use fieldguard::{
    accounts::Accounts,
    config::Config,
    domain::page::{Direction, PageRequest},
    domain::webhook_event::{StoredWebhookEvent, WebhookState},
    store::webhook_events::Claimed,
    webhooks::{Receiver as Target, Sender},
};

use self::receiver::{Receiver, SECRET};
use crate::app::Server;

/// Settings with this receiver, which has a private address.
fn sends_to(config: &mut Config, receiver: &Receiver) {
    config.webhooks.url = Some(receiver.url().parse().unwrap());
    config.webhooks.secret = Some(SECRET.parse().unwrap());
    config.webhooks.allow_private_addresses = true;
}

/// Runs the test with a server on each database that sends to a receiver.
async fn each(test: impl AsyncFn(&Server, &Receiver)) {
    each_with(|_| {}, test).await;
}

/// The same, with changed settings.
async fn each_with(change: impl Fn(&mut Config), test: impl AsyncFn(&Server, &Receiver)) {
    let receiver = Receiver::start().await;
    let settings = |config: &mut Config| {
        sends_to(config, &receiver);
        change(config);
    };
    crate::app::each_with(settings, async |server| {
        receiver.forget();
        test(server, &receiver).await;
    })
    .await;
}

/// The sender of a server.
fn sender(config: &Config) -> Sender {
    let webhooks = &config.webhooks;
    let keys = webhooks.secret.iter().chain(&webhooks.previous_secret).map(|secret| secret.key().clone()).collect();
    let url = webhooks.url.as_ref().unwrap().as_url().clone();
    let (allows_private, timeout) = (webhooks.allow_private_addresses, webhooks.timeout);
    Sender::new(Target { url, keys, allows_private, timeout }).unwrap()
}

/// Makes one attempt.
async fn attempt(server: &Server, sender: &Sender, claimed: &Claimed) {
    let accounts = server.app.accounts();
    let event = claimed.event.as_ref().unwrap();
    let answer = sender.send(&event.id.to_string(), event.payload(), accounts.clock.now()).await;
    accounts.settle_webhook_event(claimed, answer.outcome).await.unwrap();
}

/// Sends every event that is due, as a running server does.
async fn deliver(server: &Server) {
    let sender = sender(server.app.config());
    loop {
        let claimed = server.app.accounts().claim_webhook_events(3).await.unwrap();
        if claimed.is_empty() {
            return;
        }
        for claimed in claimed {
            attempt(server, &sender, &claimed).await;
        }
    }
}

/// The stored events in this state, the newest first.
async fn stored(accounts: &Accounts, state: Option<WebhookState>) -> Vec<StoredWebhookEvent> {
    let page = PageRequest { size: 100, direction: Direction::Forward, after: None, before: None };
    accounts.webhook_events(state, page).await.unwrap().items
}
