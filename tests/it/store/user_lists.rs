//! Lists of users with filters and orders: for every query plan the result equals filtering and sorting in the test,
//! and the pages together are the whole list.

use std::cmp::Ordering;

use fieldguard::{
    domain::{
        page::{
            Direction::{Backward, Forward},
            PageRequest,
        },
        user::{User, UserState},
        user_list::{Millis, UserFilter, UserListing, UserOrder, UserPosition, UserSort},
    },
    store::{Store, users},
};
use fieldguard_test_macros::on_each_database;
use sea_orm::Database as Connection;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::settings;
use crate::database::{self, Database};

/// Enough users that a filter which matches most of them is read in order, and one which matches few is gathered and
/// sorted.
const COUNT: usize = 3_000;

struct Sample {
    username: String,
    email: Option<String>,
    disabled_at: Option<i64>,
    deletion_due_at: Option<i64>,
    created_at: i64,
    last_sign_in_at: Option<i64>,
    is_admin: bool,
    is_user: bool,
}

impl Sample {
    fn state(&self) -> UserState {
        match (self.deletion_due_at, self.disabled_at) {
            (Some(_), _) => UserState::DeletionScheduled,
            (None, Some(_)) => UserState::Disabled,
            (None, None) => UserState::Active,
        }
    }
}

/// Users whose orders by different fields are unrelated, with many duplicate values.
fn sample(n: usize) -> Sample {
    let username = match n % 10 {
        0 => format!("É_{n:04}"),
        1 => format!("x{n:04}"),
        _ => format!("W{n:04}"),
    };
    let time = |n: usize| i64::try_from(n).unwrap();
    Sample {
        username,
        email: n.is_multiple_of(2).then(|| format!("W{n}@example.org")),
        disabled_at: (n % 100 == 1).then_some(time(n)),
        deletion_due_at: (n % 150 == 1).then_some(time(n)),
        created_at: time(n * 31 % COUNT / 3 * 1_000),
        last_sign_in_at: (!n.is_multiple_of(4)).then(|| time(n * 17 % 500)),
        is_admin: n.is_multiple_of(500),
        is_user: !n.is_multiple_of(5),
    }
}

async fn fill(database: &Database) {
    let is_sqlite = database.url.starts_with("sqlite");
    let id = |n: usize| {
        let id = format!("01890000-0000-7000-8000-{n:012}");
        if is_sqlite { format!("X'{}'", id.replace('-', "")) } else { format!("'{id}'") }
    };
    let quoted = |text: Option<&str>| text.map_or("NULL".to_owned(), |text| format!("'{text}'"));
    let number = |value: Option<i64>| value.map_or("NULL".to_owned(), |value| value.to_string());
    let row = |n: usize| {
        let sample = sample(n);
        let (name, key, email) = (&sample.username, sample.username.to_lowercase(), sample.email.as_deref());
        let email_key = email.map(str::to_lowercase);
        let (email, email_key) = (quoted(email), quoted(email_key.as_deref()));
        let (created, last) = (sample.created_at, number(sample.last_sign_in_at));
        let states = format!("{}, {}", number(sample.disabled_at), number(sample.deletion_due_at));
        // The order of identifiers differs from all other orders.
        let id = id(n * 7_919 % COUNT);
        format!("({id}, '{name}', '{key}', {email}, {email_key}, 'x', {states}, {created}, {created}, {last})")
    };
    let accounts: Vec<_> = (0..COUNT).map(row).collect();
    let columns = "id, username, username_key, email, email_key, password_hash, disabled_at, deletion_due_at, \
                   created_at, updated_at, last_sign_in_at";
    let connection = Connection::connect(&database.url).await.unwrap();
    connection
        .execute_unprepared(&format!("INSERT INTO accounts ({columns}) VALUES {}", accounts.join(",")))
        .await
        .unwrap();
    for (name, is_held) in
        [("user", (|sample| sample.is_user) as fn(&Sample) -> bool), ("admin", |sample| sample.is_admin)]
    {
        let holders: Vec<_> = (0..COUNT).filter(|n| is_held(&sample(*n))).map(|n| id(n * 7_919 % COUNT)).collect();
        let sql = format!(
            "INSERT INTO account_roles (account_id, role_id) \
             SELECT accounts.id, roles.id FROM accounts, roles WHERE roles.name = '{name}' AND accounts.id IN ({})",
            holders.join(",")
        );
        connection.execute_unprepared(&sql).await.unwrap();
    }
    connection.close().await.unwrap();
}

