//! Accounts, a page at a time: all or those that meet a filter, in several orders.

use std::cmp::Ordering;

use sea_orm::Value;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    filter::{Condition, SIGNED_IN},
    plan,
};

use crate::{
    Error, Store,
    dialect::Values,
    page::{self, Search},
    time,
};
use fieldguard_domain::{
    email::EmailAddress,
    page::{Page, PageRequest},
    user::User,
    user_list::{NEVER, UserListing, UserPosition, UserSort},
    username::Username,
};

const COLUMNS: &[&str] = &[
    "username",
    "username_key",
    "email",
    "email_key",
    "disabled_at",
    "deletion_due_at",
    "created_at",
    "last_sign_in_at",
];

/// A row of the listing: `id`, then its columns in their order.
#[derive(Deserialize)]
struct Row {
    id: Uuid,
    username: String,
    username_key: String,
    email: Option<String>,
    email_key: Option<String>,
    disabled_at: Option<i64>,
    deletion_due_at: Option<i64>,
    created_at: i64,
    last_sign_in_at: Option<i64>,
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            username: Username::from_stored(row.username, row.username_key),
            email: row.email.zip(row.email_key).map(|(address, key)| EmailAddress::from_stored(address, key)),
            disabled_at: row.disabled_at.map(time::from_millis),
            deletion_due_at: row.deletion_due_at.map(time::from_millis),
            created_at: time::from_millis(row.created_at),
            last_sign_in_at: row.last_sign_in_at.map(time::from_millis),
        }
    }
}

/// The part of the accounts listed that is asked for.
///
/// # Errors
///
/// Where the database fails.
pub async fn list(
    store: &Store,
    listing: &UserListing,
    request: PageRequest<UserPosition>,
) -> Result<Page<User>, Error> {
    let Some(filter) = &listing.filter else { return Ok(Page::empty()) };
    let order = listing.order;
    let request = if order.descending { request.reversed() } else { request };
    let (own, rest) = Condition::all(store.kind, filter).into_iter().partition::<Vec<_>, _>(|it| it.is_of(order.by));
    let mut values = Values::default();
    let mut search = match plan::few(store, &rest).await? {
        Some(few) => gathered(&own, &rest, few, &mut values),
        None => walked(&own, &rest, &mut values),
    };
    search.sort = sort(order.by);
    search.after = request.after.map(|it| placed(it, &mut values));
    search.before = request.before.map(|it| placed(it, &mut values));
    // A number, not a value: PostgreSQL plans for a tenth of the table where it does not know how much is wanted.
    search.limit = (u64::from(request.size) + 1).to_string();
    let compare = |one: &Row, other: &Row| compared(order.by, one, other);
    let page = page::search(store, &search, values.into_vec(), request.size, request.direction, compare).await?;
    Ok(if order.descending { page.reversed() } else { page }.map(User::from))
}

/// All accounts in the list's order, those left out that do not meet the `rest`; `own` bounds what they are ordered by.
fn walked(own: &[Condition], rest: &[Condition], values: &mut Values) -> Search<'static> {
    let scope = rest.iter().map(|it| it.by_row(values)).collect();
    let (lowest, highest) = own.first().map(|it| it.bounds(values)).unwrap_or_default();
    Search { scope, lowest, highest, ..all() }
}

/// The few accounts that meet the condition of that number, those left out that do not meet the others, to be sorted.
fn gathered(own: &[Condition], rest: &[Condition], few: usize, values: &mut Values) -> Search<'static> {
    let (fewest, others) = (&rest[few], rest.iter().enumerate().filter(|(number, _)| *number != few));
    // As many again may have come since they were counted.
    let mut conditions = vec![fewest.by_few_entries(2 * plan::FEW, values)];
    conditions.extend(others.map(|(_, it)| it).chain(own).map(|it| it.by_row(values)));
    let (columns, conditions) = (COLUMNS.join(", "), conditions.join(" AND "));
    let with =
        format!("WITH found AS MATERIALIZED (SELECT id, {columns}, {SIGNED_IN} FROM accounts WHERE {conditions}) ");
    Search { with, table: "found", ..all() }
}

fn all() -> Search<'static> {
    Search {
        with: String::new(),
        table: "accounts",
        columns: COLUMNS,
        sort: &[],
        scope: Vec::new(),
        lowest: None,
        highest: None,
        after: None,
        before: None,
        limit: String::new(),
    }
}

const fn sort(by: UserSort) -> &'static [&'static str] {
    match by {
        UserSort::Id => &["id"],
        UserSort::CreatedAt => &["created_at", "id"],
        UserSort::Username => &["username_key"],
        UserSort::LastSignInAt => &[SIGNED_IN, "id"],
    }
}

