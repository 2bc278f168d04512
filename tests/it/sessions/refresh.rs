//! `refresh`: a token is exchanged once, concurrent tabs get the same successor, lost answers are repeated, and reuse
//! revokes the session.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{access_token, events, is_live, login, refresh, refresh_token, text};
use crate::app::{Server, each, each_with};

fn wait(server: &Server, seconds: i64) {
    server.app.accounts().clock.advance(TimeDelta::seconds(seconds));
}

#[on_each_database]
async fn refresh_continues_the_session_with_new_tokens() {
    each(async |server| {
        let bob = server.user("bob").await;
        let first = login(&bob, "bob").await;
        wait(server, 60);
        let second = refresh(&bob, &refresh_token(&first)).await.ok();
        assert_eq!(second.at("/data/it/session/id"), first.at("/data/it/session/id"));
        assert_ne!(refresh_token(&second), refresh_token(&first));
        assert!(is_live(&bob, &access_token(&second)).await);
        assert!(is_live(&bob, &access_token(&first)).await, "access tokens are valid until they expire");
        let third = refresh(&bob, &refresh_token(&second)).await.ok();
        assert!(is_live(&bob, &access_token(&third)).await);
    })
    .await;
}

#[on_each_database]
async fn former_tokens_within_the_grace_period_get_the_newest_pair() {
    each(async |server| {
        let bob = server.user("bob").await;
        let first = refresh_token(&login(&bob, "bob").await);
        let second = refresh_token(&refresh(&bob, &first).await.ok());
        let third = refresh_token(&refresh(&bob, &second).await.ok());
        wait(server, 10);
        for stale in [&first, &second] {
            let again = refresh(&bob, stale).await.ok();
            assert_eq!(refresh_token(&again), third);
            assert!(is_live(&bob, &access_token(&again)).await);
        }
        refresh(&bob, &third).await.ok();
    })
    .await;
}

#[on_each_database]
async fn lost_answer_is_repeated_until_its_tokens_are_used() {
    each(async |server| {
        let bob = server.user("bob").await;
        let first = refresh_token(&login(&bob, "bob").await);
        let lost = refresh_token(&refresh(&bob, &first).await.ok());
        wait(server, 3_600);
        let again = refresh(&bob, &first).await.ok();
        assert_eq!(refresh_token(&again), lost);
        assert!(is_live(&bob, &access_token(&again)).await);
        wait(server, 11);
        assert_eq!(
            refresh(&bob, &first).await.codes(),
            ["INVALID_REFRESH_TOKEN"],
            "the new access token has been used"
        );
        assert!(!is_live(&bob, &access_token(&again)).await);
    })
    .await;
}

#[on_each_database]
async fn refresh_token_reuse_revokes_only_its_session() {
    each(async |server| {
        let bob = server.user("bob").await;
        let stolen = refresh_token(&login(&bob, "bob").await);
        let second = refresh_token(&refresh(&bob, &stolen).await.ok());
        let third = refresh(&bob, &second).await.ok();
        wait(server, 11);
        let before = events(&bob).await;
        let replay = refresh(&bob, &stolen).await;
        assert_eq!((replay.codes(), replay.at("/data")), (vec!["INVALID_REFRESH_TOKEN"], &json!({ "it": null })));
        assert!(!is_live(&bob, &access_token(&third)).await);
        assert_eq!(refresh(&bob, &refresh_token(&third)).await.codes(), ["INVALID_REFRESH_TOKEN"]);
        assert!(is_live(&bob, bob.token.as_deref().unwrap()).await, "the other session stays valid");
        assert_eq!(events(&bob).await, [vec!["REFRESH_TOKEN_REUSED".to_owned()], before].concat(), "recorded once");
    })
    .await;
}

#[on_each_database]
async fn invalid_refresh_tokens_have_identical_answers_for_every_reason() {
    each(async |server| {
        let bob = server.user("bob").await;
        let ended = login(&bob, "bob").await;
        bob.bearing(&access_token(&ended)).gql("mutation { logout { sessionsRevoked } }").await.ok();
        let token = refresh_token(&ended);
        let forged = format!("{}A", &token[..token.len() - 1]);
        let expected = refresh(&bob, "").await;
        assert_eq!(expected.codes(), ["INVALID_REFRESH_TOKEN"]);
        for bad in [token.as_str(), &forged, "fg_rt_", "x", &"A".repeat(10_000)] {
            assert_eq!(refresh(&bob, bad).await.text, expected.text);
        }
        let nothing = server.anonymous().gql("mutation { refresh { accessToken } }").await;
        assert_eq!(nothing.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}

#[on_each_database]
async fn sessions_expire_when_idle_and_at_their_maximum_age() {
    let change = |config: &mut fieldguard::config::Config| {
        config.session.idle = std::time::Duration::from_hours(1);
        config.session.lifetime = std::time::Duration::from_hours(2);
    };
    each_with(change, async |server| {
        let bob = server.user("bob").await;
        let idle = refresh_token(&login(&bob, "bob").await);
        let mut used = refresh_token(&login(&bob, "bob").await);
        for _ in 0..2 {
            wait(server, 3_599);
            used = refresh_token(&refresh(&bob, &used).await.ok());
        }
        assert_eq!(refresh(&bob, &idle).await.codes(), ["INVALID_REFRESH_TOKEN"]);
        wait(server, 2);
        assert_eq!(
            refresh(&bob, &used).await.codes(),
            ["INVALID_REFRESH_TOKEN"],
            "the maximum age of two hours is over"
        );
    })
    .await;
}

#[on_each_database]
async fn grace_period_can_be_zero() {
    each_with(
        |config| config.session.refresh_grace = std::time::Duration::ZERO,
        async |server| {
            let bob = server.user("bob").await;
            let first = refresh_token(&login(&bob, "bob").await);
            let second = refresh_token(&refresh(&bob, &first).await.ok());
            assert_eq!(refresh_token(&refresh(&bob, &first).await.ok()), second, "the unused answer is repeated");
            refresh(&bob, &second).await.ok();
            wait(server, 1);
            assert_eq!(refresh(&bob, &first).await.codes(), ["INVALID_REFRESH_TOKEN"]);
        },
    )
    .await;
}

#[on_each_database]
async fn disabling_a_user_revokes_refresh_tokens_for_good() {
    each(async |server| {
        let (admin, bob) = (server.admin().await, server.user("bob").await);
        let token = refresh_token(&login(&bob, "bob").await);
        let disable = "mutation ($id: ID!) { disableUser(input: { userId: $id }) { sessionsRevoked effectiveAt } }";
        let answer = admin.gql_with(disable, json!({ "id": bob.id })).await.ok();
        assert_eq!(answer.at("/data/disableUser/sessionsRevoked"), 2);
        assert!(text(&answer, "/data/disableUser/effectiveAt").starts_with("2027-01-15T08:00:0"));
        assert_eq!(refresh(&bob, &token).await.codes(), ["INVALID_REFRESH_TOKEN"]);
        let enable = "mutation ($id: ID!) { enableUser(input: { userId: $id }) { effectiveAt } }";
        admin.gql_with(enable, json!({ "id": bob.id })).await.ok();
        assert_eq!(
            refresh(&bob, &token).await.codes(),
            ["INVALID_REFRESH_TOKEN"],
            "enabling the user does not restore sessions"
        );
    })
    .await;
}
