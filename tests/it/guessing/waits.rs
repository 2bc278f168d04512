//! How long sign-ins are rate limited after failures, and which sign-ins this affects.

use chrono::TimeDelta;
use fieldguard::{
    accounts::{clock::Clock, error::Error},
    app::App,
    domain::{
        id::UserId,
        page::{Direction, PageRequest},
        permission,
        security_event::SecurityEventAction,
        session::Client,
    },
    store,
};
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{ELSEWHERE, HOME, WRONG, behind_a_proxy, hashes, login, register, retry_after, send, wait};
use crate::{actor::PASSWORD, app::each_with};

#[on_each_database]
async fn wait_grows_and_is_the_same_for_unknown_usernames() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        let mut failures = 0;
        for (from, seconds) in [(1, 1), (3, 3), (9, 5), (25, 10)] {
            while failures < from {
                failures += 1;
                let address = format!("203.0.113.{failures}");
                let refused =
                    [login(server, &address, "bob", WRONG).await, login(server, &address, "nobody", WRONG).await];
                assert_eq!(refused[0].codes(), ["INVALID_CREDENTIALS"], "after {failures}");
                assert_eq!(refused[0].text, refused[1].text, "after {failures}");
                let early = [
                    login(server, &address, "bob", PASSWORD).await,
                    login(server, &address, "BOB ", WRONG).await,
                    login(server, ELSEWHERE, "nobody", WRONG).await,
                ];
                let seconds = retry_after(&early[0]);
                assert!(early.iter().all(|answer| answer.text == early[0].text), "after {failures}");
                server
                    .app
                    .accounts()
                    .clock
                    .advance(TimeDelta::milliseconds(i64::try_from(seconds).unwrap() * 1_000 - 1));
                assert_eq!(retry_after(&login(server, &address, "bob", PASSWORD).await), 1);
                server.app.accounts().clock.advance(TimeDelta::milliseconds(1));
            }
            login(server, ELSEWHERE, "bob", WRONG).await;
            failures += 1;
            assert_eq!(retry_after(&login(server, ELSEWHERE, "bob", WRONG).await), seconds, "after {failures}");
            // Keeps the failures of `nobody` equal to those of `bob`.
            login(server, ELSEWHERE, "nobody", WRONG).await;
            wait(server, 10);
        }
        login(server, ELSEWHERE, "bob", PASSWORD).await.ok();
        assert_eq!(login(server, "192.0.2.7", "bob", WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(
            retry_after(&login(server, "192.0.2.7", "bob", WRONG).await),
            1,
            "a successful sign-in resets the failures"
        );
    })
    .await;
}

#[on_each_database]
async fn hundred_failures_lock_for_a_day_except_from_a_known_address() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        let before = hashes(server).await;
        for n in 0..100 {
            let answer = login(server, &format!("203.0.113.{n}"), "bob", WRONG).await;
            assert_eq!(answer.codes(), ["INVALID_CREDENTIALS"], "{n}");
            wait(server, 10);
        }
        for n in 100..110 {
            let day = retry_after(&login(server, &format!("203.0.113.{n}"), "bob", PASSWORD).await);
            assert!(day > 86_000, "{day}");
        }
        assert_eq!(hashes(server).await - before, 100);
        login(server, HOME, "bob", PASSWORD).await.ok();
        assert_eq!(login(server, HOME, "bob", WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(retry_after(&login(server, HOME, "bob", WRONG).await), 1, "failures from a known address count too");
        wait(server, 86_400);
        login(server, ELSEWHERE, "bob", PASSWORD).await.ok();
    })
    .await;
}

