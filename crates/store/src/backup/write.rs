//! Inserts rows into a table.

use sea_orm::ConnectionTrait;

use super::{Error, catalogue::Table, read::quoted, value::Row};
use crate::dialect::Dialect;
use crate::{Reader, dialect::placeholders};

/// Maximum number of rows in one statement: for the widest table, fewer values than either database accepts.
const ROWS: usize = 250;

/// Inserts these rows, in their order.
pub(super) async fn insert(tx: &impl Reader, table: &Table, rows: &[Row]) -> Result<(), Error> {
    let width = table.columns.len();
    let columns = table.column_names().map(quoted).collect::<Vec<_>>().join(", ");
    let into = format!("INSERT INTO {} ({columns})", quoted(&table.name));
    for some in rows.chunks(ROWS) {
        let mut values = Vec::with_capacity(some.len() * width);
        for row in some {
            for (column, value) in table.columns.iter().zip(&row.0) {
                values.push(column.kind.bind(value).ok_or_else(|| table.invalid_value(column))?);
            }
        }
        let tuples: Vec<_> = (0..some.len()).map(|row| placeholders(1 + row * width, width)).collect();
        let sql = format!("{into} VALUES ({})", tuples.join("), ("));
        tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    }
    Ok(())
}
