//! A backup during concurrent writes is a consistent snapshot.

use std::sync::atomic::{AtomicBool, Ordering};

use fieldguard::{
    domain::{
        audit::{Action, Actor, Entry, RecordedState},
        role::USER,
        session::Client,
    },
    store::{self, Store},
};

use super::{
    super::{account, hash, now, role},
    assert_whole, connect,
    content::dump,
    kinds, migrated, restore, save,
};
use crate::database::Database;

const BACKUPS: usize = 5;
const MIN_REGISTRATIONS: usize = 20;

/// Stores a user, their role and an audit event in one transaction.
async fn register(store: &Store, name: &str) {
    let user = account(name);
    let tx = store.write().await.unwrap();
    store::users::insert(&tx, &user, &hash("$argon2id$old")).await.unwrap();
    store::roles::give(&tx, user.id, &role(USER)).await.unwrap();
    let entry = Entry::new(Action::UserRegistered, Actor::Anonymous, &Client::default(), now());
    tx.note(entry.on(user.id).changing(None, RecordedState::holding([USER])));
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn backup_during_registrations_contains_complete_registrations() {
    for database in kinds().await {
        let store = migrated(&database).await;
        let is_over = AtomicBool::new(false);
        let write = async {
            let mut number = 0;
            while number < MIN_REGISTRATIONS || !is_over.load(Ordering::Relaxed) {
                register(&store, &format!("user{number}")).await;
                number += 1;
            }
        };
        let read = async {
            let mut paths = Vec::new();
            for number in 0..BACKUPS {
                paths.push(save(&store, &database, &format!("{number}.backup")).await);
            }
            is_over.store(true, Ordering::Relaxed);
            paths
        };
        let ((), paths) = tokio::join!(write, read);
        store.close().await;
        let mut last = 0;
        for path in paths {
            let target = Database::sqlite();
            let restored = connect(&target).await;
            assert_whole(restore(&restored, &path, false).await.unwrap().audit.as_ref());
            restored.close().await;
            let found = dump(&target.url).await;
            let accounts = found["accounts"].len();
            // The restore itself adds one audit event.
            assert_eq!((found["account_roles"].len(), found["audit_events"].len()), (accounts, accounts + 1));
            assert!(accounts >= last, "later backups contain at least what earlier ones did");
            last = accounts;
        }
    }
}
