//! Migration: by any number of servers at once, and never of what a newer one has made.

use fieldguard::store::{Error, Store, roles};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Database as Connection};

use super::settings;
use crate::database;

#[tokio::test]
async fn happens_once() {
    database::each(async |database| {
        let starts = (0..4).map(|_| async {
            let store = Store::connect(&settings(database)).await?;
            store.migrate().await?;
            Ok::<_, Error>(store)
        });
        for store in join_all(starts).await {
            let store = store.unwrap();
            assert_eq!(roles::list(&store).await.unwrap().len(), 2);
            store.migrate().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn refuses_a_newer_database() {
    database::each(async |database| {
        let store = Store::connect(&settings(database)).await.unwrap();
        store.migrate().await.unwrap();
        let connection = Connection::connect(&database.url).await.unwrap();
        let sql = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";
        connection.execute_unprepared(sql).await.unwrap();
        assert!(matches!(store.migrate().await, Err(Error::Newer)));
    })
    .await;
}
