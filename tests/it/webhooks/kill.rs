//! Events of changes that were acknowledged arrive, even if the server is killed before it sends them.

use std::{collections::BTreeMap, time::Duration};

use fieldguard_test_macros::on_each_database;

use super::{commands::sending, receiver::Receiver};
use crate::command_line::program::each;

/// How many times the server is killed.
const KILLS: usize = 4;
/// Users who register in each life of the server.
const USERS: usize = 6;

#[on_each_database]
async fn acknowledged_events_survive_kills() {
    each(async |program| {
        let receiver = Receiver::start().await;
        // The first answer to each event comes too late for a server that is killed soon.
        receiver.answer_with(|_, before| {
            (204, None, if before == 0 { Duration::from_millis(300) } else { Duration::ZERO })
        });
        let program = sending(program, &receiver).set("FIELDGUARD_WEBHOOKS_TIMEOUT", "1s");
        let mut users = Vec::new();
        for kill in 0..KILLS {
            let server = program.serve();
            for user in 0..USERS {
                users.push(server.anonymous().register(&format!("user-{kill}-{user}")).await.id);
            }
            server.kill();
        }
        let server = program.serve();
        // As soon as the leases of the last life have expired.
        let all = users.clone();
        receiver
            .wait(|requests| {
                let sent = |user: &String, kind| requests.iter().any(|it| it.user() == user && it.kind() == kind);
                all.iter().all(|user| sent(user, "user.created") && sent(user, "user.signed_in"))
            })
            .await;
        let mut kinds = BTreeMap::<String, Vec<String>>::new();
        for request in receiver.requests() {
            let of_user = kinds.entry(request.user().to_owned()).or_default();
            of_user.push(request.kind().to_owned());
        }
        assert_eq!(kinds.keys().cloned().collect::<Vec<_>>(), sorted(users), "no other events");
        for (user, kinds) in kinds {
            let signed_in = kinds.iter().position(|kind| kind == "user.signed_in").unwrap();
            assert!(signed_in > 0, "{user}: {kinds:?}");
            assert!(kinds[signed_in..].iter().all(|kind| kind == "user.signed_in"), "in order: {user}: {kinds:?}");
        }
        drop(server);
    })
    .await;
}

fn sorted(mut users: Vec<String>) -> Vec<String> {
    users.sort_unstable();
    users
}
