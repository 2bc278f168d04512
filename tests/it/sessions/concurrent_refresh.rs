//! Concurrent exchanges of one refresh token by fifty clients create one successor.

use std::collections::BTreeSet;

use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;

use super::{access_token, is_live, login, refresh, refresh_token};
use crate::app::each;

const CLIENTS: usize = 50;

#[on_each_database(flavor = "multi_thread")]
async fn concurrent_exchanges_of_one_refresh_token_create_one_successor() {
    exchange_concurrently(5).await;
}

#[on_each_database(flavor = "multi_thread")]
#[ignore = "takes minutes; run it after a change of the refresh tokens: cargo test --test it -- --ignored thousand"]
async fn thousand_concurrent_exchanges_each_create_one_successor() {
    exchange_concurrently(1_000).await;
}

async fn exchange_concurrently(rounds: usize) {
    each(async |server| {
        let bob = server.user("bob").await;
        let mut token = refresh_token(&login(&bob, "bob").await);
        for _ in 0..rounds {
            let answers = join_all((0..CLIENTS).map(|_| refresh(&bob, &token))).await;
            let tokens: BTreeSet<_> = answers.iter().map(refresh_token).collect();
            assert_eq!(tokens.len(), 1, "every client gets the same successor");
            assert_ne!(tokens.first(), Some(&token));
            assert!(is_live(&bob, &access_token(&answers[0])).await);
            token = tokens.into_iter().next().unwrap();
        }
    })
    .await;
}
