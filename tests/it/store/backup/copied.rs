//! Restored and copied databases equal the original.

use fieldguard::store::{self, backup};

use super::{
    assert_whole, connect,
    content::{dump, fill, hex},
    kinds, lines, migrated, restore, save,
};

/// Tables that a restore leaves empty.
const REVOKED: [&str; 8] = [
    "email_codes",
    "mails",
    "password_resets",
    "personal_access_tokens",
    "recovery_codes",
    "secrets",
    "sessions",
    "sign_in_challenges",
];

#[tokio::test]
async fn restored_database_equals_the_saved_one_without_credentials() {
    for from in kinds().await {
        let store = migrated(&from).await;
        fill(&store, &from.url).await;
        let path = save(&store, &from, "a.backup").await;
        store.close().await;
        let mut expected = dump(&from.url).await;
        for to in kinds().await {
            let target = connect(&to).await;
            let summary = restore(&target, &path, false).await.unwrap();
            assert_whole(summary.audit.as_ref());
            assert_whole(Some(&store::audit::verify(&target, None).await.unwrap()));
            target.close().await;
            let mut found = dump(&to.url).await;
            assert_eq!(
                found["audit_events"].len(),
                expected["audit_events"].len() + 1,
                "the restore is an audit event"
            );
            assert!(expected["audit_events"].iter().all(|row| found["audit_events"].contains(row)));
            assert!(found["signing_keys"].iter().all(|row| !row.contains(&hex("the private half"))));
            for table in ["audit_events", "audit_head", "signing_keys"].iter().chain(&REVOKED) {
                let (_, rows) = (expected.remove(*table), found.remove(*table).unwrap());
                assert!(!REVOKED.contains(table) || rows.is_empty(), "{table}");
            }
            assert_eq!(found, expected);
            expected = dump(&from.url).await;
        }
    }
}

#[tokio::test]
async fn backup_contains_no_tokens_and_no_private_keys() {
    for from in kinds().await {
        let store = migrated(&from).await;
        fill(&store, &from.url).await;
        let text = lines(&save(&store, &from, "a.backup").await).join("\n");
        store.close().await;
        for secret in ["the private half", "the hash of a token", "the hash of a code", "sealing refresh tokens"] {
            use base64::Engine as _;
            use base64::engine::general_purpose::STANDARD;
            assert!(!text.contains(&STANDARD.encode(secret)) && !text.contains(secret), "{secret}");
        }
        for table in REVOKED {
            assert!(!text.contains(&format!("{{\"table\":\"{table}\"")), "{table}");
        }
    }
}

#[tokio::test]
async fn restore_retires_every_signing_key() {
    use sea_orm::ConnectionTrait;
    use sea_orm::Database as Connection;
    for from in kinds().await {
        let store = migrated(&from).await;
        fill(&store, &from.url).await;
        let path = save(&store, &from, "a.backup").await;
        // The key leaks after the backup and is retired.
        let connection = Connection::connect(&from.url).await.unwrap();
        connection.execute_unprepared("UPDATE signing_keys SET verifies_until = 5, retired_at = 5").await.unwrap();
        connection.close().await.unwrap();
        restore(&store, &path, true).await.unwrap();
        let keys = store::signing_keys::all(&store).await.unwrap();
        assert!(keys.iter().all(|key| key.retired_at.is_some()), "{keys:?}");
        store.close().await;
    }
}

#[tokio::test]
async fn copy_equals_the_source_in_every_table() {
    for from in kinds().await {
        let source = migrated(&from).await;
        fill(&source, &from.url).await;
        for to in kinds().await {
            let target = connect(&to).await;
            let copied = backup::copy(&source, &target, |_, _| {}).await.unwrap();
            assert_whole(copied.summary().audit.as_ref());
            copied.commit().await.unwrap();
            assert_eq!(dump(&to.url).await, dump(&from.url).await);
            let verdicts = (store::audit::verify(&source, None).await, store::audit::verify(&target, None).await);
            assert_eq!(verdicts.0.unwrap(), verdicts.1.unwrap());
            target.close().await;
        }
        source.close().await;
    }
}

#[tokio::test]
async fn uncommitted_copy_changes_nothing() {
    for from in kinds().await {
        let source = migrated(&from).await;
        fill(&source, &from.url).await;
        for to in kinds().await {
            let target = migrated(&to).await;
            let before = dump(&to.url).await;
            drop(backup::copy(&source, &target, |_, _| {}).await.unwrap());
            target.close().await;
            assert_eq!(dump(&to.url).await, before);
        }
        source.close().await;
    }
}