fn all() -> UserFilter {
    UserFilter::default()
}

fn searched(text: &str) -> UserFilter {
    all().search(text).unwrap().unwrap()
}

fn between(from: impl Into<Option<i64>>, until: impl Into<Option<i64>>) -> Millis {
    Millis { from: from.into(), until: until.into() }
}

/// Filters that match many users, few users, no users, and combinations.
fn filters() -> Vec<UserFilter> {
    let never = |range, never| all().last_sign_in(range, Some(never));
    let within = all().last_sign_in(between(10, 20), None);
    let mut both = all().username_prefix("w").and_then(|filter| filter.role("user")).unwrap();
    both.created_at = between(100_000, 900_000);
    vec![
        all(),
        all().username_prefix("w").unwrap(),
        all().username_prefix("ｗ1").unwrap(),
        all().username_prefix("é_").unwrap(),
        all().username_prefix("_").unwrap(),
        all().username_prefix("%").unwrap(),
        searched("w10"),
        searched("example.org"),
        searched("É_00"),
        searched("10@example"),
        searched("999@example.org"),
        searched("example.orgx"),
        UserFilter { state: Some(UserState::Disabled), ..searched("001") },
        all().role("user").unwrap(),
        all().role("admin").unwrap(),
        all().role("nobody").unwrap(),
        all().email("w44@EXAMPLE.org").unwrap(),
        UserFilter { state: Some(UserState::Disabled), ..all() },
        UserFilter { state: Some(UserState::Active), ..all() },
        UserFilter { state: Some(UserState::DeletionScheduled), ..all() },
        UserFilter { created_at: between(None, 950_000), ..all() },
        UserFilter { created_at: between(500_000, 510_000), ..all() },
        within,
        never(Millis::default(), false),
        never(Millis::default(), true),
        never(between(None, 490), true),
        never(between(10, 20), true),
        both,
        UserFilter { state: Some(UserState::Disabled), ..all().username_prefix("x").unwrap() },
        UserFilter { state: Some(UserState::Disabled), ..all().role("admin").unwrap() },
    ]
}

fn orders() -> impl Iterator<Item = UserOrder> {
    let all = [UserSort::Id, UserSort::CreatedAt, UserSort::Username, UserSort::LastSignInAt];
    all.into_iter().flat_map(|by| [false, true].map(|descending| UserOrder { by, descending }))
}

/// Whether the user matches the filter.
fn matches_filter(filter: &UserFilter, user: &User) -> bool {
    let n: usize = user.username.as_str().trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    let sample = sample(n);
    let is_in = |range: Millis, time: i64| {
        range.from.is_none_or(|from| from <= time) && range.until.is_none_or(|until| time < until)
    };
    let last = sample.last_sign_in_at.unwrap_or(-1);
    filter.username_prefix.as_ref().is_none_or(|prefix| sample.username.to_lowercase().starts_with(prefix.as_str()))
        && filter
            .email
            .as_ref()
            .is_none_or(|wanted| sample.email.as_ref().is_some_and(|email| email.to_lowercase() == *wanted))
        && filter.search.as_ref().is_none_or(|wanted| {
            let has = |text: &String| text.to_lowercase().contains(wanted.as_str());
            has(&sample.username) || sample.email.as_ref().is_some_and(has)
        })
        && filter.role.as_ref().is_none_or(|role| match role.as_str() {
            "user" => sample.is_user,
            "admin" => sample.is_admin,
            _ => false,
        })
        && filter.state.is_none_or(|state| state == sample.state())
        && is_in(filter.created_at, sample.created_at)
        && (is_in(filter.last_sign_in_at, last) || (filter.or_never && last == -1))
}

