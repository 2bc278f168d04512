//! Plans a filtered list of users: either read it in its order and skip users that do not match, or, if few users match
//! one of its conditions, gather and sort those. Also counts the users that match a filter.

use sea_orm::FromQueryResult;

use super::filter::Condition;
use crate::dialect::Dialect;
use crate::{Cause, Error, Store, dialect::Values};
use fieldguard_domain::user_list::UserFilter;

/// Maximum number of users to gather, which takes a few milliseconds. If more match a condition, a read in order
/// through a million users finds one of them every few hundred.
pub(super) const MAX_GATHERED: usize = 2_000;

#[derive(FromQueryResult)]
struct Fewest {
    condition: i32,
    found: i64,
}

/// The index of one of `conditions` that only a few users match. `None` if many users match each of them; then the list
/// is read in its order.
pub(super) async fn selective_condition(store: &Store, conditions: &[Condition]) -> Result<Option<usize>, Error> {
    let mut values = Values::default();
    let counted = conditions.iter().enumerate().filter_map(|(number, condition)| {
        let entries = condition.entries(&mut values)?;
        Some(format!(
            "SELECT {number} AS condition, (SELECT count(*) FROM ({entries} LIMIT {}) AS entries) AS found",
            MAX_GATHERED + 1
        ))
    });
    let counted: Vec<_> = counted.collect();
    if counted.is_empty() {
        return Ok(None);
    }
    let sql = format!("{} ORDER BY found, condition LIMIT 1", counted.join(" UNION ALL "));
    let statement = store.kind.statement(sql, values.into_vec());
    let fewest = Fewest::find_by_statement(statement).one(&store.reader).await?.ok_or_else(Cause::unreadable)?;
    let is_few = usize::try_from(fewest.found).is_ok_and(|found| found <= MAX_GATHERED);
    Ok(usize::try_from(fewest.condition).ok().filter(|_| is_few))
}

#[derive(FromQueryResult)]
struct Total {
    total: i64,
}

/// The number of users that match the filter.
///
/// # Errors
///
/// If the database fails.
pub async fn count(store: &Store, filter: &UserFilter) -> Result<u64, Error> {
    let conditions = Condition::all(store.kind, filter);
    let few = selective_condition(store, &conditions).await?;
    let mut values = Values::default();
    let each = conditions.iter().enumerate().map(|(number, condition)| match few {
        Some(few) if number != few => condition.by_row(&mut values),
        // If many users match, a scan of all rows is faster than a lookup of each by the index.
        None if matches!(condition, Condition::Search(..)) => condition.by_row(&mut values),
        _ => condition.by_index(&mut values),
    });
    let conditions = each.collect::<Vec<_>>().join(" AND ");
    let conditions = if conditions.is_empty() { conditions } else { format!(" WHERE {conditions}") };
    let statement =
        store.kind.statement(format!("SELECT count(*) AS total FROM accounts{conditions}"), values.into_vec());
    let answer = Total::find_by_statement(statement).one(&store.reader).await?.ok_or_else(Cause::unreadable)?;
    Ok(answer.total.cast_unsigned())
}
