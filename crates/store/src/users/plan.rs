//! How a filtered list of accounts is found: in its order, leaving out what does not meet the filter, or, where few meet one of
//! its conditions, by gathering those few and sorting them. And how many accounts meet a filter.

use sea_orm::FromQueryResult;

use super::filter::Condition;
use crate::dialect::Dialect;
use crate::{Cause, Error, Store, dialect::Values};
use fieldguard_domain::user_list::UserFilter;

/// How many are few: so many are gathered and sorted within a few milliseconds. Where more meet a condition, a walk through a
/// million accounts in order meets one of them every few hundred.
pub(super) const FEW: usize = 2_000;

#[derive(FromQueryResult)]
struct Fewest {
    condition: i32,
    found: i64,
}

/// Which of `conditions`, all of which are to be met, only a few accounts meet; nothing where many meet every one of them, and
/// the list is to be read in its order.
pub(super) async fn few(store: &Store, conditions: &[Condition]) -> Result<Option<usize>, Error> {
    let mut values = Values::default();
    let counted = conditions.iter().enumerate().filter_map(|(number, condition)| {
        let entries = condition.entries(&mut values)?;
        Some(format!(
            "SELECT {number} AS condition, (SELECT count(*) FROM ({entries} LIMIT {}) AS entries) AS found",
            FEW + 1
        ))
    });
    let counted: Vec<_> = counted.collect();
    if counted.is_empty() {
        return Ok(None);
    }
    let sql = format!("{} ORDER BY found, condition LIMIT 1", counted.join(" UNION ALL "));
    let statement = store.kind.statement(sql, values.into_vec());
    let fewest = Fewest::find_by_statement(statement).one(&store.reader).await?.ok_or_else(Cause::unreadable)?;
    let is_few = usize::try_from(fewest.found).is_ok_and(|it| it <= FEW);
    Ok(usize::try_from(fewest.condition).ok().filter(|_| is_few))
}

#[derive(FromQueryResult)]
struct Total {
    total: i64,
}

/// How many accounts meet the filter.
///
/// # Errors
///
/// Where the database fails.
pub async fn count(store: &Store, filter: &UserFilter) -> Result<u64, Error> {
    let conditions = Condition::all(store.kind, filter);
    let few = few(store, &conditions).await?;
    let mut values = Values::default();
    let each = conditions.iter().enumerate().map(|(number, it)| match few {
        Some(few) if number != few => it.by_row(&mut values),
        // Where many meet it, looking at every row is faster than finding each by the index.
        None if matches!(it, Condition::Search(..)) => it.by_row(&mut values),
        _ => it.by_index(&mut values),
    });
    let conditions = each.collect::<Vec<_>>().join(" AND ");
    let conditions = if conditions.is_empty() { conditions } else { format!(" WHERE {conditions}") };
    let statement =
        store.kind.statement(format!("SELECT count(*) AS total FROM accounts{conditions}"), values.into_vec());
    let answer = Total::find_by_statement(statement).one(&store.reader).await?.ok_or_else(Cause::unreadable)?;
    Ok(answer.total.cast_unsigned())
}
