//! Two administrators remove each other or themselves at the same moment, in every combination of removals. Both are
//! authorized before either acts. One administrator remains, and the change that would remove the last one fails with
//! `CONFLICT`.

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

/// How an administrator is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Removal {
    DisableOther,
    DemoteOther,
    DisableSelf,
    DemoteSelf,
    DeleteSelf,
}

const REMOVALS: [Removal; 5] =
    [Removal::DisableOther, Removal::DemoteOther, Removal::DisableSelf, Removal::DemoteSelf, Removal::DeleteSelf];

impl Removal {
    const fn is_at_other(self) -> bool {
        matches!(self, Self::DisableOther | Self::DemoteOther)
    }

    async fn run(self, accounts: &Accounts, own: &Principal, other: UserId) -> Result<(), Error> {
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
            Self::DeleteSelf => accounts.delete_account(own, PASSWORD.to_owned(), &Client::default()).await.map(drop),
        }
    }
}

async fn administrator(server: &Server, name: String) -> Arc<Principal> {
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
    let (one, two) =
        (administrator(server, format!("one-{number}")).await, administrator(server, format!("two-{number}")).await);
    let removals = [REMOVALS[number % 5], REMOVALS[number / 5 % 5]];
    // Each runs in a task of its own, like concurrent requests.
    let run = |removal: Removal, own: Arc<Principal>, other: UserId| {
        let accounts = accounts.clone();
        tokio::spawn(async move { removal.run(&accounts, &own, other).await })
    };
    let (first, second) =
        tokio::join!(run(removals[0], one.clone(), two.user()), run(removals[1], two.clone(), one.user()));
    let outcomes = [first.unwrap(), second.unwrap()];
    let place = format!("round {number}, {removals:?}: {outcomes:?}");
    assert_eq!(enabled(server).await, 1, "{place}");
    let refused: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    if removals[0].is_at_other() == removals[1].is_at_other() {
        assert_eq!(refused.len(), 1, "{place}");
    }
    for error in refused {
        // Two removals of the same administrator can both succeed, unless the first deletes the user.
        let is_late = matches!(error, Error::NotFound("userId")) && removals.contains(&Removal::DeleteSelf);
        assert!(is_late || code(error) == "CONFLICT", "{place}");
    }
    let tx = accounts.store.write().await.unwrap();
    for administrator in [one, two] {
        store::users::delete(&tx, administrator.user()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn code(error: Error) -> String {
    let error = async_graphql::Error::from(ApiError::from(error));
    error
        .extensions
        .and_then(|extensions| extensions.get("code").map(ToString::to_string))
        .unwrap_or_default()
        .replace('"', "")
}

#[on_each_database(flavor = "multi_thread", worker_threads = 2)]
async fn one_administrator_remains_after_any_two_concurrent_removals() {
    each(async |server| {
        for number in 0..25 {
            round(server, number).await;
        }
    })
    .await;
}

/// `cargo test --test it thousand_concurrent_removals -- --ignored --nocapture`
#[on_each_database(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a thousand rounds take longer than the rest"]
async fn one_administrator_remains_after_a_thousand_concurrent_removals() {
    each(async |server| {
        for number in 0..1_000 {
            round(server, number).await;
        }
    })
    .await;
}
