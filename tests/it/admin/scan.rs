//! The contents of a database as text, for tests of what is stored.

use sea_orm::{ConnectionTrait, Database as Connection, DatabaseConnection, DbBackend, Statement};

use crate::app::Server;

/// Every row of every table, one line each, starting with the table's name.
pub async fn everything(server: &Server) -> Vec<String> {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    let tables = match connection.get_database_backend() {
        // The rows of a virtual table are in its shadow tables.
        DbBackend::Sqlite => {
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'virtual' AND name NOT LIKE 'sqlite%'"
        }
        _ => "SELECT CAST(table_name AS text) FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let mut rows = Vec::new();
    for table in texts(&connection, tables).await {
        rows.extend(rows_of(&connection, &table).await);
    }
    connection.close().await.unwrap();
    assert!(rows.len() > 20, "{rows:#?}");
    rows
}

/// Every row of the table, sorted.
pub async fn table(server: &Server, table: &str) -> Vec<String> {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    let mut rows = rows_of(&connection, table).await;
    connection.close().await.unwrap();
    rows.sort();
    rows
}

async fn rows_of(connection: &DatabaseConnection, table: &str) -> Vec<String> {
    let row = if connection.get_database_backend() == DbBackend::Sqlite {
        let columns = texts(connection, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
        columns.iter().map(|column| format!("quote(\"{column}\")")).collect::<Vec<_>>().join(" || ' ' || ")
    } else {
        "CAST(t AS text)".to_owned()
    };
    let rows = texts(connection, &format!("SELECT {row} FROM \"{table}\" t")).await;
    rows.iter().map(|row| format!("{table}: {row}")).collect()
}

async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
