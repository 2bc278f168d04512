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
    domain::{
        email::EmailAddress,
        page::{Page, PageRequest},
        user::User,
        user_list::{NEVER, UserListing, UserPosition, UserSort},
        username::Username,
    },
    store::{
        Error, Store,
        dialect::Values,
        page::{self, Search},
        time,
    },
};

const COLUMNS: &[&str] =
    &["username", "username_key", "email", "email_key", "disabled_at", "created_at", "last_sign_in_at"];

/// A row of the listing: `id`, then its columns in their order.
#[derive(Deserialize)]
struct Row {
    id: Uuid,
    username: String,
    username_key: String,
    email: Option<String>,
    email_key: Option<String>,
    disabled_at: Option<i64>,
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
    let (own, rest) = Condition::all(filter).into_iter().partition::<Vec<_>, _>(|it| it.is_of(order.by));
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
    let mut conditions = vec![fewest.by_index(values)];
    conditions.extend(others.map(|(_, it)| it).chain(own).map(|it| it.by_row(values)));
    let (columns, conditions) = (COLUMNS.join(", "), conditions.join(" AND "));
    let with = format!("WITH found AS MATERIALIZED (SELECT id, {columns} FROM accounts WHERE {conditions}) ");
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
