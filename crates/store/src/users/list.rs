//! Pages of users: all or those that match a filter, in several orders.

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
    "email_verified_at",
    "disabled_at",
    "deletion_due_at",
    "created_at",
    "last_sign_in_at",
    "totp_since",
];

/// A row: `id`, then the columns in their order.
#[derive(Deserialize)]
struct Row {
    id: Uuid,
    username: String,
    username_key: String,
    email: Option<String>,
    email_key: Option<String>,
    email_verified_at: Option<i64>,
    disabled_at: Option<i64>,
    deletion_due_at: Option<i64>,
    created_at: i64,
    last_sign_in_at: Option<i64>,
    totp_since: Option<i64>,
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            username: Username::from_stored(row.username, row.username_key),
            email: row.email.zip(row.email_key).map(|(address, key)| EmailAddress::from_stored(address, key)),
            email_verified_at: row.email_verified_at.map(time::from_millis),
            disabled_at: row.disabled_at.map(time::from_millis),
            deletion_due_at: row.deletion_due_at.map(time::from_millis),
            created_at: time::from_millis(row.created_at),
            last_sign_in_at: row.last_sign_in_at.map(time::from_millis),
            totp_since: row.totp_since.map(time::from_millis),
        }
    }
}

/// The requested page of the list.
///
/// # Errors
///
/// If the database fails.
pub async fn list(
    store: &Store,
    listing: &UserListing,
    request: PageRequest<UserPosition>,
) -> Result<Page<User>, Error> {
    let Some(filter) = &listing.filter else { return Ok(Page::empty()) };
    let order = listing.order;
    let request = if order.descending { request.reversed() } else { request };
    let (own, rest) = Condition::all(store.kind, filter)
        .into_iter()
        .partition::<Vec<_>, _>(|condition| condition.is_on_sort_column(order.by));
    let mut values = Values::default();
    let mut search = match plan::selective_condition(store, &rest).await? {
        Some(few) => gather_and_sort(&own, &rest, few, &mut values),
        None => read_in_order(&own, &rest, &mut values),
    };
    search.sort = sort(order.by);
    search.after = request.after.map(|position| position_placeholders(position, &mut values));
    search.before = request.before.map(|position| position_placeholders(position, &mut values));
    // A literal, not a bound value: PostgreSQL plans for a tenth of the table if it does not know the limit.
    search.limit = (u64::from(request.size) + 1).to_string();
    let compare = |one: &Row, other: &Row| compared(order.by, one, other);
    let page = page::search(store, &search, values.into_vec(), request.size, request.direction, compare).await?;
    Ok(if order.descending { page.reversed() } else { page }.map(User::from))
}

/// Reads users in the list's order and skips those that do not match `rest`. `own` bounds the first sort column.
fn read_in_order(own: &[Condition], rest: &[Condition], values: &mut Values) -> Search<'static> {
    let scope = rest.iter().map(|condition| condition.by_row(values)).collect();
    let (lowest, highest) = own.first().map(|condition| condition.bounds(values)).unwrap_or_default();
    Search { scope, lowest, highest, ..all() }
}

/// Gathers the users that match the selective condition `few`, filters them by the other conditions, and sorts them.
fn gather_and_sort(own: &[Condition], rest: &[Condition], few: usize, values: &mut Values) -> Search<'static> {
    let (fewest, others) = (&rest[few], rest.iter().enumerate().filter(|(number, _)| *number != few));
    // Allows twice the counted number, because users may have been added since.
    let mut conditions = vec![fewest.by_few_entries(2 * plan::MAX_GATHERED, values)];
    conditions.extend(others.map(|(_, condition)| condition).chain(own).map(|condition| condition.by_row(values)));
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
fn position_placeholders(position: UserPosition, values: &mut Values) -> String {
    match position {
        UserPosition::Id(id) => values.add(id),
        UserPosition::Time(time, id) => [Value::from(time), Value::from(id)].map(|value| values.add(value)).join(", "),
        UserPosition::Name(name) => values.add(name),
    }
}

/// The order of the database, which selected the rows but does not return them in order.
fn compared(by: UserSort, one: &Row, other: &Row) -> Ordering {
    let first = match by {
        UserSort::Id => Ordering::Equal,
        UserSort::CreatedAt => one.created_at.cmp(&other.created_at),
        UserSort::Username => one.username_key.cmp(&other.username_key),
        UserSort::LastSignInAt => {
            let signed_in = |row: &Row| row.last_sign_in_at.unwrap_or(NEVER);
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

    /// The steps of SQLite's query plan that read users, for a read in this order.
    async fn reads(store: &Store, by: UserSort, direction: Direction, filter: &UserFilter) -> Vec<String> {
        let (own, rest) = Condition::all(store.kind, filter)
            .into_iter()
            .partition::<Vec<_>, _>(|condition| condition.is_on_sort_column(by));
        let mut values = Values::default();
        let mut search = read_in_order(&own, &rest, &mut values);
        let position = match by {
            UserSort::Id => UserPosition::Id(Uuid::nil()),
            UserSort::CreatedAt | UserSort::LastSignInAt => UserPosition::Time(5, Uuid::nil()),
            UserSort::Username => UserPosition::Name("b".to_owned()),
        };
        search.sort = sort(by);
        search.after = Some(position_placeholders(position, &mut values));
        search.limit = "21".to_owned();
        let sql = format!("EXPLAIN QUERY PLAN {}", page::sql(store.kind, &search, direction));
        let rows = store.reader.query_all_raw(store.kind.statement(sql, values.into_vec())).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
        steps.into_iter().filter(|step| step.contains(" accounts ")).collect()
    }

    /// SQLite's query plan for the statement.
    async fn steps(store: &Store, sql: &str, values: Values) -> Vec<String> {
        let statement = store.kind.statement(format!("EXPLAIN QUERY PLAN {sql}"), values.into_vec());
        let rows = store.reader.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect()
    }

    #[tokio::test]
    async fn a_selective_search_begins_with_its_index() {
        let store = in_memory().await;
        let filter = UserFilter::default().search("example").unwrap().unwrap();
        let conditions = Condition::all(store.kind, &filter);
        let mut values = Values::default();
        let mut search = gather_and_sort(&[], &conditions, 0, &mut values);
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
            pooling: crate::Pooling::Session,
            max_connections: 1,
            deadline: std::time::Duration::from_secs(5),
        };
        let store = Store::connect(&settings).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    #[tokio::test]
    async fn every_order_and_position_uses_an_index() {
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
                    assert!(reads.iter().all(|step| step.starts_with("SEARCH")), "{reads:#?}");
                    for sign in [">", "<"] {
                        assert!(reads.iter().any(|step| step.contains(&format!("{place}{sign}"))), "{reads:#?}");
                    }
                }
            }
        }
    }
}
