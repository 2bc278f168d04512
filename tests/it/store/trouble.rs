//! Database failures: acknowledged writes are kept, hanging operations are canceled, and no connection stays in a
//! broken state.

use std::{future::Future, net::SocketAddr, pin::pin, task::Poll, time::Duration};

use fieldguard::store::{Error, Settings, Store, Writable, administrators, users};
use fieldguard_test_macros::{needs, on_each_database};
use sea_orm::{ConnectionTrait, Database as Connection, Statement};

use super::{account, add, hash, settings};
use crate::{database::Database, proxy::Proxy};

/// Makes SQLite roll back the whole transaction when a user called `full…` is inserted, as it does when the disk is
/// full or memory is short.
const ROLLS_BACK: &str = "CREATE TRIGGER full BEFORE INSERT ON accounts WHEN NEW.username LIKE 'full%' \
                          BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END";

async fn store_that_rolls_back(database: &Database) -> Store {
    let store = Store::connect(&settings(database)).await.unwrap();
    store.migrate().await.unwrap();
    let other = Connection::connect(&database.url).await.unwrap();
    other.execute_unprepared(ROLLS_BACK).await.unwrap();
    other.close().await.unwrap();
    store
}

/// Whether another connection sees the user.
async fn is_kept(database: &Database, name: &str) -> bool {
    let other = Connection::connect(&database.url).await.unwrap();
    let sql = format!("SELECT 1 FROM accounts WHERE username = '{name}'");
    let row = other.query_one_raw(Statement::from_string(other.get_database_backend(), sql)).await.unwrap();
    other.close().await.unwrap();
    row.is_some()
}

#[tokio::test]
async fn writes_are_kept_after_a_rollback_by_sqlite() {
    let database = Database::sqlite();
    let store = store_that_rolls_back(&database).await;
    for number in 0..3 {
        let tx = store.write().await.unwrap();
        users::insert(&tx, &account(&format!("full{number}")), &hash("x")).await.unwrap_err();
        drop(tx);
        let name = format!("ada{number}");
        add(&store, &name, &[]).await;
        assert!(is_kept(&database, &name).await, "the write of {name} was acknowledged");
    }
}

#[on_each_database]
async fn transaction_with_a_failed_statement_is_not_committed() {
    super::each(async |store| {
        add(store, "ada", &[]).await;
        let tx = store.write().await.unwrap();
        users::insert(&tx, &account("bob"), &hash("x")).await.unwrap();
        users::insert(&tx, &account("ada"), &hash("x")).await.unwrap_err();
        users::insert(&tx, &account("carol"), &hash("x")).await.unwrap_err();
        tx.commit().await.unwrap_err();
        assert_eq!(users::total(store).await.unwrap(), 1);
        add(store, "bob", &[]).await;
    })
    .await;
    let database = Database::sqlite();
    let store = store_that_rolls_back(&database).await;
    let tx = store.write().await.unwrap();
    users::insert(&tx, &account("full"), &hash("x")).await.unwrap_err();
    users::insert(&tx, &account("bob"), &hash("x")).await.unwrap_err();
    tx.commit().await.unwrap_err();
    assert!(!is_kept(&database, "bob").await, "SQLite alone would commit this user");
}

