//! Several servers on one database send each event once.

use fieldguard_test_macros::needs;

use super::{commands::sending, receiver::Receiver};
use crate::command_line::program::Program;

/// Users who register at each server.
const USERS: usize = 20;

#[tokio::test]
#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
async fn each_event_is_sent_by_one_replica() {
    let Some(program) = Program::postgres().await else { return };
    let receiver = Receiver::start().await;
    receiver.answer_with(|_, _| (204, None, std::time::Duration::from_millis(5)));
    let program = sending(program, &receiver);
    let servers = [program.serve(), program.serve()];
    let register = async |n: usize| {
        let server = &servers[n % 2];
        server.anonymous().register(&format!("user{n}")).await.id
    };
    let users = futures_util::future::join_all((0..2 * USERS).map(register)).await;
    receiver.wait(|requests| requests.len() >= 4 * USERS).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    for user in &users {
        assert_eq!(receiver.kinds(user), ["user.created", "user.signed_in"]);
    }
    let mut sent = Vec::new();
    for server in &servers {
        sent.push(server.metric("fieldguard_webhook_deliveries_total{outcome=\"delivered\"}").await);
    }
    assert_eq!(sent.iter().sum::<u64>(), 4 * USERS as u64);
    assert!(sent.iter().all(|sent| *sent > 0), "both work: {sent:?}");
}
