//! A running server purges deleted users by itself.

use fieldguard_test_macros::on_each_database;

use super::program::{RunningServer, each};
use crate::actor::PASSWORD;

async fn wait(server: &RunningServer, done: impl AsyncFn() -> bool) {
    let began = std::time::Instant::now();
    while !done().await {
        assert!(began.elapsed().as_secs() < 120, "timed out: {}", server.log());
        tokio::task::yield_now().await;
    }
}

#[on_each_database]
async fn server_purges_deleted_users_at_the_start() {
    each(async |program| {
        let program = program.set("FIELDGUARD_ACCOUNT_DELETION_GRACE", "0s");
        program.run_with(&["admin", "create", "ada", "--password-stdin"], &format!("{PASSWORD}\n")).ok();
        let server = program.serve();
        let (ada, bob) = (server.anonymous().login("ada").await, server.anonymous().register("bob").await);
        let document = format!("mutation {{ deleteUser(input: {{ userId: \"{}\" }}) {{ user {{ state }} }} }}", bob.id);
        let answer = ada.gql(&document).await.ok();
        assert_eq!(answer.at("/data/deleteUser/user/state"), "DELETION_SCHEDULED");
        server.kill();

        let server = program.serve();
        let ada = server.anonymous().login("ada").await;
        let document = format!("{{ user(id: \"{}\") {{ username }} }}", bob.id);
        wait(&server, async || ada.gql(&document).await.ok().at("/data/user").is_null()).await;
        wait(&server, async || server.log().contains(&bob.id)).await;
        assert!(!server.log().contains("bob"), "the log has only the user's id: {}", server.log());
    })
    .await;
}
