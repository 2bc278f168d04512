//! Databases and backups of older schemas.

use fieldguard::{
    domain::{role::USER, user_list::UserFilter},
    store::{Store, backup, users},
};
use fieldguard_migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database as Connection, DbBackend};

use super::{super::add, assert_whole, connect, content::dump, kinds, migrated, restore, save};
use crate::database::Database;

/// A database with an account to which the first `steps` migrations were applied.
async fn of_steps(database: &Database, steps: u32) {
    // It makes the file.
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

/// How many accounts the index of the search has with that text.
async fn found_by(store: &Store, text: &str) -> u64 {
    users::count(store, &UserFilter::default().search(text).unwrap().unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_backup_of_an_older_schema_is_migrated() {
    let newest = u32::try_from(Migrator::migrations().len()).unwrap();
    for steps in [1, 4, 16, newest - 1] {
        for from in kinds().await {
            of_steps(&from, steps).await;
            let source = connect(&from).await;
            let path = save(&source, &from, "a.backup").await;
            source.close().await;
            for to in kinds().await {
                let target = connect(&to).await;
                restore(&target, &path, false).await.unwrap();
                add(&target, "new", &[USER]).await;
                // Over a database of the current schema, which goes back and forward again.
                let summary = restore(&target, &path, true).await.unwrap();
                assert_whole(summary.audit.as_ref());
                assert_eq!((found_by(&target, "old").await, found_by(&target, "new").await), (1, 0));
                target.close().await;
                let found = dump(&to.url).await;
                assert_eq!((found["accounts"].len(), found["seaql_migrations"].len()), (1, newest as usize));
            }
        }
    }
}

#[tokio::test]
async fn an_older_database_is_copied_and_left_as_it_is() {
    for from in kinds().await {
        of_steps(&from, 16).await;
        let before = dump(&from.url).await;
        for to in kinds().await {
            let (source, target) = (connect(&from).await, migrated(&to).await);
            backup::copy(&source, &target, |_, _| {}).await.unwrap().commit().await.unwrap();
            assert_eq!(found_by(&target, "old").await, 1);
            source.close().await;
            target.close().await;
            assert_eq!(dump(&to.url).await["accounts"].len(), 1);
            assert_eq!(dump(&from.url).await, before);
        }
    }
}
