//! A migrated PostgreSQL database as a template for test databases. The migrations run once per process instead of once
//! per test. Other tests run the migrations on empty databases.

use std::{future::pending, thread};

use chrono::DateTime;
use fieldguard::{
    domain::id::UserId,
    store::{Pooling, Settings, Store},
};
use sea_orm::{ConnectionTrait, Database as Connection, Statement, TransactionTrait};
use tokio::{
    runtime::Builder,
    sync::{OnceCell, oneshot},
};

use crate::database::{at, execute};

/// Longer than any migration takes.
const TIMEOUT: std::time::Duration = std::time::Duration::from_mins(1);

/// Creates a database as a copy of the template.
pub async fn copy(server: &str, name: &str) {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(|| create(server.to_owned())).await;
    execute(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
}

/// Creates a new template and returns its name. No code runs when tests end, so the template stays until another
/// process creates one. A database lock, which ends with the process, shows whether a template is in use.
async fn create(server: String) -> String {
    let (created, name) = oneshot::channel();
    // The thread keeps the lock and its connection after the runtime of the first test ends.
    let keep = move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let name = format!("fieldguard_template_{}", UserId::new(DateTime::UNIX_EPOCH).uuid().simple());
            let lock = Connection::connect(&server).await.unwrap().begin().await.unwrap();
            lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock(hashtext('{name}'))")).await.unwrap();
            for unused in names_without_lock(&lock).await {
                execute(&server, &format!("DROP DATABASE IF EXISTS {unused} WITH (FORCE)")).await;
            }
            execute(&server, &format!("CREATE DATABASE {name}")).await;
            let location = at(&server, &name).parse().unwrap();
            let settings = Settings { location, pooling: Pooling::Session, max_connections: 1, deadline: TIMEOUT };
            let store = Store::connect(&settings).await.unwrap();
            store.migrate().await.unwrap();
            store.close().await;
            created.send(name).unwrap();
            pending::<()>().await;
        });
    };
    thread::spawn(keep);
    name.await.expect("the panic message of the thread has the reason")
}

async fn names_without_lock(connection: &impl ConnectionTrait) -> Vec<String> {
    let sql = "SELECT datname FROM pg_database \
               WHERE datname LIKE 'fieldguard\\_template\\_%' AND pg_try_advisory_xact_lock(hashtext(datname))";
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "datname").unwrap()).collect()
}
