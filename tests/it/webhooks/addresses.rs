//! Receivers on private networks are not contacted unless the configuration allows it.

use std::time::Duration;

use fieldguard::{
    auth::webhook_key::WebhookKey,
    domain::webhook_event::{DeliveryFailure, Outcome},
    webhooks::{Receiver as Target, Sender},
};

use super::receiver::{Receiver, SECRET};
use crate::command_line::program::Program;

async fn outcome(url: &str, allows_private: bool) -> Outcome {
    let (url, keys) = (url.parse().unwrap(), vec![WebhookKey::parse(SECRET).unwrap()]);
    let sender = Sender::new(Target { url, keys, allows_private, timeout: Duration::from_secs(5) }).unwrap();
    let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    sender.send("an-id", r#"{"type":"webhook.test","data":{"userId":""}}"#.to_owned(), now).await.outcome
}

#[tokio::test]
async fn private_receivers_are_refused_by_address_and_by_name() {
    let receiver = Receiver::start().await;
    let blocked = Outcome::Failed(DeliveryFailure::BlockedAddress);
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "2130706433", "0x7f.1", "0.0.0.0"] {
        for scheme in ["https", "http"] {
            let url = format!("{scheme}://{host}:{}/hooks", receiver.port());
            assert_eq!(outcome(&url, false).await, blocked, "{url}");
        }
    }
    assert!(receiver.requests().is_empty());
    let url = format!("http://localhost:{}/hooks", receiver.port());
    assert_eq!(outcome(&url, true).await, Outcome::Answered { status: 204, retry_after: None });
    assert_eq!(outcome("http://127.0.0.1:1/", true).await, Outcome::Failed(DeliveryFailure::Connection));
    assert_eq!(outcome("http://8.8.8.8/", true).await, blocked, "over plain HTTP only private ones");
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    let (receiver, proxy) = (Receiver::start().await, Receiver::start().await);
    let program = Program::new()
        .set("FIELDGUARD_WEBHOOKS_URL", &receiver.url())
        .set("FIELDGUARD_WEBHOOKS_SECRET", SECRET)
        .set("FIELDGUARD_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", "true")
        .set("HTTP_PROXY", &format!("http://127.0.0.1:{}", proxy.port()))
        .set("http_proxy", &format!("http://127.0.0.1:{}", proxy.port()))
        .set("ALL_PROXY", &format!("http://127.0.0.1:{}", proxy.port()));
    let out = tokio::task::spawn_blocking(move || program.run(&["webhooks", "test"]).ok()).await.unwrap();
    assert!(out.contains("status 204"), "{out}");
    assert_eq!((receiver.requests().len(), proxy.requests().len()), (1, 0));
}

#[test]
fn configurations_that_could_not_work_are_refused() {
    let check = |settings: &[(&str, &str)]| {
        let set =
            |program: Program, (name, value): &(&str, &str)| program.set(&format!("FIELDGUARD_WEBHOOKS_{name}"), value);
        let program = settings.iter().fold(Program::new(), set);
        let run = program.run(&["config", "check"]);
        (run.code, run.err)
    };
    let secret = ("SECRET", SECRET);
    for (settings, reason) in [
        (vec![("URL", "https://example.org/")], "needs `webhooks.secret`"),
        (vec![secret], "needs `webhooks.url`"),
        (vec![("URL", "http://example.org/"), secret], "must be an `https://` address"),
        (vec![("URL", "https://10.0.0.1/"), secret], "has a private address"),
        (vec![("URL", "https://[fd00::1]/"), secret], "has a private address"),
        (
            vec![("URL", "http://8.8.8.8/"), secret, ("ALLOW_PRIVATE_ADDRESSES", "true")],
            "has a public address and must be an `https://` address",
        ),
        (vec![("URL", "https://ann:pass@example.org/"), secret], "must not contain a user"),
        (vec![("URL", "https://example.org/"), ("SECRET", "whsec_c2hvcnQ=")], "must be `whsec_`"),
        (vec![("URL", "https://example.org/"), secret, ("EVENTS", "user.made")], "must be `all` or a list of"),
    ] {
        let (code, err) = check(&settings);
        assert!(code == Some(2) && err.contains(reason), "{settings:?}: {err}");
        assert!(!err.contains("pass@") && !err.contains(&SECRET[6..]), "{err}");
    }
    assert_eq!(check(&[("URL", "https://example.org/hooks"), secret]).0, Some(0));
    let private = [("URL", "http://receiver.internal:8080/"), secret, ("ALLOW_PRIVATE_ADDRESSES", "true")];
    assert_eq!(check(&private).0, Some(0));
}