#[on_each_database]
async fn many_usernames_from_one_address_are_rate_limited() {
    each_with(behind_a_proxy, async |server| {
        let address = |n| format!("2001:db8:1:2::{n:x}");
        for n in 0..20 {
            let answer = login(server, &address(n), &format!("nobody{n}"), WRONG).await;
            assert_eq!(answer.codes(), ["INVALID_CREDENTIALS"], "{n}");
        }
        assert_eq!(retry_after(&login(server, &address(99), "nobody99", WRONG).await), 1);
        assert_eq!(login(server, "2001:db8:1:3::1", "nobody99", WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
        wait(server, 1);
        assert_eq!(login(server, &address(98), "nobody98", WRONG).await.codes(), ["INVALID_CREDENTIALS"]);
        // For addresses of this machine, failures are counted only per username.
        for n in 0..60 {
            let answer = login(server, "127.0.0.1", &format!("someone{n}"), WRONG).await;
            assert_eq!(answer.codes(), ["INVALID_CREDENTIALS"], "{n}");
        }
    })
    .await;
}

#[on_each_database]
async fn wrong_current_password_counts_as_a_failed_sign_in() {
    each_with(behind_a_proxy, async |server| {
        let answer = register(server, HOME, "bob").await.ok();
        let bob = server.anonymous().bearing(answer.at("/data/register/accessToken").as_str().unwrap());
        let change = "mutation ($input: UpdatePasswordInput!) { updatePassword(input: $input) { sessionsRevoked } }";
        let input = |current| json!({ "currentPassword": current, "newPassword": "a cold night on the hill" });
        let delete = "mutation ($input: String!) { deleteAccount(input: { password: $input }) { userId } }";

        assert_eq!(send(&bob, HOME, change, input(WRONG)).await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(retry_after(&login(server, HOME, "bob", PASSWORD).await), 1);
        assert_eq!(retry_after(&send(&bob, HOME, change, input(PASSWORD)).await), 1);
        assert_eq!(retry_after(&send(&bob, HOME, delete, json!(PASSWORD)).await), 1);
        wait(server, 1);
        assert_eq!(send(&bob, HOME, delete, json!(WRONG)).await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(retry_after(&send(&bob, HOME, change, input(PASSWORD)).await), 1);
        wait(server, 1);
        send(&bob, HOME, change, input(PASSWORD)).await.ok();
        login(server, HOME, "bob", "a cold night on the hill").await.ok();
    })
    .await;
}

#[on_each_database]
async fn security_events_list_failed_sign_ins_without_rate_limited_ones() {
    each_with(behind_a_proxy, async |server| {
        let answer = register(server, HOME, "bob").await.ok();
        let bob = UserId::parse(answer.at("/data/register/user/id").as_str().unwrap()).unwrap();
        login(server, ELSEWHERE, "bob", WRONG).await;
        login(server, ELSEWHERE, "bob", WRONG).await;
        login(server, HOME, "bob", PASSWORD).await.ok();
        wait(server, 1);
        login(server, ELSEWHERE, "bob", PASSWORD).await.ok();
        let request = PageRequest { size: 10, direction: Direction::Forward, after: None, before: None };
        let events = store::security_events::list(&server.app.accounts().store, bob, request).await.unwrap().items;
        let failed: Vec<_> = events.iter().filter(|event| event.kind == SecurityEventAction::SignInFailed).collect();
        let addresses: Vec<_> = failed.iter().map(|event| event.client.ip_address.as_deref()).collect();
        assert_eq!(addresses, [Some(ELSEWHERE)]);
    })
    .await;
}

#[on_each_database]
async fn restarted_server_keeps_failures_and_known_addresses() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        login(server, ELSEWHERE, "bob", WRONG).await;
        let Clock::Manual(manual) = &server.app.accounts().clock else { panic!("tests use a manual clock") };
        let other = App::open(server.app.config().clone(), permission::builtin(), Clock::Manual(manual.clone())).await;
        let other = other.unwrap();
        let client = |address: &str| Client { ip_address: Some(address.to_owned()), ..Client::default() };
        let login = async |address| other.accounts().login("bob", PASSWORD.to_owned(), client(address)).await;
        assert!(matches!(login(ELSEWHERE).await, Err(Error::RateLimited { seconds: 1 })));
        assert!(login(HOME).await.is_ok(), "the address is known here too");
        wait(server, 1);
        assert!(login(ELSEWHERE).await.is_ok());
    })
    .await;
}