fn compare(order: UserOrder, one: &User, other: &User) -> Ordering {
    let first = match order.by {
        UserSort::Id => Ordering::Equal,
        UserSort::CreatedAt => one.created_at.cmp(&other.created_at),
        UserSort::Username => one.username.key().as_bytes().cmp(other.username.key().as_bytes()),
        UserSort::LastSignInAt => one.last_sign_in_at.cmp(&other.last_sign_in_at),
    };
    let order_up = first.then_with(|| one.id.cmp(&other.id));
    if order.descending { order_up.reverse() } else { order_up }
}

fn ids(users: &[User]) -> Vec<fieldguard::domain::id::UserId> {
    users.iter().map(|user| user.id).collect()
}

/// All pages from one end to the other, concatenated.
async fn all_pages(store: &Store, listing: &UserListing, size: u32, forward: bool) -> Vec<User> {
    let (mut found, mut position): (Vec<User>, Option<UserPosition>) = (Vec::new(), None);
    loop {
        let direction = if forward { Forward } else { Backward };
        let (after, before) = if forward { (position, None) } else { (None, position) };
        let page = users::list(store, listing, PageRequest { size, direction, after, before }).await.unwrap();
        let (goes_on, began) =
            if forward { (page.has_next, page.has_previous) } else { (page.has_previous, page.has_next) };
        assert_eq!(began, !found.is_empty(), "every page except the first has a previous page");
        assert!(!page.items.is_empty() || !goes_on);
        assert!(found.len() <= COUNT, "the pages repeat");
        let edge = if forward { page.items.last() } else { page.items.first() };
        position = edge.map(|user| listing.position(user));
        if forward {
            found.extend(page.items);
        } else {
            found.splice(0..0, page.items);
        }
        if !goes_on {
            return found;
        }
    }
}

#[on_each_database]
async fn lists_are_complete_for_every_filter_and_order_from_both_ends() {
    database::each(async |database| {
        let store = Store::connect(&settings(database)).await.unwrap();
        store.migrate().await.unwrap();
        fill(database).await;
        let all_users = all_pages(&store, &UserListing::default(), 5_000, true).await;
        assert_eq!(all_users.len(), COUNT);
        for filter in filters() {
            let mut expected: Vec<_> = all_users.iter().filter(|user| matches_filter(&filter, user)).cloned().collect();
            let total = users::count(&store, &filter).await.unwrap();
            assert_eq!(total, expected.len() as u64, "{filter:?}");
            let size = u32::try_from(expected.len() / 3).unwrap().max(2);
            for order in orders() {
                let listing = UserListing { filter: Some(filter.clone()), order };
                expected.sort_by(|one, other| compare(order, one, other));
                for forward in [true, false] {
                    let found = all_pages(&store, &listing, size, forward).await;
                    assert_eq!(ids(&found), ids(&expected), "{listing:?}, forward: {forward}");
                }
            }
        }
        store.close().await;
    })
    .await;
}

/// How often PostgreSQL used the search index, and how often it scanned the whole table of users.
async fn scans(url: &str) -> (i64, i64) {
    let connection = Connection::connect(url).await.unwrap();
    let sql = "SELECT (SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'accounts_search') AS found, \
               (SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'accounts') AS whole";
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
    connection.close().await.unwrap();
    (row.try_get("", "found").unwrap(), row.try_get("", "whole").unwrap())
}

#[on_each_database]
async fn search_with_few_or_no_matches_uses_the_index() {
    let Some(database) = Database::postgres().await else { return };
    let store = Store::connect(&settings(&database)).await.unwrap();
    store.migrate().await.unwrap();
    fill(&database).await;
    database::execute(&database.url, "ANALYZE").await;
    store.close().await;
    let before = scans(&database.url).await;
    let store = Store::connect(&settings(&database)).await.unwrap();
    for text in ["0999", "999@example.org", "example.orgx", "nothing", "org.example"] {
        let listing = UserListing { filter: Some(searched(text)), ..UserListing::default() };
        let request = PageRequest { size: 20, direction: Forward, after: None, before: None };
        users::list(&store, &listing, request).await.unwrap();
        users::count(&store, &searched(text)).await.unwrap();
    }
    // PostgreSQL writes its statistics when a connection closes.
    store.close().await;
    let after = scans(&database.url).await;
    assert!(after.0 >= before.0 + 10, "{before:?} {after:?}");
    assert_eq!(after.1, before.1);
}
