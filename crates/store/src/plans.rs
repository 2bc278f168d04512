//! Tests of query plans: an index finds every list, for every filter and order, and a list without results reads
//! little.

use std::{cell::RefCell, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use fieldguard_test_macros::needs;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    Location, Pooling, Settings, Store, administrators, audit, personal_access_tokens, roles, security_events,
    sessions, users,
};
use crate::dialect::Dialect;
use fieldguard_domain::{
    audit::{Action, Actor, Entry, Filter, RecordedState},
    authentication::Methods,
    id::{PersonalAccessTokenId, SessionId, UserId},
    page::{Direction, PageRequest},
    password::PasswordHash,
    personal_access_token::PersonalAccessToken,
    role::{ADMIN, RoleName, USER},
    security_event::SecurityEventAction,
    session::{Client, Session},
    user::{User, UserState},
    user_list::{Millis, UserFilter, UserListing, UserOrder, UserSort},
    username::Username,
};

tokio::task_local! {
    /// The statements that the running test sent to a pool.
    static SENT: RefCell<Vec<Statement>>;
}

/// Records a statement if a test listens.
pub(super) fn note(statement: &Statement) {
    let _ = SENT.try_with(|sent| sent.borrow_mut().push(statement.clone()));
}

/// The number of users. Each has a session, a token, a security event and audit events.
const ACCOUNTS: i32 = 6_000;
/// Every user whose number is a multiple of this is an administrator.
const PER_ADMINISTRATOR: i32 = 2_000;
const SIZE: u32 = 10;
/// Maximum number of rows that a page reads: its own, one more, the nearest beyond each end, and a few for a condition
/// beside the index.
const MOST_ROWS: u64 = 100;
/// The same for users. If few users match a condition, they are counted and gathered ([`users::list`]).
const MOST_ACCOUNTS: u64 = 4_200;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000).expect("the time is in range")
}

/// The time of all actions of the user `number`.
fn moment(number: i32) -> DateTime<Utc> {
    start() + TimeDelta::minutes(number.into())
}

async fn fill(store: &Store) -> Vec<UserId> {
    let tx = store.write().await.unwrap();
    let mut ids = Vec::new();
    for number in 0..ACCOUNTS {
        let (now, name) = (moment(number), format!("user{number:05}"));
        let user = User {
            id: UserId::new(now),
            username: Username::from_stored(name.clone(), name),
            email: None,
            email_verified_at: None,
            disabled_at: (number % 100 == 1).then_some(now),
            deletion_due_at: None,
            created_at: now,
            last_sign_in_at: (number % 50 > 0).then_some(now),
            totp_since: None,
        };
        users::insert(&tx, &user, &PasswordHash::from_phc("$argon2id$old".to_owned())).await.unwrap();
        roles::give(&tx, user.id, &RoleName::parse(USER).unwrap()).await.unwrap();
        if number % PER_ADMINISTRATOR == 0 {
            roles::give(&tx, user.id, &RoleName::parse(ADMIN).unwrap()).await.unwrap();
        }
        let (id, expires_at) = (SessionId::new(now), now + TimeDelta::days(9));
        let mut hash = [0; 32];
        hash[..16].copy_from_slice(id.uuid().as_bytes());
        let (ip_address, user_agent) = (None, None);
        let session = Session {
            methods: Methods::PASSWORD,
            id,
            user: user.id,
            created_at: now,
            authenticated_at: now,
            last_used_at: now,
            expires_at,
            ip_address,
            user_agent,
        };
        sessions::insert(&tx, &session, &hash, expires_at).await.unwrap();
        let token = PersonalAccessToken {
            id: PersonalAccessTokenId::new(now),
            user: user.id,
            name: "deploy".to_owned(),
            permissions: std::iter::once("users:read".to_owned()).collect(),
            created_at: now,
            expires_at,
            last_used_at: None,
            last_used_address: None,
        };
        personal_access_tokens::insert(&tx, &token, &hash).await.unwrap();
        let client = Client::default();
        security_events::record(&tx, user.id, SecurityEventAction::SignIn, None, &client, now).await.unwrap();
        let actor = Actor::User { user: user.id, session: None, token: None };
        let registered = Entry::new(Action::UserRegistered, actor.clone(), &client, now).on(user.id);
        tx.note(registered.changing(None, RecordedState::holding([USER])));
        let mut read = Entry::new(Action::PersonalDataRead, actor, &client, now);
        read.request_id = Some(format!("request-{number}"));
        read.subjects.extend(ids.last().copied());
        tx.note(read);
        ids.push(user.id);
    }
    tx.commit().await.unwrap();
    ids
}

