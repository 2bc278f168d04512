//! Rate limits while clocks are wrong: a clock that was ahead and is corrected, and replicas whose clocks differ.

use chrono::{DateTime, TimeDelta};
use fieldguard::accounts::clock::Clock;
use fieldguard_test_macros::{needs, on_each_database};
use serde_json::json;

use super::{ELSEWHERE, HOME, WRONG, behind_a_proxy, login, register, replicas, retry_after, wait};
use crate::{
    actor::PASSWORD,
    app::{START, each, each_with},
    database::Database,
};

const DAY: i64 = 86_400;

#[on_each_database]
async fn failure_from_a_clock_a_day_ahead_delays_sign_in_by_one_second() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        wait(server, DAY);
        for address in [HOME, ELSEWHERE] {
            assert_eq!(login(server, address, "bob", WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
        }
        wait(server, -DAY);
        for address in [HOME, ELSEWHERE] {
            assert_eq!(
                retry_after(&login(server, address, "bob", PASSWORD).await),
                1,
                "a failure in the future counts as made now"
            );
        }
        wait(server, 1);
        for address in [HOME, ELSEWHERE] {
            login(server, address, "bob", PASSWORD).await.ok();
        }
    })
    .await;
}

#[on_each_database]
async fn failures_from_a_clock_a_day_ahead_are_still_counted() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        wait(server, DAY);
        for _ in 0..9 {
            assert_eq!(login(server, ELSEWHERE, "bob", WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
            wait(server, 5);
        }
        wait(server, -DAY);
        assert_eq!(retry_after(&login(server, ELSEWHERE, "bob", PASSWORD).await), 5);
        wait(server, 5);
        assert_eq!(login(server, ELSEWHERE, "bob", WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(retry_after(&login(server, ELSEWHERE, "bob", PASSWORD).await), 5, "this was the tenth failure");
    })
    .await;
}

#[on_each_database]
async fn registrations_from_a_clock_a_day_ahead_count_as_made_now() {
    let two = |config: &mut fieldguard::config::Config| {
        behind_a_proxy(config);
        config.limits.registrations_per_hour = 2;
    };
    each_with(two, async |server| {
        wait(server, DAY);
        for name in ["bob", "eve"] {
            register(server, HOME, name).await.ok();
        }
        wait(server, -DAY);
        assert_eq!(retry_after(&register(server, HOME, "late").await), 1_800);
        wait(server, 1_800);
        register(server, HOME, "late").await.ok();
    })
    .await;
}

#[on_each_database]
async fn email_changes_from_a_clock_a_day_ahead_count_as_made_now() {
    each(async |server| {
        let take = async |address: &str| {
            let document = "mutation ($email: String) { updateProfile(input: { email: $email }) { user { email } } }";
            server.anonymous().login("bob").await.gql_with(document, json!({ "email": address })).await
        };
        server.user("bob").await;
        wait(server, DAY);
        for number in 0..10 {
            take(&format!("bob{number}@example.org")).await.ok();
        }
        wait(server, -DAY);
        assert_eq!(retry_after(&take("bob10@example.org").await), 360);
        wait(server, 360);
        take("bob10@example.org").await.ok();
    })
    .await;
}

/// With SQLite there is one server and one clock.
#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn replicas_use_the_clock_of_their_database() {
    let Some(database) = Database::current_postgres().await else { return };
    let mut config = crate::app::settings();
    behind_a_proxy(&mut config);
    let server = crate::app::Server::on(database, config).await;
    register(&server, HOME, "bob").await.ok();
    let right = server.app.accounts().clock.clone();
    let skewed = |seconds| Clock::skewed(DateTime::from_timestamp(START + seconds, 0).unwrap(), &right);
    for seconds in [DAY, 5, -5, -DAY] {
        let other = server.replica(&skewed(seconds)).await;
        let wrong = replicas::login(&other, ELSEWHERE, "bob", WRONG).await;
        assert!(matches!(wrong, Err(fieldguard::accounts::error::Error::InvalidCredentials)), "{seconds}");
        assert_eq!(retry_after(&login(&server, ELSEWHERE, "bob", PASSWORD).await), 1, "{seconds}");
        let early = replicas::login(&other, ELSEWHERE, "bob", PASSWORD).await;
        assert!(matches!(early, Err(fieldguard::accounts::error::Error::RateLimited { seconds: 1 })), "{seconds}");
        right.advance(TimeDelta::seconds(1));
        login(&server, ELSEWHERE, "bob", PASSWORD).await.ok();
        replicas::login(&other, ELSEWHERE, "bob", PASSWORD).await.unwrap();
    }
}

/// Data that such a replica deletes is lost.
#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn replica_whose_clock_is_ahead_deletes_nothing_early() {
    let Some(database) = Database::current_postgres().await else { return };
    let server = crate::app::Server::on(database, crate::app::settings()).await;
    let (ada, bob) = (server.admin().await, server.user("bob").await);
    let document = "mutation ($id: ID!) { deleteUser(input: { userId: $id }) { __typename } }";
    ada.gql_with(document, json!({ "id": bob.id })).await.ok();
    let right = server.app.accounts().clock.clone();
    let ahead = server.replica(&Clock::skewed(right.now() + TimeDelta::days(3_650), &right)).await;
    assert_eq!(ahead.purge_deleted().await.unwrap(), 0);
    assert_eq!(ahead.prune_audit_trail().await.unwrap(), 0);
    right.advance(TimeDelta::days(3_650));
    assert_eq!(ahead.purge_deleted().await.unwrap(), 1);
    assert!(ahead.prune_audit_trail().await.unwrap() > 0);
}
