//! Every change made directly in the database is detected: a changed byte in any column of any event, a removed event,
//! and a swapped pair.

use fieldguard::domain::audit::Verdict;
use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use super::{assert_whole, connect, is_sqlite, number, verdict};
use crate::app::{Server, each};

const TEXTS: [&str; 16] = [
    "action",
    "actor",
    "actor_id",
    "session_id",
    "token_id",
    "target_type",
    "target_id",
    "coordinates",
    "request_id",
    "ip_address",
    "address_salt",
    "address_seal",
    "state_before",
    "state_after",
    "reason",
    "previous",
];

async fn execute(database: &DatabaseConnection, sql: &str) {
    database.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Creates an audit log with events of every shape, and copies of its tables to restore it from.
async fn audit_log(server: &Server) -> DatabaseConnection {
    let (ada, bob) = (server.admin().await, server.user("bob").await);
    ada.gql("{ users { edges { node { email } } } }").await.ok();
    ada.gql(&format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", bob.id)).await.ok();
    bob.signed_out().gql("mutation { enableUser(input: { userId: \"x\" }) { user { id } } }").await;
    assert_whole(server).await;
    let database = connect(server).await;
    for table in ["audit_events", "audit_subjects", "audit_head"] {
        execute(&database, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    database
}

async fn restore(database: &DatabaseConnection) {
    for table in ["audit_events", "audit_subjects", "audit_head"] {
        execute(database, &format!("DELETE FROM {table}")).await;
        execute(database, &format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
    }
}

/// Asserts that the change is detected at the event `expected`, or at any event if that is 0.
#[track_caller]
fn assert_detected(verdict: &Verdict, expected: i64, sql: &str) {
    match verdict {
        Verdict::Broken { number, .. } => assert!(expected == 0 || *number == expected, "{sql}: {verdict:?}"),
        Verdict::Whole { .. } => panic!("not detected: {sql}"),
    }
}

async fn tamper(server: &Server, database: &DatabaseConnection, sql: &[&str], expected: i64) {
    for sql in sql {
        execute(database, sql).await;
    }
    assert_detected(&verdict(server).await, expected, &sql.join("; "));
    restore(database).await;
}

/// An SQL expression for the text with its first byte changed, or for `x` if it is null.
fn other(column: &str) -> String {
    format!(
        "CASE WHEN {column} IS NULL THEN 'x' WHEN {column} LIKE 'x%' THEN 'y' ELSE 'x' END || coalesce(substr({column}, 2), '')"
    )
}

#[on_each_database]
async fn changed_byte_is_detected_in_every_column_of_every_event() {
    each(async |server| {
        let database = audit_log(server).await;
        let rows = number(&database, "SELECT count(*) FROM audit_events").await;
        assert!(rows >= 7, "{rows} rows");
        for row in 1..=rows {
            for column in TEXTS {
                let sql = format!("UPDATE audit_events SET {column} = {} WHERE sequence = {row}", other(column));
                tamper(server, &database, &[&sql], row).await;
                if !matches!(column, "action" | "actor" | "coordinates" | "previous") {
                    let sql = format!(
                        "UPDATE audit_events SET {column} = NULL WHERE sequence = {row} AND {column} IS NOT NULL"
                    );
                    let statement = Statement::from_string(database.get_database_backend(), sql.as_str());
                    let touched = database.execute_raw(statement).await.unwrap().rows_affected();
                    if touched == 1 {
                        assert_detected(&verdict(server).await, row, &sql);
                        restore(&database).await;
                    }
                }
            }
            let hash = format!("UPDATE audit_events SET hash = {} WHERE sequence = {row}", other("hash"));
            tamper(server, &database, &[&hash], row).await;
            let upper = format!("UPDATE audit_events SET hash = upper(hash) WHERE sequence = {row}");
            tamper(server, &database, &[&upper], row).await;
            for column in ["occurred_at", "subjects"] {
                let sql = format!("UPDATE audit_events SET {column} = {column} + 1 WHERE sequence = {row}");
                tamper(server, &database, &[&sql], row).await;
            }
            let id = if is_sqlite(&database) {
                "X'01927f0000007000800000000000abcd'"
            } else {
                "'01927f00-0000-7000-8000-00000000abcd'"
            };
            let id = format!("UPDATE audit_events SET id = {id} WHERE sequence = {row}");
            tamper(server, &database, &[&id], 0).await;
            // A changed sequence number leaves a gap.
            let sequence = format!("UPDATE audit_events SET sequence = sequence + 1000 WHERE sequence = {row}");
            tamper(server, &database, &[&sequence], row).await;
            let negative = format!("UPDATE audit_events SET sequence = -sequence WHERE sequence = {row}");
            tamper(server, &database, &[&negative], 0).await;
        }
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn removed_event_is_detected_at_every_position() {
    each(async |server| {
        let database = audit_log(server).await;
        let rows = number(&database, "SELECT count(*) FROM audit_events").await;
        for row in 1..=rows {
            let sql = format!("DELETE FROM audit_events WHERE sequence = {row}");
            tamper(server, &database, &[&sql], row).await;
            // The next event moves into the gap.
            let gap = format!("UPDATE audit_events SET sequence = sequence - 1 WHERE sequence = {row} + 1");
            tamper(server, &database, &[&sql, &gap], row).await;
        }
        let last = format!("DELETE FROM audit_events WHERE sequence >= {rows} - 1");
        tamper(server, &database, &[&last], rows - 1).await;
        tamper(server, &database, &["DELETE FROM audit_events"], 1).await;
        tamper(server, &database, &["DELETE FROM audit_head"], 0).await;
    })
    .await;
}

#[on_each_database]
async fn swapped_events_are_detected() {
    each(async |server| {
        let database = audit_log(server).await;
        let rows = number(&database, "SELECT count(*) FROM audit_events").await;
        for one in 1..rows {
            for other in one + 1..=rows {
                let set =
                    |from: i64, to: i64| format!("UPDATE audit_events SET sequence = {to} WHERE sequence = {from}");
                let swap = [set(one, -1), set(other, one), set(-1, other)];
                tamper(server, &database, &swap.each_ref().map(String::as_str), one).await;
            }
        }
        // Swap the contents and keep the sequence numbers.
        let contents = "action = (SELECT action FROM kept_audit_events k WHERE k.sequence = 5 - audit_events.sequence)";
        let sql = format!("UPDATE audit_events SET {contents} WHERE sequence IN (2, 3)");
        tamper(server, &database, &[&sql], 2).await;
    })
    .await;
}

#[on_each_database]
async fn changes_to_subjects_and_head_are_detected() {
    each(async |server| {
        let database = audit_log(server).await;
        let set = "(SELECT max(set_id) FROM audit_subjects)";
        for sql in [
            "DELETE FROM audit_subjects".to_owned(),
            "UPDATE audit_subjects SET account_id = (SELECT id FROM audit_events WHERE sequence = 1)".to_owned(),
            "UPDATE audit_subjects SET set_id = 'x'".to_owned(),
            format!("INSERT INTO audit_subjects SELECT id, {set} FROM audit_events WHERE sequence = 1"),
            "INSERT INTO audit_subjects SELECT id, 'x' FROM audit_events WHERE sequence = 1".to_owned(),
            format!("UPDATE audit_events SET subject_set = {set} WHERE subject_set IS NULL"),
            "UPDATE audit_events SET subject_set = 'x' WHERE subject_set IS NULL".to_owned(),
            "UPDATE audit_events SET subject_set = NULL".to_owned(),
            "UPDATE audit_head SET sequence = sequence + 1".to_owned(),
            "UPDATE audit_head SET sequence = sequence - 1".to_owned(),
            format!("UPDATE audit_head SET hash = {}", other("hash")),
            format!("UPDATE audit_head SET last_id = {}", other("last_id")),
            "UPDATE audit_head SET pruned_sequence = 1".to_owned(),
            format!("UPDATE audit_head SET pruned_hash = {}", other("pruned_hash")),
        ] {
            tamper(server, &database, &[&sql], 0).await;
        }
    })
    .await;
}

/// A changed event with a matching hash does not fit the next event.
#[on_each_database]
async fn rehashed_event_is_detected() {
    each(async |server| {
        let database = audit_log(server).await;
        let rows = number(&database, "SELECT count(*) FROM audit_events").await;
        // The event is replaced by a well-formed event of another log.
        for row in 2..=rows {
            let sql = format!("UPDATE audit_events SET previous = 'x', hash = 'y' WHERE sequence = {row}");
            tamper(server, &database, &[&sql], row).await;
        }
    })
    .await;
}
