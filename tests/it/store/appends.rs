//! Appends of audit events by writers that remember the head, in several processes at once.

use chrono::TimeDelta;
use fieldguard::{
    domain::{
        audit::{Action, Actor, Entry, Verdict},
        id::UserId,
        session::Client,
    },
    store::{
        Store,
        audit::{self, Appender},
    },
};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join3;

use super::{each, now, settings};
use crate::database;

/// A read of these users.
fn read(users: &[UserId]) -> Entry {
    let mut entry = Entry::new(Action::PersonalDataRead, Actor::Server, &Client::default(), now());
    entry.subjects.extend(users);
    entry
}

async fn rows(store: &Store) -> i64 {
    match audit::verify(store, None).await.unwrap() {
        Verdict::Whole { rows, .. } => rows,
        broken @ Verdict::Broken { .. } => panic!("{broken:?}"),
    }
}

#[on_each_database]
async fn audit_log_stays_whole_when_several_processes_append_at_once() {
    database::each(async |database| {
        let first = Store::connect(&settings(database)).await.unwrap();
        first.migrate().await.unwrap();
        let second = Store::connect(&settings(database)).await.unwrap();
        let third = Store::connect(&settings(database)).await.unwrap();
        let users = [UserId::new(now()), UserId::new(now())];
        let append = async |store: &Store| {
            let mut appender = Appender::default();
            for number in 0..100 {
                let entries = [read(&users[..number % 3]), read(&users[..1])];
                appender.append(store, &entries[..=number % 2]).await.unwrap();
            }
        };
        let change = async {
            for _ in 0..50 {
                let tx = third.write().await.unwrap();
                tx.note(read(&users));
                tx.commit().await.unwrap();
            }
        };
        join3(append(&first), append(&second), change).await;
        assert_eq!(rows(&first).await, 2 * 150 + 50);
        for store in [first, second, third] {
            store.close().await;
        }
    })
    .await;
}

#[on_each_database]
async fn appender_writes_a_subject_set_again_after_it_was_pruned() {
    each(async |store| {
        let (users, mut appender) = ([UserId::new(now()), UserId::new(now())], Appender::default());
        for user in users {
            appender.append(store, &[read(&[user])]).await.unwrap();
        }
        let later = now() + TimeDelta::days(1);
        assert_eq!(audit::prune(store, later, later).await.unwrap(), 2);
        // The first append notices that the head moved. The second one must not rely on the set of the other user.
        for user in users {
            appender.append(store, &[Entry { at: later, ..read(&[user]) }]).await.unwrap();
        }
        assert_eq!(rows(store).await, 3);
    })
    .await;
}

#[on_each_database]
async fn append_of_more_events_than_fit_into_one_statement_is_whole() {
    each(async |store| {
        let (users, mut appender) = ([UserId::new(now())], Appender::default());
        for count in [1, 32, 33, 100, 1] {
            appender.append(store, &vec![read(&users); count]).await.unwrap();
        }
        assert_eq!(rows(store).await, 167);
    })
    .await;
}