fn filters_of_users() -> Vec<UserFilter> {
    let of = UserFilter::default;
    let before = Millis::between(None, Some(start()));
    let after = Millis::between(Some(moment(ACCOUNTS)), None);
    vec![
        of(),
        of().username_prefix("missing").unwrap(),
        of().username_prefix("user").unwrap(),
        of().email("missing@example.org").unwrap(),
        of().search("missing").unwrap().unwrap(),
        of().search("ser00").unwrap().unwrap(),
        of().role("none").unwrap(),
        of().role(USER).unwrap(),
        of().last_sign_in(Millis::default(), Some(true)),
        of().last_sign_in(before, None),
        of().last_sign_in(after, None),
        UserFilter { created_at: before, ..of() },
        UserFilter { created_at: after, ..of() },
        UserFilter { state: Some(UserState::DeletionScheduled), ..of() },
        UserFilter { state: Some(UserState::Disabled), ..of() },
    ]
}

fn filters_of_events(user: UserId) -> Vec<Filter> {
    let mut filters = vec![Filter::default()];
    let ranges = [
        (None, None),
        (None, Some(start())),
        (Some(moment(ACCOUNTS)), None),
        (Some(moment(700) + TimeDelta::seconds(1)), Some(moment(701))),
        (Some(moment(700)), Some(moment(700))),
    ];
    for (since, until) in ranges {
        let of = || Filter { since, until, ..Filter::default() };
        filters.extend([
            of(),
            Filter { actor: Some(user.to_string()), ..of() },
            Filter { actor: Some("none".to_owned()), ..of() },
            Filter { target: Some(user.to_string()), ..of() },
            Filter { target: Some("none".to_owned()), ..of() },
            Filter { action: Some(Action::UserDeleted), ..of() },
            Filter { action: Some(Action::UserRegistered), ..of() },
            Filter { request_id: Some("none".to_owned()), ..of() },
        ]);
    }
    filters
}

fn requests(place: Uuid) -> Vec<PageRequest> {
    let mut requests = Vec::new();
    for direction in [Direction::Forward, Direction::Backward] {
        for (after, before) in [(None, None), (Some(place), None), (None, Some(place))] {
            requests.push(PageRequest { size: SIZE, direction, after, before });
        }
    }
    requests
}

/// Requests pages of every list.
async fn request_every_list(store: &Store, ids: &[UserId]) {
    let (user, now) = (ids[ids.len() / 2], moment(ACCOUNTS));
    for by in [UserSort::Id, UserSort::CreatedAt, UserSort::Username, UserSort::LastSignInAt] {
        for filter in filters_of_users() {
            for descending in [false, true] {
                let listing = UserListing::new(Some(filter.clone()), UserOrder { by, descending });
                let (after, before) = (None, None);
                let request = PageRequest { size: SIZE, direction: Direction::Forward, after, before };
                users::list(store, &listing, request).await.unwrap();
            }
        }
    }
    assert_eq!(administrators::enabled(store).await.unwrap(), 3);
    let before_half = Filter { until: Some(moment(ACCOUNTS / 2)), ..Filter::default() };
    let middle = audit::list(store, &before_half, requests(user.uuid())[0]).await.unwrap();
    for request in requests(middle.items[0].id.uuid()) {
        for filter in filters_of_events(user) {
            audit::list(store, &filter, request).await.unwrap();
        }
    }
    for request in requests(user.uuid()) {
        audit::accesses(store, user, request).await.unwrap();
        sessions::list(store, user, request, now).await.unwrap();
        personal_access_tokens::list(store, user, request, now).await.unwrap();
        security_events::list(store, user, request).await.unwrap();
    }
}

