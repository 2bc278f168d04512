//! Measures a page of 100 users at the start, deep inside and at the end of a list of a million users, in each order,
//! with and without filters.
//!
//! ```sh
//! cargo bench --bench deep_pages                     # SQLite, 1,000,000 users
//! cargo bench --bench deep_pages -- 100000           # fewer
//! cargo bench --bench deep_pages -- postgres://…     # PostgreSQL: an empty database, which it fills
//! ```
//!
//! Prints the medians of [`ROUNDS`] requests through GraphQL, without the socket, and their ratios to the first page. A
//! page deep in the list should take at most twice as long.

use std::time::{Duration, Instant};

use async_graphql::{Request, Variables};
use fieldguard::{
    accounts::{Accounts, clock::Clock},
    api::{self, settings},
    app::App,
    config::{Config, Sources},
    domain::{
        id::{SessionId, UserId},
        permission,
        principal::Principal,
        role::{ADMIN, RoleName},
    },
    guard::caller::Caller,
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json};

const ROUNDS: usize = 31;
/// The number of users that one statement inserts.
const CHUNK: usize = 50_000;
const DOCUMENT: &str =
    "query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $last: Int, $after: String, $before: String) {
    users(filter: $filter, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) {
        edges { cursor node { id username email createdAt state } } pageInfo { hasNextPage startCursor } } }";

type Schema = async_graphql::Schema<api::Query, api::Mutation, async_graphql::EmptySubscription>;

#[tokio::main]
async fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let directory = tempfile::tempdir().expect("the temporary directory is created");
    let sources = Sources::default();
    let mut config = Config::load(sources).expect("the defaults are valid");
    config.data_dir = directory.path().join("data");
    let file = format!("sqlite://{}/data/fieldguard.db", directory.path().display());
    let url = std::env::args().find(|argument| argument.starts_with("postgres")).unwrap_or(file);
    config.database_url = Some(url.parse().expect("the database URL is valid"));
    let app = App::open(config, permission::builtin(), Clock::System).await.expect("the database opens");
    let started = Instant::now();
    fill(&url, count).await;
    println!("{count} users in {:.0?}", started.elapsed());
    let schema = schema(app.accounts());
    println!("{:<44} {:>9} {:>9} {:>9} {:>7} {:>7}", "", "first", "deep", "last", "deep", "last");
    for (name, listing) in listings() {
        measure(&schema, name, &listing, count).await;
    }
}

fn schema(accounts: &Accounts) -> Schema {
    let settings = settings::Settings {
        version: "",
        started_at: accounts.clock.now(),
        sign_in_with_email: false,
        mail_enabled: false,
        registration_open: false,
        password_min_characters: 12,
        password_max_characters: 128,
        introspection: settings::Introspection::Off,
        limits: settings::Limits::default(),
        registrations_per_hour: 0,
    };
    api::schema().data(accounts.clone()).data(settings).finish()
}

/// Names have a different order than ids. A third of the users never signed in. Of the others, several signed in at the
/// same time. Half of the names begin with `u1`, and one user in a thousand is disabled.
async fn fill(url: &str, count: usize) {
    let connection = Database::connect(url).await.expect("the database answers");
    for begin in (0..count).step_by(CHUNK) {
        let end = (begin + CHUNK).min(count) - 1;
        run(&connection, &accounts(url, begin, end)).await;
    }
    let assign_roles = "INSERT INTO account_roles (account_id, role_id) \
                 SELECT accounts.id, roles.id FROM accounts, roles WHERE roles.name = 'user'";
    run(&connection, assign_roles).await;
    run(&connection, if url.starts_with("sqlite") { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "ANALYZE" }).await;
    connection.close().await.expect("the connection closes");
}

fn accounts(url: &str, begin: usize, end: usize) -> String {
    let (numbers, id, name) = if url.starts_with("sqlite") {
        (
            format!(
                "WITH RECURSIVE numbers(n) AS (SELECT {begin} UNION ALL SELECT n + 1 FROM numbers WHERE n < {end})"
            ),
            "unhex(printf('018900000000700080%014x', n))",
            "printf('u%d%06x', n % 2, n * 7919 % 16777216)",
        )
    } else {
        (
            format!("WITH numbers AS (SELECT generate_series({begin}, {end}) AS n)"),
            "CAST('018900000000700080' || lpad(to_hex(n), 14, '0') AS uuid)",
            "'u' || n % 2 || lpad(to_hex(n * CAST(7919 AS bigint) % 16777216), 6, '0')",
        )
    };
    format!(
        "INSERT INTO accounts (id, username, username_key, email, email_key, password_hash, disabled_at, created_at, \
         updated_at, last_sign_in_at) {numbers} SELECT {id}, {name}, {name}, {name} || '@example.org', \
         {name} || '@example.org', 'x', CASE WHEN n % 1000 = 0 THEN 1 END, 1700000000000 + n / 3, 1700000000000, \
         CASE WHEN n % 3 <> 0 THEN 1700000000000 + n * CAST(31 AS bigint) % 100000 END FROM numbers"
    )
}

