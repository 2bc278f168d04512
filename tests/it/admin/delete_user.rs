//! `deleteUser` and `restoreUser`: the grace period, and the purge after it.

use chrono::TimeDelta;
use fieldguard::{auth::fingerprint, config::Config};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    administrator,
    desk::{change, holder, login},
    scan,
};
use crate::{
    actor::{Actor, PASSWORD},
    app::{Server, each, each_with},
};

const HOME: &str = "198.51.100.1";

fn delete(user: &Actor) -> String {
    format!("deleteUser(input: {{ userId: \"{}\" }})", user.id)
}

fn restore(user: &Actor) -> String {
    format!("restoreUser(input: {{ userId: \"{}\" }})", user.id)
}

async fn state(admin: &Actor, user: &Actor) -> Value {
    let document = format!("{{ user(id: \"{}\") {{ state deletionScheduledAt }} }}", user.id);
    admin.gql(&document).await.ok().at("/data/user").clone()
}

fn pass_days(server: &Server, days: i64) {
    server.app.accounts().clock.advance(TimeDelta::days(days));
}

#[on_each_database]
async fn deleted_user_cannot_sign_in_and_can_be_restored() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let issue = format!("mutation {{ issuePasswordReset(input: {{ userId: \"{}\" }}) {{ code }} }}", bob.id);
        let code = ada.gql(&issue).await.ok().at("/data/issuePasswordReset/code").clone();
        super::execute(server, "DELETE FROM attempts").await;
        let document = format!(
            "mutation {{ deleteUser(input: {{ userId: \"{}\" }}) {{ sessionsRevoked effectiveAt user {{ state deletionScheduledAt }} }} }}",
            bob.id
        );
        let answer = ada.gql(&document).await.ok();
        let scheduled = json!({ "state": "DELETION_SCHEDULED", "deletionScheduledAt": "2027-02-14T08:00:00+00:00" });
        assert_eq!(answer.at("/data/deleteUser/user"), &scheduled);
        let reset = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { id } } }";
        let input = json!({ "input": { "code": code, "newPassword": "a short swim in the lake" } });
        assert_eq!(server.anonymous().gql_with(reset, input.clone()).await.codes(), ["INVALID_CREDENTIALS"]);
        let refused = server.anonymous().gql("mutation { register(input: { username: \"Bob\", password: \"a long walk by the river\" }) { tokenType } }").await;
        assert_eq!(refused.codes(), ["CONFLICT"], "the name is not free during the grace period");

        // A second deletion does not postpone the first.
        let ada = ada.login("ada").await;
        pass_days(server, 29);
        let ada = ada.login("ada").await;
        assert_eq!(ada.gql(&document).await.ok().at("/data/deleteUser/user"), &scheduled);
        assert_eq!(server.app.accounts().purge_deleted().await.unwrap(), 0);
        change(&ada, &restore(&bob)).await.ok();
        assert_eq!(state(&ada, &bob).await, json!({ "state": "ACTIVE", "deletionScheduledAt": null }));
        assert_eq!(server.anonymous().gql_with(reset, input).await.codes(), ["INVALID_CREDENTIALS"]);
        pass_days(server, 2);
        assert_eq!(server.app.accounts().purge_deleted().await.unwrap(), 0);
        let ada = ada.login("ada").await;
        change(&ada, &restore(&bob)).await.ok();
        assert_eq!(state(&ada, &bob).await["state"], "ACTIVE", "nothing to restore");
    })
    .await;
}

#[on_each_database]
async fn deletion_revokes_sessions_and_restoration_allows_sign_in() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        bob.gql("{ me { id } }").await.ok();
        change(&ada, &delete(&bob)).await.ok();
        assert_eq!(bob.gql("{ me { id } }").await.status, 401);
        assert_eq!(login(server, "bob", PASSWORD).await.codes(), ["INVALID_CREDENTIALS"]);
        // Disabling and enabling does not cancel the deletion.
        for call in ["disableUser", "enableUser"] {
            change(&ada, &format!("{call}(input: {{ userId: \"{}\" }})", bob.id)).await.ok();
            assert_eq!(state(&ada, &bob).await["state"], "DELETION_SCHEDULED");
        }
        server.wait_out_a_failure();
        assert_eq!(login(server, "bob", PASSWORD).await.codes(), ["INVALID_CREDENTIALS"]);
        change(&ada, &restore(&bob)).await.ok();
        assert_eq!(bob.gql("{ me { id } }").await.status, 401, "restoring does not restore tokens");
        // No wait: restoring clears the failed sign-ins.
        let bob = server.anonymous().login("bob").await;
        bob.gql("{ me { id } }").await.ok();

        // A user who was disabled before the deletion is disabled after the restoration.
        for call in [format!("disableUser(input: {{ userId: \"{}\" }})", bob.id), delete(&bob), restore(&bob)] {
            change(&ada, &call).await.ok();
        }
        assert_eq!(state(&ada, &bob).await["state"], "DISABLED");
    })
    .await;
}

