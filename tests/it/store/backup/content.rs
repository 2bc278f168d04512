//! The content of a database, read without the code under test: every table and column that the database itself lists.
//! And rows for every table, with texts that are hard to encode.

use std::collections::BTreeMap;

use fieldguard::{
    domain::{
        audit::{Action, Actor, Entry, RecordedState},
        role::USER,
        session::Client,
    },
    store::{self, Store},
};
use sea_orm::Database as Connection;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::super::{add, now, sign_in};

/// Texts with an emoji, quotes, line breaks, separators of JSON and SQL, and a long text.
pub fn difficult_texts() -> Vec<String> {
    let texts = [
        "🦀 Ünï\u{301}",
        "'\"\\\n\r\t\u{1}\u{7f}",
        "null",
        "]},[",
        "$1; DROP TABLE accounts --",
        "\u{2028}\u{feff}",
        "",
    ];
    texts.iter().map(|text| (*text).to_owned()).chain(["a long text ".repeat(20_000)]).collect()
}

/// The rows of every table as text, by table name.
pub async fn dump(url: &str) -> BTreeMap<String, Vec<String>> {
    let database = Connection::connect(url).await.unwrap();
    let mut dump = BTreeMap::new();
    for (table, columns) in columns(&database).await {
        let sql = format!("SELECT {} AS line FROM {table}", columns.join(" || '|' || "));
        let mut rows: Vec<String> = texts(&database, &sql, "line").await;
        rows.sort();
        dump.insert(table, rows);
    }
    database.close().await.unwrap();
    dump
}

async fn texts(database: &DatabaseConnection, sql: &str, column: &str) -> Vec<String> {
    let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", column).unwrap()).collect()
}

/// Every table that is not derived from others, with its columns. Each column is an expression that gives the same text
/// on both databases.
async fn columns(database: &DatabaseConnection) -> BTreeMap<String, Vec<String>> {
    let is_sqlite = database.get_database_backend() == DbBackend::Sqlite;
    let sql = if is_sqlite {
        "SELECT m.name || '.' || c.name || '.' || lower(c.type) AS word FROM sqlite_master m, pragma_table_xinfo(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'account_search%' ORDER BY m.name, c.name"
    } else {
        "SELECT table_name || '.' || column_name || '.' || data_type AS word FROM information_schema.columns \
         WHERE table_schema = current_schema() ORDER BY table_name, column_name"
    };
    let mut columns = BTreeMap::<_, Vec<_>>::new();
    for word in texts(database, sql, "word").await {
        let parts: Vec<_> = word.split('.').collect();
        let (table, column) = (parts[0], parts[1]);
        let text = match parts[2] {
            "uuid_text" | "blob" => format!("lower(hex({column}))"),
            "uuid" => format!("replace(CAST({column} AS text), '-', '')"),
            "bytea" => format!("encode({column}, 'hex')"),
            "boolean" if !is_sqlite => format!("CAST(CAST({column} AS int) AS text)"),
            _ => format!("CAST({column} AS text)"),
        };
        // The time at which a migration was applied is not part of a copy.
        if column != "applied_at" {
            columns.entry(table.to_owned()).or_default().push(format!("coalesce({text}, 'nothing')"));
        }
    }
    columns
}

