//! The store. Every test runs on both databases.

mod accounts;
mod administrators;
mod appends;
mod attempts;
mod backup;
mod connect;
mod deletions;
mod deployment;
mod future;
mod migrate;
mod pages;
mod principals;
mod roles;
mod secrets;
mod sessions;
mod signing_keys;
mod transactions;
mod trouble;
mod user_lists;

use chrono::{DateTime, TimeDelta, Utc};
use fieldguard::{
    domain::{
        authentication::Methods,
        email::EmailAddress,
        id::{SessionId, UserId},
        password::PasswordHash,
        role::RoleName,
        session::Session,
        user::User,
        username::Username,
    },
    store::{self, Pooling, Settings, Store, users},
};

use crate::database::{self, Database};

/// The current time of the tests.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000).unwrap()
}

/// Longer than any database operation takes in a test.
const DEADLINE: std::time::Duration = std::time::Duration::from_mins(1);

fn settings(database: &Database) -> Settings {
    Settings {
        location: database.url.parse().unwrap(),
        pooling: Pooling::Session,
        max_connections: 8,
        deadline: DEADLINE,
    }
}

/// Runs the test on a migrated store of each database.
async fn each(test: impl AsyncFn(&Store)) {
    database::each(async |database: &Database| {
        let store = Store::connect(&settings(database)).await.unwrap();
        store.migrate().await.unwrap();
        test(&store).await;
        store.close().await;
    })
    .await;
}

/// A user that is not stored yet.
fn account(name: &str) -> User {
    User {
        id: UserId::new(now()),
        username: Username::from_stored(name.to_owned(), name.to_lowercase()),
        email: None,
        email_verified_at: None,
        disabled_at: None,
        deletion_due_at: None,
        created_at: now(),
        last_sign_in_at: None,
        totp_since: None,
    }
}

fn email(address: &str) -> EmailAddress {
    EmailAddress::from_stored(address.to_owned(), address.to_lowercase())
}

fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_phc(text.to_owned())
}

fn role(name: &str) -> RoleName {
    RoleName::parse(name).unwrap()
}

/// Stores a user with the name and the roles.
async fn add(store: &Store, name: &str, roles: &[&str]) -> User {
    let user = account(name);
    let tx = store.write().await.unwrap();
    users::insert(&tx, &user, &hash("$argon2id$old")).await.unwrap();
    for name in roles {
        assert!(store::roles::give(&tx, user.id, &role(name)).await.unwrap());
    }
    tx.commit().await.unwrap();
    user
}

/// Stores a session of the user that expires after an hour of inactivity or after a day.
async fn sign_in(store: &Store, user: UserId) -> SessionId {
    sign_in_for(store, user, TimeDelta::hours(1), TimeDelta::days(1)).await
}

/// Stores a session of the user that expires after `idle` of inactivity or after `lifetime`.
async fn sign_in_for(store: &Store, user: UserId, idle: TimeDelta, lifetime: TimeDelta) -> SessionId {
    let session = Session {
        methods: Methods::PASSWORD,
        id: SessionId::new(now()),
        user,
        created_at: now(),
        authenticated_at: now(),
        last_used_at: now(),
        expires_at: now() + lifetime,
        ip_address: Some("192.0.2.1".to_owned()),
        user_agent: None,
    };
    let mut refresh_hash = [0; 32];
    refresh_hash[..16].copy_from_slice(session.id.uuid().as_bytes());
    let tx = store.write().await.unwrap();
    store::sessions::insert(&tx, &session, &refresh_hash, now() + idle).await.unwrap();
    tx.commit().await.unwrap();
    session.id
}
