//! Databases and backups with older schemas.

use fieldguard::{
    domain::{role::USER, user_list::UserFilter},
    store::{Store, backup, users},
};
use fieldguard_migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database as Connection, DbBackend};

use super::{super::add, assert_whole, connect, content::dump, kinds, migrated, restore, save};
use crate::database::Database;

/// Applies the first `steps` migrations to the database and inserts a user.
async fn create_with_migrations(database: &Database, steps: u32) {
    // Creates the file.
    connect(database).await.close().await;
    let connection = Connection::connect(&database.url).await.unwrap();
    Migrator::up(&connection, Some(steps)).await.unwrap();
    let id = match connection.get_database_backend() {
        DbBackend::Sqlite => "X'01900000000070008000000000000001'",
        _ => "'01900000-0000-7000-8000-000000000001'",
    };
    let sql = format!(
        "INSERT INTO accounts (id, username, username_key, password_hash, created_at, updated_at) \
         VALUES ({id}, 'old', 'old', 'hash', 1, 1)"
    );
    connection.execute_unprepared(&sql).await.unwrap();
    connection.close().await.unwrap();
}

/// The number of users that the search index finds for the text.
async fn count_found(store: &Store, text: &str) -> u64 {
    users::count(store, &UserFilter::default().search(text).unwrap().unwrap()).await.unwrap()
}

#[tokio::test]
async fn backup_of_an_older_schema_is_migrated() {
    let newest = u32::try_from(Migrator::migrations().len()).unwrap();
    for steps in [1, 4, 16, newest - 1] {
        for from in kinds().await {
            create_with_migrations(&from, steps).await;
            let source = connect(&from).await;
            let path = save(&source, &from, "a.backup").await;
            source.close().await;
            for to in kinds().await {
                let target = connect(&to).await;
                restore(&target, &path, false).await.unwrap();
                add(&target, "new", &[USER]).await;
                // The target has the current schema. The restore migrates it back and forward again.
                let summary = restore(&target, &path, true).await.unwrap();
                assert_whole(summary.audit.as_ref());
                assert_eq!((count_found(&target, "old").await, count_found(&target, "new").await), (1, 0));
                target.close().await;
                let found = dump(&to.url).await;
                assert_eq!((found["accounts"].len(), found["seaql_migrations"].len()), (1, newest as usize));
            }
        }
    }
}

#[tokio::test]
async fn copy_migrates_the_target_and_leaves_an_older_source_unchanged() {
    for from in kinds().await {
        create_with_migrations(&from, 16).await;
        let before = dump(&from.url).await;
        for to in kinds().await {
            let (source, target) = (connect(&from).await, migrated(&to).await);
            backup::copy(&source, &target, |_, _| {}).await.unwrap().commit().await.unwrap();
            assert_eq!(count_found(&target, "old").await, 1);
            source.close().await;
            target.close().await;
            assert_eq!(dump(&to.url).await["accounts"].len(), 1);
            assert_eq!(dump(&from.url).await, before);
        }
    }
}
