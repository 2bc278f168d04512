//! `fieldguard webhooks …`.

use std::time::Duration;

use fieldguard_test_macros::on_each_database;
use serde_json::Value;

use super::receiver::{Receiver, SECRET};
use crate::{
    actor::PASSWORD,
    command_line::program::{Program, RunResult, each},
};

/// The program, which sends to this receiver.
pub fn sending(program: Program, receiver: &Receiver) -> Program {
    program
        .set("FIELDGUARD_WEBHOOKS_URL", &receiver.url())
        .set("FIELDGUARD_WEBHOOKS_SECRET", SECRET)
        .set("FIELDGUARD_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", "true")
}

/// Runs a command while the receiver can answer.
pub async fn run(program: &Program, arguments: &'static [&'static str]) -> RunResult {
    let program = program.replica();
    tokio::task::spawn_blocking(move || program.run_with(arguments, PASSWORD)).await.unwrap()
}

#[on_each_database]
async fn events_are_listed_and_replayed() {
    each(async |program| {
        let receiver = Receiver::start().await;
        receiver.answer(|_, _| 410);
        let program = sending(program, &receiver);
        run(&program, &["admin", "create", "ada", "--password-stdin"]).await.ok();
        let listed: Value =
            serde_json::from_str(&run(&program, &["webhooks", "list", "--format", "json"]).await.ok()).unwrap();
        assert_eq!((&listed[0]["type"], &listed[0]["state"]), (&"user.created".into(), &"pending".into()), "{listed}");
        assert!(listed.as_array().unwrap().len() == 1 && listed[0]["lastStatus"].is_null());

        let server = program.serve();
        receiver.wait(|requests| requests.len() == 1).await;
        for _ in 0..100 {
            if run(&program, &["webhooks", "list", "--state", "dead"]).await.ok().lines().count() == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(server.log().contains("given up"), "{}", server.log());
        assert!(!server.log().contains("\"ada\""));
        let table = run(&program, &["webhooks", "list"]).await.ok();
        assert!(table.contains("user.created") && table.contains("dead") && table.contains("410"), "{table}");

        receiver.answer(|_, _| 200);
        assert_eq!(
            run(&program, &["webhooks", "replay", "--dead"]).await.ok(),
            "Dead events queued for delivery: 1.\n"
        );
        receiver.wait(|requests| requests.iter().any(|request| request.status == 200)).await;
        let unknown = run(&program, &["webhooks", "replay", "0192f0c1-4b7e-7a35-9d3f-5c1f4e0a9b77"]).await;
        assert!(unknown.code == Some(1) && unknown.err.contains("there is no webhook event"), "{unknown:?}");
        assert_eq!(run(&program, &["webhooks", "replay"]).await.code, Some(2));
    })
    .await;
}

#[tokio::test]
async fn the_receiver_can_be_tested() {
    let receiver = Receiver::start().await;
    let program = sending(Program::new(), &receiver);
    let out = run(&program, &["webhooks", "test"]).await.ok();
    assert_eq!(out, "The receiver answered with status 204.\n");
    receiver.answer(|_, _| 401);
    let refused = run(&program, &["webhooks", "test"]).await;
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), "The receiver answered with status 401.\nan answer\n"));
    let requests = receiver.requests();
    assert_eq!((requests.len(), requests[0].kind()), (2, "webhook.test"));
    let silent = program.replica().set("FIELDGUARD_WEBHOOKS_URL", "http://127.0.0.1:1/");
    let silent = run(&silent, &["webhooks", "test"]).await;
    assert!(silent.code == Some(1) && silent.err.contains("did not answer: connection"), "{silent:?}");
    let none = run(&Program::new(), &["webhooks", "test"]).await;
    assert!(none.code == Some(2) && none.err.contains("webhooks.url"), "{none:?}");
}