/// Personal data of `ann` in every form in which a database may store it.
fn traces(ann: &Actor) -> Vec<String> {
    let hex = |key: [u8; 32]| key.map(|byte| format!("{byte:02x}")).concat();
    vec![
        "ann.lee".to_owned(),
        "ann.lee@example.org".to_owned(),
        HOME.to_owned(),
        ann.id.clone().replace('-', ""),
        hex(fingerprint::of(&["name", "ann.lee"])),
        hex(fingerprint::of(&["known", &ann.id, HOME])),
        hex(fingerprint::of(&["email", &ann.id])),
    ]
}

/// The traces that are in a table. The audit log may keep the user's id, and nothing else.
async fn found(server: &Server, traces: &[String]) -> Vec<String> {
    let all = scan::everything(server).await;
    let is_in = |trace: &String| {
        let is_identifier = trace.len() == 32;
        let rows: Vec<_> = all.iter().filter(|row| !is_identifier || !row.starts_with("audit")).collect();
        rows.iter().any(|row| row.to_lowercase().contains(trace) || row.replace('-', "").contains(trace.as_str()))
            || rows.iter().any(|row| row.to_lowercase().replace('-', "").contains(trace))
    };
    traces.iter().filter(|trace| is_in(trace)).cloned().collect()
}

/// Creates `ann.lee` with data in every table, and with failed sign-ins from two addresses.
async fn ann(server: &Server) -> Actor {
    let ann = server.user("ann.lee").await;
    ann.gql("mutation { updateProfile(input: { email: \"Ann.Lee@example.org\" }) { user { id } } }").await.ok();
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    let home = async |password: &str, address: &str| {
        let input = json!({ "username": "ann.lee", "password": password });
        let body = json!({ "query": document, "variables": { "input": input } });
        ann.signed_out().request(|request| request.header("x-forwarded-for", address).json(&body)).await
    };
    home(PASSWORD, HOME).await.ok();
    for address in [HOME, "203.0.113.9"] {
        assert_eq!(home("a wrong password indeed", address).await.codes(), ["INVALID_CREDENTIALS"]);
    }
    ann
}

fn behind_a_proxy(config: &mut Config) {
    config.trusted_proxies = "127.0.0.1".parse().unwrap();
}

#[on_each_database]
async fn purge_removes_all_personal_data() {
    each_with(behind_a_proxy, async |server| {
        let ada = server.admin().await;
        let ann = ann(server).await;
        let traces = traces(&ann);
        change(&ada, &delete(&ann)).await.ok();
        let issue = format!("mutation {{ issuePasswordReset(input: {{ userId: \"{}\" }}) {{ code }} }}", ann.id);
        ada.gql(&issue).await.ok();
        assert_eq!(found(server, &traces).await, traces, "every trace is found before the purge");
        pass_days(server, 30);
        assert_eq!(server.app.accounts().purge_deleted().await.unwrap(), 1);
        assert_eq!(found(server, &traces).await, Vec::<String>::new());
        let ada = ada.login("ada").await;
        assert_eq!(state(&ada, &ann).await, json!(null));
        assert_eq!(change(&ada, &restore(&ann)).await.codes(), ["NOT_FOUND"]);
        let again = server.user("ann.lee").await;
        assert_ne!(again.id, ann.id, "the name is free for a new user");
    })
    .await;
}

#[tokio::test]
async fn purge_leaves_no_personal_data_in_the_files_of_sqlite() {
    let server = Server::with(behind_a_proxy).await;
    let in_files = |text: &str| {
        let files = std::fs::read_dir(server.database.directory.path().join("data"))
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let contents = files.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap());
        contents.filter_map(|bytes| bytes.windows(text.len()).position(|part| part == text.as_bytes())).count()
    };
    let ada = server.admin().await;
    let ann = ann(&server).await;
    change(&ada, &delete(&ann)).await.ok();
    assert_ne!(in_files("ann.lee"), 0);
    pass_days(&server, 30);
    assert_eq!(server.app.accounts().purge_deleted().await.unwrap(), 1);
    assert_eq!(in_files("ann.lee"), 0);
}

#[on_each_database]
async fn delete_account_removes_all_personal_data() {
    each_with(behind_a_proxy, async |server| {
        server.admin().await;
        let ann = ann(server).await;
        let traces = traces(&ann);
        server.wait_out_a_failure();
        assert_eq!(found(server, &traces).await, traces, "every trace is found before the purge");
        let document = format!("mutation {{ deleteAccount(input: {{ password: \"{PASSWORD}\" }}) {{ userId }} }}");
        ann.gql(&document).await.ok();
        assert_eq!(found(server, &traces).await, Vec::<String>::new());
    })
    .await;
}

