//! Saves a snapshot of a database, while other transactions continue to write.

use std::io::Write;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::{
    Catalogue, Error, Summary,
    catalogue::Table,
    format::{Header, Writer},
    read::Pages,
    value::Row,
};
use crate::Store;
use fieldguard_domain::overview::DatabaseType;

/// Tables of credentials. They are left out, because a restore would make revoked credentials valid again, and because
/// a file without them is worth less to a thief.
/// Mails that wait hold such codes in clear text, and would tell of changes that the restored database may not have.
const EXCLUDED_TABLES: [&str; 8] = [
    "email_codes",
    "mails",
    "password_resets",
    "personal_access_tokens",
    "recovery_codes",
    "secrets",
    "sessions",
    "sign_in_challenges",
];
/// The column whose values are replaced by an empty text.
const BLANKED_COLUMN: (&str, &str) = ("signing_keys", "private_key");

/// The tables of a backup.
pub(super) fn saved(catalogue: &Catalogue) -> impl Iterator<Item = &Table> {
    catalogue.tables.iter().filter(|table| !EXCLUDED_TABLES.contains(&table.name.as_str()))
}

/// Writes a backup of the database to `out`. `progress` is called for every written table, with its number of rows.
///
/// # Errors
///
/// If the database fails or has a newer schema, or if `out` fails. Then the written data is incomplete.
pub async fn save(
    store: &Store,
    out: impl Write,
    now: DateTime<Utc>,
    progress: impl Fn(&str, u64),
) -> Result<Summary, Error> {
    let tx = store.snapshot().await?;
    let catalogue = Catalogue::found(&tx).await?.ok_or(Error::NoSchema)?;
    let kind = match store.kind() {
        DatabaseType::Sqlite => "sqlite",
        DatabaseType::Postgres => "postgres",
    };
    let mut file = Writer::new(out, &Header::new(now, kind, catalogue.last_step()))?;
    let mut tables = Vec::new();
    for table in saved(&catalogue) {
        file.begin(table)?;
        let mut pages = Pages::of(table);
        while let Some(mut rows) = pages.next(&tx).await? {
            blank_private_keys(table, &mut rows);
            file.rows(&rows)?;
        }
        let rows = file.end_table()?;
        progress(&table.name, rows);
        tables.push((table.name.clone(), rows));
    }
    file.finish()?;
    Ok(Summary { tables, audit: None })
}

fn blank_private_keys(table: &Table, rows: &mut [Row]) {
    let place = table.column_names().position(|column| (table.name.as_str(), column) == BLANKED_COLUMN);
    if let Some(place) = place {
        for row in rows {
            row.0[place] = Json::from("");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate;

    /// A new table needs a decision: would a restore of its rows make revoked credentials valid again?
    #[tokio::test]
    async fn tables_with_credentials_are_left_out() {
        let catalogue = Catalogue::of(migrate::known().len()).await.unwrap();
        let mut names: Vec<_> = saved(&catalogue).map(|table| table.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "account_roles",
                "accounts",
                "attempts",
                "audit_events",
                "audit_head",
                "audit_subjects",
                "deployment",
                "known_addresses",
                "profiles",
                "role_includes",
                "role_permissions",
                "roles",
                "security_events",
                "signing_keys",
                "totp_secrets",
                "webhook_events",
            ]
        );
        assert!(EXCLUDED_TABLES.iter().all(|name| catalogue.has(name)), "an excluded table does not exist");
        let keys = catalogue.tables.iter().find(|table| table.name == BLANKED_COLUMN.0).unwrap();
        assert!(keys.column_names().any(|column| column == BLANKED_COLUMN.1));
    }
}
