//! Copies 100,000 users from SQLite to PostgreSQL and back, and through a file. Prints the time and the memory.
//!
//! ```sh
//! FIELDGUARD_TEST_POSTGRES_URL=postgres://… cargo test --test it store::backup::large -- --ignored --nocapture
//! ```

use std::{fs, time::Instant};

use fieldguard::{
    domain::{
        audit::{Action, Actor, Entry, RecordedState, Verdict},
        authentication::Methods,
        id::SessionId,
        role::USER,
        session::{Client, Session},
    },
    store::{self, Store, backup},
};

use super::{
    super::{account, hash, now, role},
    connect, migrated, restore, save,
};
use crate::database::Database;

const USERS: usize = 100_000;
const BATCH: usize = 1_000;

async fn fill(store: &Store) {
    for first in (0..USERS).step_by(BATCH) {
        let tx = store.write().await.unwrap();
        for number in first..first + BATCH {
            let user = account(&format!("user{number}"));
            store::users::insert(&tx, &user, &hash("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2g"))
                .await
                .unwrap();
            store::roles::give(&tx, user.id, &role(USER)).await.unwrap();
            let session = Session {
                methods: Methods::PASSWORD,
                id: SessionId::new(now()),
                user: user.id,
                created_at: now(),
                authenticated_at: now(),
                last_used_at: now(),
                expires_at: now() + chrono::TimeDelta::days(1),
                ip_address: Some("192.0.2.1".to_owned()),
                user_agent: Some("Mozilla/5.0".to_owned()),
            };
            let mut refresh_hash = [0; 32];
            refresh_hash[..16].copy_from_slice(session.id.uuid().as_bytes());
            store::sessions::insert(&tx, &session, &refresh_hash, now()).await.unwrap();
            let entry = Entry::new(Action::UserRegistered, Actor::Anonymous, &Client::default(), now());
            tx.note(entry.on(user.id).changing(None, RecordedState::holding([USER])));
        }
        tx.commit().await.unwrap();
    }
}

/// Runs `work`, and prints the time and the peak memory of the process.
async fn measure<T>(what: &str, work: impl Future<Output = T>) -> T {
    // Resets the peak memory that the system reports.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let started = Instant::now();
    let result = work.await;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim();
    println!("{what}: {:.1} s, at most {memory}", started.elapsed().as_secs_f64());
    result
}

async fn verdict(store: &Store) -> Verdict {
    store::audit::verify(store, None).await.unwrap()
}

#[tokio::test]
#[ignore = "takes minutes; the module documentation has the command"]
async fn hundred_thousand_users_are_copied_between_databases_and_restored() {
    let databases = [Database::sqlite(), Database::postgres().await.expect("a PostgreSQL server"), Database::sqlite()];
    let first = migrated(&databases[0]).await;
    measure("filling", fill(&first)).await;
    let (middle, last) = (connect(&databases[1]).await, connect(&databases[2]).await);
    for (what, from, to) in [("SQLite to PostgreSQL", &first, &middle), ("PostgreSQL to SQLite", &middle, &last)] {
        let copied = measure(what, backup::copy(from, to, |_, _| {})).await.unwrap();
        for table in ["accounts", "account_roles", "sessions", "audit_events"] {
            assert_eq!(copied.summary().rows(table), u64::try_from(USERS).unwrap(), "{table}");
        }
        measure("commit", copied.commit()).await.unwrap();
    }
    let verdicts = [verdict(&first).await, verdict(&middle).await, verdict(&last).await];
    assert!(
        matches!(&verdicts[0], Verdict::Whole { rows, .. } if u64::try_from(*rows) == u64::try_from(USERS)),
        "{verdicts:?}"
    );
    assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{verdicts:?}");
    let one = measure("backup of SQLite", save(&first, &databases[0], "a.backup")).await;
    let other = measure("backup of PostgreSQL", save(&middle, &databases[1], "a.backup")).await;
    let (mut lines, mut others) = (super::lines(&one), super::lines(&other));
    // The last line has a checksum of everything before it, including the header, which names the kind of the database.
    assert!(lines.pop() != others.pop());
    let different = lines.iter().zip(&others).find(|(line, other)| line != other);
    assert_eq!((different, lines.len()), (None, others.len()), "both databases have the same content");
    println!("the file has {} bytes", fs::metadata(&one).unwrap().len());
    measure("restore to PostgreSQL, replacing", restore(&middle, &one, true)).await.unwrap();
    measure("restore to SQLite, replacing", restore(&last, &other, true)).await.unwrap();
}