async fn run(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.expect("the statement succeeds");
}

fn listings() -> Vec<(&'static str, Value)> {
    let ordered = |field: &str| json!({ "orderBy": { "field": field } });
    let down = |field: &str| json!({ "orderBy": { "field": field, "direction": "DESC" } });
    let with = |mut listing: Value, filter: Value| {
        listing["filter"] = filter;
        listing
    };
    let half = json!({ "usernamePrefix": "u1" });
    vec![
        ("default order", json!({})),
        ("CREATED_AT", ordered("CREATED_AT")),
        ("CREATED_AT DESC", down("CREATED_AT")),
        ("USERNAME", ordered("USERNAME")),
        ("USERNAME DESC", down("USERNAME")),
        ("LAST_SIGN_IN_AT", ordered("LAST_SIGN_IN_AT")),
        ("LAST_SIGN_IN_AT DESC", down("LAST_SIGN_IN_AT")),
        ("prefix of half", with(json!({}), half.clone())),
        ("prefix of half, USERNAME", with(ordered("USERNAME"), half.clone())),
        ("prefix of half, LAST_SIGN_IN_AT DESC", with(down("LAST_SIGN_IN_AT"), half)),
        ("prefix of a few hundred", with(json!({}), json!({ "usernamePrefix": "u10a1" }))),
        ("role of all, USERNAME", with(ordered("USERNAME"), json!({ "role": "user" }))),
        ("disabled", with(json!({}), json!({ "state": "DISABLED" }))),
        ("never signed in, USERNAME", with(ordered("USERNAME"), json!({ "lastSignInAt": { "never": true } }))),
    ]
}

async fn measure(schema: &Schema, name: &str, listing: &Value, count: usize) {
    let deep = deep(schema, listing, count).await;
    let with = |more: Value| {
        let mut all = listing.as_object().cloned().unwrap_or_default();
        all.extend(more.as_object().cloned().unwrap_or_default());
        Value::Object(all)
    };
    let pages =
        [with(json!({ "first": 100 })), with(json!({ "first": 100, "after": deep })), with(json!({ "last": 100 }))];
    let mut times = [const { Vec::new() }; 3];
    for round in 0..ROUNDS * 3 {
        let page = round % 3;
        let started = Instant::now();
        execute(schema, &pages[page]).await;
        times[page].push(started.elapsed());
    }
    let [first, deep, last] = times.map(median);
    let ratio = |time: Duration| time.as_secs_f64() / first.as_secs_f64();
    println!("{name:<44} {first:>9.2?} {deep:>9.2?} {last:>9.2?} {:>7.2} {:>7.2}", ratio(deep), ratio(last));
}

/// A cursor deep in the list: three hundred pages before its end, or the start of the last page of a shorter list.
async fn deep(schema: &Schema, listing: &Value, count: usize) -> Value {
    let mut cursor = Value::Null;
    for _ in 0..(count / 1_000).min(300) {
        let mut arguments = listing.clone();
        (arguments["last"], arguments["before"]) = (json!(100), cursor.clone());
        let answer = execute(schema, &arguments).await;
        match answer.pointer("/users/pageInfo/startCursor") {
            Some(start) if !start.is_null() => cursor = start.clone(),
            _ => break,
        }
    }
    cursor
}

async fn execute(schema: &Schema, arguments: &Value) -> Value {
    let now = chrono::DateTime::UNIX_EPOCH;
    let admin = RoleName::from_stored(ADMIN.to_owned());
    let admin = Principal::new(UserId::new(now), SessionId::new(now), [admin], []);
    let request = Request::new(DOCUMENT).variables(Variables::from_json(arguments.clone())).data(Caller::from(admin));
    let answer = schema.execute(request).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    answer.data.into_json().expect("answers are JSON")
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