/// Inserts rows into every table.
pub async fn fill(store: &Store, url: &str) {
    for (number, text) in difficult_texts().iter().enumerate() {
        let user = add(store, &format!("user{number}"), &[USER]).await;
        sign_in(store, user.id).await;
        let tx = store.write().await.unwrap();
        let entry = Entry::new(Action::UserUpdated, Actor::Operator, &Client::default(), now());
        let subjects = [user.id, fieldguard::domain::id::UserId::new(now())].into();
        tx.note(Entry { subjects, ip_address: Some(text.clone()), ..entry.because(text).on(user.id) });
        let created = Entry::new(Action::UserCreated, Actor::Operator, &Client::default(), now());
        tx.note(created.on(user.id).changing(None, RecordedState::holding([USER])));
        tx.commit().await.unwrap();
    }
    store::secrets::get_or_create(store, "refresh", || b"sealing refresh tokens".to_vec()).await.unwrap();
    let database = Connection::connect(url).await.unwrap();
    let backend = database.get_database_backend();
    let role = "00000000-0000-7000-8000-0000000000ff";
    let of_account = |table: &str, values: &str| format!("INSERT INTO {table} SELECT id, {values} FROM accounts");
    for sql in [
        format!(
            "INSERT INTO roles (id, name, description, is_protected) VALUES ({}, 'keeper', $1, TRUE)",
            id(backend, role)
        ),
        format!("INSERT INTO role_permissions VALUES ({}, $1)", id(backend, role)),
        format!("INSERT INTO role_includes SELECT {}, id FROM roles WHERE name <> 'keeper'", id(backend, role)),
        "INSERT INTO deployment (name, value) VALUES ('issuer', $1)".to_owned(),
        "INSERT INTO security_events (id, account_id, kind, occurred_at, user_agent) \
         SELECT id, id, 'sign-in', -1, $1 FROM accounts"
            .to_owned(),
        of_account(
            "webhook_events (id, sequence, account_id, username, event_type, details, occurred_at, state, queued_at, \
             attempts, next_attempt_at)",
            "9007199254740993, 'a user', $1, 'user.updated', '{}', 1, 'pending', 1, 0, 1",
        ),
        of_account("profiles (account_id, display_name, metadata)", "$1, '{}'"),
        of_account("known_addresses (account_id, address, last_at)", "$1, 9007199254740993"),
        format!(
            "INSERT INTO attempts (key, failures, last_at, not_before) VALUES ({}, 1, 2, 3) ON CONFLICT DO NOTHING",
            bytes(backend, "00ff10")
        ),
        format!(
            "INSERT INTO signing_keys (kid, algorithm, private_key, created_at, signs_from, public_key) \
             VALUES ('signs', 'ES256', {}, 1, 1, $1)",
            bytes(backend, &hex("the private half"))
        ),
        "INSERT INTO personal_access_tokens (id, account_id, token_hash, name, permissions, created_at, expires_at) \
         SELECT id, id, CAST('the hash of a token' AS BLOB), $1, '[]', 1, 9999999999999 FROM accounts"
            .replace("BLOB", if backend == DbBackend::Sqlite { "BLOB" } else { "bytea" }),
        format!(
            "INSERT INTO password_resets (account_id, code_hash, expires_at) \
             SELECT id, {}, 9999999999999 FROM accounts WHERE username = 'user0'",
            bytes(backend, &hex("the hash of a code"))
        ),
        "INSERT INTO mails (id, account_id, kind, recipient, content, queued_at, attempts, next_attempt_at) \
         SELECT id, id, 'password_reset', $1, '{}', 1, 0, 1 FROM accounts"
            .to_owned(),
        format!(
            "INSERT INTO email_codes (id, account_id, purpose, code_hash, email, email_key, expires_at) \
             SELECT id, id, 'verify', {}, $1, 'a', 9999999999999 FROM accounts WHERE username = 'user0'",
            bytes(backend, &hex("the hash of another code"))
        ),
        of_account(
            "totp_secrets (account_id, secret, created_at, last_step)",
            &format!("{}, 1, 9007199254740993", bytes(backend, "00ff10")),
        ),
        of_account(
            "recovery_codes (account_id, number, code_hash)",
            &format!("9, {}", bytes(backend, &hex("the hash of a recovery code"))),
        ),
        format!(
            "INSERT INTO sign_in_challenges (id, account_id, challenge_hash, credential, methods, failures, expires_at) \
             SELECT id, id, {0}, {0}, 'pwd', 1, 9999999999999 FROM accounts WHERE username = 'user0'",
            bytes(backend, &hex("the hash of a challenge"))
        ),
    ] {
        // PostgreSQL allows no long text in the index of a primary key.
        let is_key = sql.contains("known_addresses") || sql.contains("role_permissions");
        let text = if is_key { difficult_texts()[..6].concat() } else { difficult_texts().concat() };
        let values = if sql.contains("$1") { vec![text.into()] } else { Vec::new() };
        let statement = Statement::from_sql_and_values(backend, &sql, values);
        database.execute_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    database.close().await.unwrap();
    let empty: Vec<_> =
        dump(url).await.into_iter().filter(|(_, rows)| rows.is_empty()).map(|(table, _)| table).collect();
    assert_eq!(empty, [""; 0], "insert rows into the new table here");
}

pub fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn id(backend: DbBackend, id: &str) -> String {
    if backend == DbBackend::Sqlite { format!("X'{}'", id.replace('-', "")) } else { format!("CAST('{id}' AS uuid)") }
}

fn bytes(backend: DbBackend, hex: &str) -> String {
    if backend == DbBackend::Sqlite { format!("X'{hex}'") } else { format!("decode('{hex}', 'hex')") }
}