/// The placeholders of a position.
fn placed(position: UserPosition, values: &mut Values) -> String {
    match position {
        UserPosition::Id(id) => values.add(id),
        UserPosition::Time(time, id) => [Value::from(time), Value::from(id)].map(|it| values.add(it)).join(", "),
        UserPosition::Name(name) => values.add(name),
    }
}

/// The database's order, in which it has chosen the rows but not handed them over.
fn compared(by: UserSort, one: &Row, other: &Row) -> Ordering {
    let first = match by {
        UserSort::Id => Ordering::Equal,
        UserSort::CreatedAt => one.created_at.cmp(&other.created_at),
        UserSort::Username => one.username_key.cmp(&other.username_key),
        UserSort::LastSignInAt => {
            let signed_in = |it: &Row| it.last_sign_in_at.unwrap_or(NEVER);
            signed_in(one).cmp(&signed_in(other))
        }
    };
    first.then_with(|| one.id.cmp(&other.id))
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;
    use crate::Settings;
    use crate::dialect::Dialect;
    use fieldguard_domain::{
        page::Direction,
        user::UserState,
        user_list::{Millis, UserFilter},
    };

    /// What a walk in that order reads of the accounts, a line a step.
    async fn reads(store: &Store, by: UserSort, direction: Direction, filter: &UserFilter) -> Vec<String> {
        let (own, rest) = Condition::all(store.kind, filter).into_iter().partition::<Vec<_>, _>(|it| it.is_of(by));
        let mut values = Values::default();
        let mut search = walked(&own, &rest, &mut values);
        let position = match by {
            UserSort::Id => UserPosition::Id(Uuid::nil()),
            UserSort::CreatedAt | UserSort::LastSignInAt => UserPosition::Time(5, Uuid::nil()),
            UserSort::Username => UserPosition::Name("b".to_owned()),
        };
        search.sort = sort(by);
        search.after = Some(placed(position, &mut values));
        search.limit = "21".to_owned();
        let sql = format!("EXPLAIN QUERY PLAN {}", page::sql(store.kind, &search, direction));
        let rows = store.reader.query_all_raw(store.kind.statement(sql, values.into_vec())).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
        steps.into_iter().filter(|step| step.contains(" accounts ")).collect()
    }

    /// What the steps of that statement are on SQLite.
    async fn steps(store: &Store, sql: &str, values: Values) -> Vec<String> {
        let statement = store.kind.statement(format!("EXPLAIN QUERY PLAN {sql}"), values.into_vec());
        let rows = store.reader.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect()
    }

    #[tokio::test]
    async fn search_that_few_accounts_meet_begins_with_its_index() {
        let store = in_memory().await;
        let filter = UserFilter::default().search("example").unwrap().unwrap();
        let conditions = Condition::all(store.kind, &filter);
        let mut values = Values::default();
        let mut search = gathered(&[], &conditions, 0, &mut values);
        search.sort = sort(UserSort::CreatedAt);
        search.limit = "21".to_owned();
        let page = steps(&store, &page::sql(store.kind, &search, Direction::Forward), values).await;
        let mut values = Values::default();
        let entries = conditions[0].entries(&mut values).unwrap();
        let counted = steps(&store, &entries, values).await;
        for plan in [&page, &counted] {
            // FTS5 names the constraints it answers: `M` is `MATCH`.
            assert!(plan.iter().any(|step| step.contains("account_search VIRTUAL TABLE INDEX 0:M")), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN accounts")), "{plan:#?}");
        }
    }

    async fn in_memory() -> Store {
        let settings = Settings {
            location: crate::Location::Memory,
            max_connections: 1,
            deadline: std::time::Duration::from_secs(5),
        };
        let store = Store::connect(&settings).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    #[tokio::test]
    async fn every_order_is_that_of_an_index_and_every_position_found_in_it() {
        let store = in_memory().await;
        let prefix = UserFilter::default().username_prefix("b").unwrap();
        let never = UserFilter::default().last_sign_in(Millis::default(), Some(false));
        let role = UserFilter { state: Some(UserState::Active), ..prefix.clone().role("user").unwrap() };
        for (by, place) in [
            (UserSort::Id, "id"),
            (UserSort::CreatedAt, "(created_at,id)"),
            (UserSort::Username, "username_key"),
            (UserSort::LastSignInAt, "(last_sign_in_order,id)"),
        ] {
            for direction in [Direction::Forward, Direction::Backward] {
                for filter in [&UserFilter::default(), &prefix, &never, &role] {
                    let reads = reads(&store, by, direction, filter).await;
                    assert_eq!(reads.len(), 2, "{reads:#?}");
                    assert!(reads.iter().all(|it| it.starts_with("SEARCH")), "{reads:#?}");
                    for sign in [">", "<"] {
                        assert!(reads.iter().any(|it| it.contains(&format!("{place}{sign}"))), "{reads:#?}");
                    }
                }
            }
        }
    }
}