#[on_each_database]
async fn user_without_grace_period_is_purged_at_the_next_sweep() {
    each_with(
        |config| config.account.deletion_grace = std::time::Duration::ZERO,
        async |server| {
            let (ada, bob) = (server.admin().await, server.user("bob").await);
            change(&ada, &delete(&bob)).await.ok();
            assert_eq!(change(&ada, &restore(&bob)).await.codes(), ["CONFLICT"], "the grace period is over");
            // PostgreSQL may still lock the row for the refused change. Then a later sweep deletes it.
            let mut swept = 0;
            for _ in 0..1_000 {
                swept += server.app.accounts().purge_deleted().await.unwrap();
                if swept > 0 {
                    break;
                }
            }
            assert_eq!(swept, 1);
            assert_eq!(state(&ada, &bob).await, json!(null));
        },
    )
    .await;
}

#[on_each_database]
async fn last_administrator_cannot_be_deleted() {
    each(async |server| {
        let ada = server.admin().await;
        assert_eq!(change(&ada, &delete(&ada)).await.codes(), ["CONFLICT"]);
        let eve = administrator(server, "eve").await;
        change(&ada, &delete(&eve)).await.ok();
        // An administrator whose deletion is scheduled does not count.
        for call in [delete(&ada), format!("disableUser(input: {{ userId: \"{}\" }})", ada.id)] {
            assert_eq!(change(&ada, &call).await.codes(), ["CONFLICT"], "{call}");
        }
        ada.gql("{ me { id } }").await.ok();
        change(&ada, &restore(&eve)).await.ok();
        change(&ada, &delete(&ada)).await.ok();
        assert_eq!(ada.gql("{ me { id } }").await.status, 401);
    })
    .await;
}

#[on_each_database]
async fn concurrent_purges_and_restorations_are_consistent() {
    each(async |server| {
        let ada = server.admin().await;
        let mut users = Vec::new();
        for n in 0..12 {
            users.push(server.user(&format!("user{n}")).await);
        }
        let dee = holder(server, &ada, "undertaker", &["users:read", "users:delete"]).await;
        for user in &users {
            change(&dee, &delete(user)).await.ok();
        }
        let calls: Vec<_> = users[..6].iter().flat_map(|user| [restore(user), restore(user)]).collect();
        let early = join_all(calls.iter().map(|call| change(&dee, call)));
        let (restored, swept) = tokio::join!(early, server.app.accounts().purge_deleted());
        assert!(restored.iter().all(|answer| answer.codes().is_empty()), "{restored:#?}");
        assert_eq!(swept.unwrap(), 0);

        pass_days(server, 30);
        let dee = dee.login("undertaker").await;
        let calls: Vec<_> = users.iter().map(restore).collect();
        let late = join_all(calls.iter().map(|call| change(&dee, call)));
        let accounts = server.app.accounts();
        let (answers, one, two) = tokio::join!(late, accounts.purge_deleted(), accounts.purge_deleted());
        // Two concurrent sweeps skip a row that a restoration has locked. The next sweep takes it.
        let three = accounts.purge_deleted().await.unwrap();
        assert_eq!(one.unwrap() + two.unwrap() + three, 6);
        for (n, answer) in answers.iter().enumerate() {
            let codes = answer.codes();
            assert!(
                if n < 6 { codes.is_empty() } else { matches!(codes[..], ["CONFLICT" | "NOT_FOUND"]) },
                "{answer:#?}"
            );
        }
        for (n, user) in users.iter().enumerate() {
            let expected = if n < 6 { json!({ "state": "ACTIVE", "deletionScheduledAt": null }) } else { json!(null) };
            assert_eq!(state(&dee, user).await, expected);
        }
    })
    .await;
}

#[tokio::test]
async fn purge_leaves_no_personal_data_in_the_database_file() {
    let server = Server::start().await;
    let (ada, bob) = (server.admin().await, server.user("bob.of.the.hills").await);
    let change = "mutation { updateProfile(input: { email: \"hilly@example.org\" }) { user { id } } }";
    bob.gql(change).await.ok();
    ada.gql(&format!("mutation {{ {} {{ sessionsRevoked }} }}", delete(&bob))).await.ok();
    pass_days(&server, 30);
    assert_eq!(server.app.accounts().purge_deleted().await.unwrap(), 1);
    server.app.accounts().store.close().await;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(server.database.directory.path().join("data")).unwrap() {
        let entry = entry.unwrap();
        let bytes = std::fs::read(entry.path()).unwrap();
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        found.extend(["bob.of.the.hills", "hilly@example.org"].into_iter().filter(|text| has(text)));
        assert!(!has("ada") || entry.file_name() == "fieldguard.db", "{entry:?}");
    }
    assert_eq!(found, [] as [&str; 0]);
}
