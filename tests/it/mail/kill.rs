//! Mails of changes that were acknowledged arrive, even if the server is killed before it sends them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::sink::Sink;
use crate::{
    actor::PASSWORD,
    command_line::program::{Program, each},
};

/// How many times the server is killed.
const KILLS: usize = 3;
/// Users who register in each life of the server.
const USERS: usize = 4;

fn sending(program: Program, sink: &Sink) -> Program {
    program
        .set("FIELDGUARD_MAIL_SMTP_HOST", "127.0.0.1")
        .set("FIELDGUARD_MAIL_SMTP_PORT", &sink.port().to_string())
        .set("FIELDGUARD_MAIL_SMTP_TLS", "none")
        .set("FIELDGUARD_MAIL_FROM", "no-reply@example.org")
        .set("FIELDGUARD_MAIL_TIMEOUT", "1s")
}

#[on_each_database]
async fn acknowledged_mails_survive_kills() {
    each(async |program| {
        let sink = Sink::start().await;
        // The first answers come too late for a server that is killed soon.
        sink.answer(|before| (250, if before < KILLS * USERS { Duration::from_millis(300) } else { Duration::ZERO }));
        let program = sending(program, &sink);
        let mut users = BTreeSet::new();
        for kill in 0..KILLS {
            let server = program.serve();
            for user in 0..USERS {
                let name = format!("user-{kill}-{user}");
                let email = format!("{name}@example.org");
                let document = "mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }";
                let input = json!({ "input": { "username": name, "email": email, "password": PASSWORD } });
                server.anonymous().gql_with(document, input).await.ok();
                users.insert(email);
            }
            server.kill();
        }
        let server = program.serve();
        // As soon as the leases of the last life have expired.
        let all = users.clone();
        sink.wait(|mails| all.iter().all(|user| mails.iter().any(|mail| mail.recipient == *user))).await;
        let mut ids = BTreeMap::<String, BTreeSet<String>>::new();
        for mail in sink.received() {
            ids.entry(mail.recipient.clone()).or_default().insert(mail.header("Message-ID").to_owned());
        }
        assert_eq!(ids.keys().cloned().collect::<BTreeSet<_>>(), users, "no other mails");
        assert!(ids.values().all(|ids| ids.len() == 1), "each mail has one id: {ids:#?}");
        drop(server);
    })
    .await;
}
