//! An index for searching accounts by any part of the name or the email address, by trigrams.
//!
//! SQLite has an FTS5 trigram table without content, which triggers keep up to date. Another table assigns its row
//! numbers, because `VACUUM` changes the row numbers of `accounts`. With `secure-delete`, the index erases the text of
//! a deleted account at once, and not with a later merge.
//!
//! PostgreSQL has a GIN index of trigrams as numbers. The extension `pg_trgm` is not used: it needs rights that the
//! owner of a database may lack, is not installed everywhere, and ignores `@`, `.` and `-`. The pending list is off,
//! because every search would read it completely.
//!
//! All of this is derived from `accounts`, so backups do not contain it.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Restoring a backup of an older schema drops `accounts`, but not these tables. This migration drops them.
const SQLITE: &[&str] = &[
    "DROP TABLE IF EXISTS account_search",
    "DROP TABLE IF EXISTS account_search_rows",
    "CREATE TABLE account_search_rows (number integer PRIMARY KEY, account_id uuid_text NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE account_search USING fts5 \
     (username, email, content = '', columnsize = 0, tokenize = 'trigram case_sensitive 1')",
    "INSERT INTO account_search (account_search, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO account_search_rows (account_id) SELECT id FROM accounts",
    "INSERT INTO account_search (rowid, username, email) \
     SELECT number, username_key, email_key FROM account_search_rows JOIN accounts ON id = account_id",
    "CREATE TRIGGER accounts_search_inserted AFTER INSERT ON accounts BEGIN \
     INSERT INTO account_search_rows (account_id) VALUES (new.id); \
     INSERT INTO account_search (rowid, username, email) \
     SELECT number, new.username_key, new.email_key FROM account_search_rows WHERE account_id = new.id; END",
    "CREATE TRIGGER accounts_search_updated AFTER UPDATE OF username_key, email_key ON accounts \
     WHEN old.username_key IS NOT new.username_key OR old.email_key IS NOT new.email_key BEGIN \
     INSERT INTO account_search (account_search, rowid, username, email) \
     SELECT 'delete', number, old.username_key, old.email_key FROM account_search_rows WHERE account_id = old.id; \
     INSERT INTO account_search (rowid, username, email) \
     SELECT number, new.username_key, new.email_key FROM account_search_rows WHERE account_id = new.id; END",
    "CREATE TRIGGER accounts_search_deleted AFTER DELETE ON accounts BEGIN \
     INSERT INTO account_search (account_search, rowid, username, email) \
     SELECT 'delete', number, old.username_key, old.email_key FROM account_search_rows WHERE account_id = old.id; \
     DELETE FROM account_search_rows WHERE account_id = old.id; END",
];

/// The cost makes the planner prefer the index over computing trigrams row by row.
const POSTGRES: &[&str] = &[
    "CREATE OR REPLACE FUNCTION account_trigrams(username text, email text) RETURNS bigint[] \
     LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 AS $$ \
     SELECT coalesce(array_agg(DISTINCT (ascii(substr(part, place, 1))::bigint << 42) \
     | (ascii(substr(part, place + 1, 1))::bigint << 21) | ascii(substr(part, place + 2, 1))), '{}') \
     FROM unnest(ARRAY[username, email]) AS part, generate_series(1, length(part) - 2) AS place $$",
    "CREATE INDEX accounts_search ON accounts USING gin (account_trigrams(username_key, email_key)) \
     WITH (fastupdate = off)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = if manager.get_database_backend() == DbBackend::Postgres { POSTGRES } else { SQLITE };
        for step in steps {
            manager.get_connection().execute_unprepared(step).await?;
        }
        Ok(())
    }
}
