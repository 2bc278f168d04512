//! Two administrators who do away with each other at the same moment, both let in before either acts, in every pair of ways:
//! one stays, and who would have been the last hears `CONFLICT`.

use std::sync::Arc;

use fieldguard::{
    accounts::{Accounts, change_users::UserChange, error::Error, register::Registration},
    api::error::ApiError,
    domain::{id::UserId, principal::Principal, session::Client},
    store,
};
use fieldguard_test_macros::on_each_database;

use crate::{
    actor::PASSWORD,
    admin::to_roles,
    app::{Server, each},
};

/// How one strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    DisableOther,
    DemoteOther,
    DisableSelf,
    DemoteSelf,
    Leave,
}

const WAYS: [Way; 5] = [Way::DisableOther, Way::DemoteOther, Way::DisableSelf, Way::DemoteSelf, Way::Leave];

impl Way {
    const fn is_at_other(self) -> bool {
        matches!(self, Self::DisableOther | Self::DemoteOther)
    }

    async fn strike(self, accounts: &Accounts, own: &Principal, other: UserId) -> Result<(), Error> {
        let user = ["user".to_owned()];
        match self {
            Self::DisableOther => {
                accounts.change_user(own, &UserChange::Disable, other, &Client::default()).await.map(drop)
            }
            Self::DemoteOther => accounts.change_user(own, &to_roles(&user), other, &Client::default()).await.map(drop),
            Self::DisableSelf => {
                accounts.change_user(own, &UserChange::Disable, own.user(), &Client::default()).await.map(drop)
            }
            Self::DemoteSelf => {
                accounts.change_user(own, &to_roles(&user), own.user(), &Client::default()).await.map(drop)
            }
            Self::Leave => accounts.delete_account(own, PASSWORD.to_owned(), &Client::default()).await.map(drop),
        }
    }
}

async fn duellist(server: &Server, name: String) -> Arc<Principal> {
    let accounts = server.app.accounts();
    let registration = Registration { username: name.clone(), email: None, password: PASSWORD.to_owned() };
    accounts.create_admin(registration).await.unwrap();
    let token = server.anonymous().login(&name).await.token.unwrap();
    accounts.identify(&token, &Client::default()).await.unwrap()
}

async fn enabled(server: &Server) -> u64 {
    let tx = server.app.accounts().store.write().await.unwrap();
    store::administrators::enabled(&tx).await.unwrap()
}

async fn round(server: &Server, number: usize) {
    let accounts = server.app.accounts();
    let (one, two) = (duellist(server, format!("one-{number}")).await, duellist(server, format!("two-{number}")).await);
    let ways = [WAYS[number % 5], WAYS[number / 5 % 5]];
    // Each on a thread of its own, as the requests of two people are.
    let strike = |way: Way, own: Arc<Principal>, other: UserId| {
        let accounts = accounts.clone();
        tokio::spawn(async move { way.strike(&accounts, &own, other).await })
    };
    let (first, second) =
        tokio::join!(strike(ways[0], one.clone(), two.user()), strike(ways[1], two.clone(), one.user()));
    let outcomes = [first.unwrap(), second.unwrap()];
    let place = format!("round {number}, {ways:?}: {outcomes:?}");
    assert_eq!(enabled(server).await, 1, "{place}");
    let losers: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    if ways[0].is_at_other() == ways[1].is_at_other() {
        assert_eq!(losers.len(), 1, "{place}");
    }
    for loser in losers {
        // Two strikes at one and the same can both hit, unless the first leaves nothing to hit.
        let is_late = matches!(loser, Error::NotFound("userId")) && ways.contains(&Way::Leave);
        assert!(is_late || code(loser) == "CONFLICT", "{place}");
    }
    let tx = accounts.store.write().await.unwrap();
    for duellist in [one, two] {
        store::users::delete(&tx, duellist.user()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn code(error: Error) -> String {
    let error = async_graphql::Error::from(ApiError::from(error));
    error.extensions.and_then(|it| it.get("code").map(ToString::to_string)).unwrap_or_default().replace('"', "")
}

#[on_each_database(flavor = "multi_thread", worker_threads = 2)]
async fn one_stays_whatever_the_ways() {
    each(async |server| {
        for number in 0..25 {
            round(server, number).await;
        }
    })
    .await;
}

/// `cargo test --test it a_thousand_duels -- --ignored --nocapture`
#[on_each_database(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a thousand rounds take longer than the rest"]
async fn a_thousand_duels() {
    each(async |server| {
        for number in 0..1_000 {
            round(server, number).await;
        }
    })
    .await;
}