/// The statements that lists send.
async fn statements(store: &Store, ids: &[UserId]) -> Vec<Statement> {
    SENT.scope(RefCell::default(), async {
        request_every_list(store, ids).await;
        SENT.with(RefCell::take)
    })
    .await
}

async fn connect(location: Location) -> Store {
    let settings =
        Settings { location, pooling: Pooling::Session, max_connections: 2, deadline: Duration::from_mins(1) };
    let store = Store::connect(&settings).await.unwrap();
    store.migrate().await.unwrap();
    store
}

#[tokio::test]
async fn sqlite_answers_every_list_by_an_index() {
    let store = connect(Location::Memory).await;
    let ids = fill(&store).await;
    store.reader.execute_unprepared("ANALYZE").await.unwrap();
    let sent = statements(&store, &ids).await;
    assert!(sent.len() > 500, "{}", sent.len());
    for statement in sent {
        let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let values = statement.values.map(|values| values.0).unwrap_or_default();
        let rows = store.reader.query_all_raw(store.kind.statement(sql, values.clone())).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        let is_whole_list = values.is_empty();
        let is_sorted = statement.sql.contains("ORDER BY id") && !steps.iter().any(|step| step.contains("TEMP B-TREE"));
        // Users are stored in the order of their ids, so that reading them all is reading them in this order.
        let scan = steps.iter().find(|step| is_scan(step, is_whole_list) && !(is_sorted && *step == "SCAN accounts"));
        assert_eq!(scan, None, "{} {values:?} {steps:#?}", statement.sql);
    }
}

/// Whether a step reads a whole table, or a whole index that is not in the order of the list.
fn is_scan(step: &str, is_whole_list: bool) -> bool {
    let Some(what) = step.strip_prefix("SCAN ") else { return false };
    let is_in_order = what.contains(" USING ") && (is_whole_list || what.starts_with("accounts "));
    let tables = [
        "accounts",
        "account_roles",
        "audit_events",
        "audit_subjects",
        "sessions",
        "personal_access_tokens",
        "security_events",
    ];
    !is_in_order && tables.iter().any(|table| what == *table || what.starts_with(&format!("{table} ")))
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn postgres_reads_few_rows_for_a_page_of_any_list() {
    #[expect(clippy::disallowed_methods, reason = "the variable is for tests, not a setting")]
    let server = std::env::var("FIELDGUARD_TEST_POSTGRES_URL").unwrap();
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    let name = format!("fieldguard_plans_{}", Uuid::new_v4().simple());
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let store = connect(format!("{base}/{name}").parse().unwrap()).await;
    let ids = fill(&store).await;
    store.reader.execute_unprepared("ANALYZE").await.unwrap();
    let mut failures = Vec::new();
    for statement in statements(&store, &ids).await {
        let sql = format!("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {}", statement.sql);
        let values = statement.values.map(|values| values.0).unwrap_or_default();
        let row = store.reader.query_one_raw(store.kind.statement(sql, values.clone())).await.unwrap().unwrap();
        let plan: Json = row.try_get_by_index(0).unwrap();
        let rows = rows_read(&plan[0]["Plan"]);
        if rows > most_rows(&statement.sql) {
            failures.push(format!("{rows} rows: {} {values:?}", statement.sql));
        }
    }
    store.close().await;
    admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    assert!(failures.is_empty(), "{} {:#?}", failures.len(), &failures[..failures.len().min(5)]);
}

/// Maximum number of rows that the scans of this statement read.
fn most_rows(sql: &str) -> u64 {
    let counts_administrators = sql.contains("AS administrators");
    if sql.contains("account") && !counts_administrators { MOST_ACCOUNTS } else { MOST_ROWS }
}

/// The number of rows that the scans of a plan read.
fn rows_read(plan: &Json) -> u64 {
    let number = |name: &str| plan[name].as_f64().unwrap_or_default();
    let is_scan = plan["Relation Name"].is_string();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of rows")]
    let own = ((number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops")) as u64;
    let below = plan["Plans"].as_array().into_iter().flatten().map(rows_read).sum::<u64>();
    below + if is_scan { own } else { 0 }
}
