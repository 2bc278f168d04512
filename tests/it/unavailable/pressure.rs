//! Resource shortage: no place in the hashing queue, a full disk, a lock held by another process.

use std::{io::Read, path::Path, time::Duration};

use fieldguard::{auth::hasher::Claim, config::Config, domain::overview::DatabaseType, store::Reader};
use fieldguard_test_macros::{needs, on_each_database};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use tempfile::NamedTempFile;

use super::{assert_field_unavailable, assert_unavailable, connect, login, register};
use crate::{
    app::{Server, each_with, settings},
    database::Database,
};

fn one_place(config: &mut Config) {
    config.hash.threads = 1;
    config.hash.queue = 1;
    config.metrics = Some(true);
}

#[on_each_database]
async fn full_hashing_queue_is_service_unavailable() {
    each_with(one_place, async |server| {
        server.user("bob").await;
        let hasher = &server.app.accounts().hasher;
        let places: Vec<_> = std::iter::from_fn(|| hasher.reserve(Claim::KNOWN).ok()).collect();
        let anonymous = server.anonymous();
        let (known, unknown) = (login(&anonymous, "bob").await, login(&anonymous, "nobody").await);
        for answer in [&known, &unknown] {
            assert_field_unavailable(answer, "login");
            assert_eq!(answer.at("/errors/0/message"), "The service is unavailable. Try again in 1 second.");
            assert!(answer.at("/errors/0/extensions/outcome").is_null(), "{answer:#?}");
        }
        assert_field_unavailable(&register(&anonymous, "eve").await, "register");
        let metrics = reqwest::get(server.url("/metrics")).await.unwrap().text().await.unwrap();
        assert!(metrics.contains("fieldguard_sign_ins_total{outcome=\"unavailable\"} 2"), "{metrics}");
        drop(places);
        login(&anonymous, "bob").await.ok();
    })
    .await;
}

#[tokio::test]
async fn full_disk_fails_writes_with_service_unavailable() {
    let server = Server::start().await;
    let tx = server.app.accounts().store.write().await.unwrap();
    // Limits the size of the database file, on the connection that writes.
    Reader::connection(&tx).execute_unprepared("PRAGMA max_page_count = 1").await.unwrap();
    drop(tx);
    for n in 0..500 {
        let answer = register(&server.anonymous(), &format!("user{n}")).await;
        if answer.at("/errors").is_null() {
            continue;
        }
        assert_field_unavailable(&answer, "register");
        assert!(answer.at("/errors/0/extensions/outcome").is_null(), "the outcome is known: {answer:#?}");
        return;
    }
    panic!("500 users fit into a file of limited size");
}

/// Fills the file system of `directory` until `left` bytes are free. Returns the file that fills it.
fn fill(directory: &Path, left: u64) -> NamedTempFile {
    let mut file = NamedTempFile::new_in(directory).unwrap();
    let system = rustix::fs::statvfs(directory).unwrap();
    let bytes = (system.f_bavail * system.f_frsize).saturating_sub(left);
    std::io::copy(&mut std::io::repeat(0).take(bytes), &mut file).unwrap();
    file
}

/// A small write fits into the space that the log of the database has already. The variable names a directory on a file
/// system of a few megabytes.
#[needs("FIELDGUARD_TEST_SMALL_DISK")]
#[tokio::test]
async fn full_disk_is_not_ready_until_there_is_room() {
    let Some(disk) = option_env!("FIELDGUARD_TEST_SMALL_DISK") else { return };
    let directory = tempfile::tempdir_in(disk).unwrap();
    let server = Server::on(Database::sqlite_in(directory), settings()).await;
    let ready = async || reqwest::get(server.url("/readyz")).await.unwrap().status().as_u16();
    for left in [0, 40_000] {
        assert_eq!(ready().await, 200);
        let filler = fill(server.database.directory.path(), left);
        let mut names = (0..100).map(|n| format!("user{n}of{left}"));
        let refused = loop {
            let answer = register(&server.anonymous(), &names.next().unwrap()).await;
            if !answer.at("/errors").is_null() {
                break answer;
            }
        };
        assert_field_unavailable(&refused, "register");
        for _ in 0..4 {
            // Longer than an answer is reused.
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert_eq!(ready().await, 503, "with {left} bytes free");
        }
        drop(filler);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(ready().await, 200, "there is room again");
        register(&server.anonymous(), &names.next().unwrap()).await.ok();
    }
}

/// Requests wait for the database for half of this time.
fn one_second_execution(config: &mut Config) {
    config.limits.documents.execution = Duration::from_secs(1);
}

#[on_each_database]
async fn lock_of_another_process_fails_writes_with_service_unavailable() {
    each_with(one_second_execution, async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        ada.gql("{ me { id } }").await.ok();
        let kind = server.app.accounts().store.kind();
        let other = connect(server).await.begin().await.unwrap();
        other
            .execute_unprepared(match kind {
                DatabaseType::Sqlite => "DELETE FROM accounts WHERE 1 = 0",
                DatabaseType::Postgres => "LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE",
            })
            .await
            .unwrap();
        assert_unavailable(&register(&server.anonymous(), "eve").await);
        assert_unavailable(&login(&server.anonymous(), "bob").await);
        assert_unavailable(
            &ada.gql(&format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", bob.id))
                .await,
        );
        if kind == DatabaseType::Postgres {
            assert_unavailable(&ada.gql("{ users(first: 1) { edges { cursor } } }").await);
            assert_unavailable(&bob.gql("{ me { id } }").await);
        }
        other.rollback().await.unwrap();
        let state = ada.gql(&format!("{{ user(id: \"{}\") {{ state }} }}", bob.id)).await.ok();
        assert_eq!(state.at("/data"), &json!({ "user": { "state": "ACTIVE" } }));
    })
    .await;
}
