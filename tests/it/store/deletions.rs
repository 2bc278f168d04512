//! Deletion of a user while a security event is recorded for them.

use fieldguard::{
    domain::session::Client,
    store::{Store, security_events, users},
};
use fieldguard_test_macros::on_each_database;
use sea_orm::Database as Connection;
use sea_orm::{ConnectionTrait, Statement};

use super::{add, now, settings};
use crate::database::{self, Database};

/// Waits until a transaction on the database waits for a lock. On SQLite no transaction gets that far.
async fn wait_for_a_blocked_transaction(database: &Database) {
    if database.url.starts_with("sqlite") {
        return;
    }
    let connection = Connection::connect(&database.url).await.unwrap();
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    loop {
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection.query_one_raw(statement).await.unwrap().unwrap();
        if row.try_get_by_index::<i64>(0).unwrap() > 0 {
            return connection.close().await.unwrap();
        }
    }
}

#[on_each_database]
async fn recording_an_attempt_on_a_user_being_deleted_succeeds() {
    database::each(async |database: &Database| {
        let store = Store::connect(&settings(database)).await.unwrap();
        store.migrate().await.unwrap();
        let ann = add(&store, "ann", &[]).await;
        let deleting = store.write().await.unwrap();
        assert!(users::delete(&deleting, ann.id).await.unwrap());
        let attempt = async {
            let tx = store.write().await.unwrap();
            security_events::record_attempt(&tx, ann.id, &Client::default(), now()).await.unwrap();
            tx.commit().await.unwrap();
        };
        let commit = async {
            wait_for_a_blocked_transaction(database).await;
            deleting.commit().await.unwrap();
        };
        tokio::join!(attempt, commit);
        store.close().await;
    })
    .await;
}
