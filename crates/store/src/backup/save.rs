//! Saves a database as it is at one moment, while others go on writing.

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
use fieldguard_domain::overview::DatabaseKind;

/// Tables whose rows are credentials. A restore would have to delete them, so that nothing that was revoked since is valid
/// again; and a file without them is worth less to a thief.
const LEFT_OUT: [&str; 4] = ["access_tokens", "password_resets", "secrets", "sessions"];
/// The column whose values are replaced by nothing.
const WITHHELD: (&str, &str) = ("signing_keys", "private_key");

/// The tables of a backup.
pub(super) fn saved(catalogue: &Catalogue) -> impl Iterator<Item = &Table> {
    catalogue.tables.iter().filter(|table| !LEFT_OUT.contains(&table.name.as_str()))
}

/// Writes a backup of the database to `out`. `progress` hears of every table that is written, with its number of rows.
///
/// # Errors
///
/// Where the database fails, is of a newer version, or `out` does not take the backup; then what was written is incomplete.
pub async fn save(
    store: &Store,
    out: impl Write,
    now: DateTime<Utc>,
    progress: impl Fn(&str, u64),
) -> Result<Summary, Error> {
    let tx = store.snapshot().await?;
    let catalogue = Catalogue::found(&tx).await?.ok_or(Error::NoSchema)?;
    let kind = match store.kind() {
        DatabaseKind::Sqlite => "sqlite",
        DatabaseKind::Postgres => "postgres",
    };
    let mut file = Writer::new(out, &Header::new(now, kind, catalogue.last_step()))?;
    let mut tables = Vec::new();
    for table in saved(&catalogue) {
        file.begin(table)?;
        let mut pages = Pages::of(table);
        while let Some(mut rows) = pages.next(&tx).await? {
            withhold(table, &mut rows);
            file.rows(&rows)?;
        }
        let rows = file.end_table()?;
        progress(&table.name, rows);
        tables.push((table.name.clone(), rows));
    }
    file.finish()?;
    Ok(Summary { tables, audit: None })
}

fn withhold(table: &Table, rows: &mut [Row]) {
    let place = table.column_names().position(|column| (table.name.as_str(), column) == WITHHELD);
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

    /// A new table has to be considered: would restoring its rows make valid again what was revoked?
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
                "role_includes",
                "role_permissions",
                "roles",
                "security_events",
                "signing_keys",
            ]
        );
        assert!(LEFT_OUT.iter().all(|name| catalogue.has(name)), "a table that is left out has another name");
        let keys = catalogue.tables.iter().find(|table| table.name == WITHHELD.0).unwrap();
        assert!(keys.column_names().any(|column| column == WITHHELD.1));
    }
}