/// Polls `future` the number of times, and then drops it.
async fn cancel_after<T>(polls: usize, future: impl Future<Output = T>) {
    let mut future = pin!(future);
    for _ in 0..polls {
        let is_ready = std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await;
        if is_ready {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Returns when no connection to the database is inside a transaction.
async fn wait_for_all_transactions(database: &Database) {
    let watcher = Connection::connect(&database.url).await.unwrap();
    let sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let query = || Statement::from_string(watcher.get_database_backend(), sql);
    while watcher.query_one_raw(query()).await.unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    watcher.close().await.unwrap();
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn canceled_transaction_leaves_no_connection_inside_it() {
    let Some(database) = Database::postgres().await else { return };
    let store = Store::connect(&Settings { max_connections: 2, ..settings(&database) }).await.unwrap();
    store.migrate().await.unwrap();
    for polls in 0..40 {
        cancel_after(polls, async {
            let tx = store.write().await.unwrap();
            users::insert(&tx, &account(&format!("user{polls}")), &hash("x")).await.unwrap();
            tx.commit().await.unwrap();
        })
        .await;
    }
    wait_for_all_transactions(&database).await;
    // A failing statement would leave the next user of such a connection in an aborted transaction.
    add(&store, "ada", &[]).await;
    for _ in 0..4 {
        let tx = store.write().await.unwrap();
        users::insert(&tx, &account("ada"), &hash("x")).await.unwrap_err();
        drop(tx);
        users::total(&store).await.unwrap();
    }
}

fn server_address(database: &Database) -> SocketAddr {
    let rest = database.url.split_once('@').unwrap().1;
    rest.split('/').next().unwrap().parse().expect("the URL of the test server has an IP address")
}

async fn connect_through(proxy: &Proxy, database: &Database, deadline: Duration) -> Store {
    let url = database.url.replace(&server_address(database).to_string(), &proxy.address.to_string());
    let store =
        Store::connect(&Settings { location: url.parse().unwrap(), deadline, ..settings(database) }).await.unwrap();
    store.migrate().await.unwrap();
    store
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn operations_on_an_unresponsive_server_fail_and_succeed_after_it_recovers() {
    let Some(database) = Database::current_postgres().await else { return };
    let proxy = Proxy::to(server_address(&database)).await;
    let store = connect_through(&proxy, &database, Duration::from_secs(2)).await;
    let open = store.write().await.unwrap();
    users::insert(&open, &account("ada"), &hash("x")).await.unwrap();
    proxy.pause();
    let unconfirmed = open.commit().await.unwrap_err();
    assert!(matches!(unconfirmed, Error::Uncertain(_)), "{unconfirmed:?}");
    for _ in 0..3 {
        let error = store.write().await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        let error = users::total(&store).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
    proxy.resume();
    users::total(&store).await.expect("the server answers again");
    add(&store, "bob", &[]).await;
    wait_for_all_transactions(&database).await;
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn wait_for_a_locked_table_loses_no_connection() {
    let Some(database) = Database::current_postgres().await else { return };
    let store = Store::connect(&Settings { deadline: Duration::from_secs(1), ..settings(&database) }).await.unwrap();
    let holder = Store::connect(&settings(&database)).await.unwrap();
    let held = holder.write().await.unwrap();
    administrators::lock(&held).await.unwrap();
    let waiting = store.write().await.unwrap();
    administrators::lock(&waiting).await.unwrap_err();
    drop(waiting);
    drop(held);
    add(&store, "ada", &[]).await;
    wait_for_all_transactions(&database).await;
}

#[tokio::test]
async fn probe_reports_a_different_schema() {
    let database = Database::sqlite();
    let store = store_that_rolls_back(&database).await;
    assert_eq!(store.probe().await.unwrap(), Writable::Yes);
    let other = Connection::connect(&database.url).await.unwrap();
    other.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m99999999_newer', 0)").await.unwrap();
    assert_eq!(store.probe().await.unwrap(), Writable::OtherSchema);
    other.execute_unprepared("DELETE FROM seaql_migrations").await.unwrap();
    assert_eq!(store.probe().await.unwrap(), Writable::OtherSchema);
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn probe_reports_a_read_only_database() {
    let Some(database) = Database::current_postgres().await else { return };
    let other = Connection::connect(&database.url).await.unwrap();
    let name = database.url.rsplit('/').next().unwrap();
    let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    other.execute_unprepared(&sql).await.unwrap();
    other.close().await.unwrap();
    let store = Store::connect(&settings(&database)).await.unwrap();
    assert_eq!(store.probe().await.unwrap(), Writable::ReadOnly);
}
