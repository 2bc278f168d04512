//! Reads a table in pages, in the order of its primary key.

use sea_orm::{ConnectionTrait, Value};
use serde_json::Value as Json;

use super::{
    Error,
    catalogue::{Column, Table},
    digest::{Content, Digest},
    value::{ColumnType, Row},
};
use crate::dialect::Dialect;
use crate::{Reader, dialect::placeholders};
use fieldguard_domain::overview::DatabaseType;

/// The number of rows in a page: small enough for memory and for the deadline of a statement.
const PAGE: usize = 1_000;

/// The pages of a table.
pub(super) struct Pages<'a> {
    table: &'a Table,
    /// The key of the last row that was read.
    after: Option<Vec<Value>>,
    is_done: bool,
}

impl<'a> Pages<'a> {
    pub(super) const fn of(table: &'a Table) -> Self {
        Self { table, after: None, is_done: false }
    }

    /// The next rows. `None` after the last.
    pub(super) async fn next(&mut self, tx: &impl Reader) -> Result<Option<Vec<Row>>, Error> {
        if self.is_done {
            return Ok(None);
        }
        let values = self.after.take();
        let sql = select(self.table, tx.kind(), values.is_some());
        let statement = tx.kind().statement(sql, values.unwrap_or_default());
        let mut rows = Vec::new();
        for answer in tx.connection().query_all_raw(statement).await? {
            let value = |(place, column): (usize, &Column)| {
                column.kind.read(&answer, place).map_err(|_| self.table.invalid_value(column))
            };
            rows.push(Row(self.table.columns.iter().enumerate().map(value).collect::<Result<_, _>>()?));
        }
        self.is_done = rows.len() < PAGE;
        self.after = rows.last().map(|row| key_of(self.table, row)).transpose()?;
        Ok((!rows.is_empty()).then_some(rows))
    }
}

fn key_of(table: &Table, row: &Row) -> Result<Vec<Value>, Error> {
    let value = |place: &usize| {
        let (column, value): (&Column, &Json) = (&table.columns[*place], &row.0[*place]);
        column.kind.bind(value).ok_or_else(|| table.invalid_value(column))
    };
    table.key.iter().map(value).collect()
}

fn select(table: &Table, kind: DatabaseType, is_after: bool) -> String {
    let columns = table.column_names().map(quoted).collect::<Vec<_>>().join(", ");
    let key: Vec<_> = table.key.iter().map(|place| ordering(&table.columns[*place], kind)).collect();
    let key = key.join(", ");
    let condition =
        if is_after { format!(" WHERE ({key}) > ({})", placeholders(1, table.key.len())) } else { String::new() };
    format!("SELECT {columns} FROM {}{condition} ORDER BY {key} LIMIT {PAGE}", quoted(&table.name))
}

/// The column as a sort key that is the same on both databases: SQLite compares the bytes of text.
fn ordering(column: &Column, kind: DatabaseType) -> String {
    let collation = match (kind, column.kind) {
        (DatabaseType::Postgres, ColumnType::Text) => " COLLATE \"C\"",
        _ => "",
    };
    format!("{}{collation}", quoted(&column.name))
}

/// A name of the catalogue, quoted as an identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The number of rows in a stored table, and their digest.
pub(super) async fn content(tx: &impl Reader, table: &Table) -> Result<Content, Error> {
    let (mut pages, mut digest) = (Pages::of(table), Digest::new());
    while let Some(rows) = pages.next(tx).await? {
        digest.add_rows(&rows);
    }
    Ok(digest.finish())
}
