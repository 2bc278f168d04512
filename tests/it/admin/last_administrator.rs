//! At least one administrator remains at any moment, however administrators remove each other.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{administrator, disable, enable, set_roles};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::each,
};

/// Enough rounds for both requests to fall between check and change, if that were possible.
const ROUNDS: usize = 100;

async fn delete_account(actor: &Actor) -> Answer {
    let document = "mutation ($password: String!) { deleteAccount(input: { password: $password }) { userId } }";
    actor.gql_with(document, json!({ "password": PASSWORD })).await
}

/// Removes the other administrator or the caller, depending on the round.
async fn remove(round: usize, own: &Actor, other: &Actor) -> Answer {
    match round % 3 {
        0 => disable(own, &other.id).await,
        1 => set_roles(own, &other.id, &["user"]).await,
        _ => disable(own, &own.id).await,
    }
}

/// Whether the answer is one that the second of two removals may get.
fn is_refused(answer: &Answer) -> bool {
    answer.status == 401 || matches!(answer.codes()[..], ["CONFLICT" | "FORBIDDEN" | "UNAUTHENTICATED"])
}

#[on_each_database]
async fn one_administrator_remains_when_two_remove_each_other() {
    each(async |server| {
        let (mut ada, mut eve) = (server.admin().await, administrator(server, "eve").await);
        let mut conflicts = 0;
        for round in 0..ROUNDS {
            // In some rounds the two requests remove in different ways.
            let (one, two) = tokio::join!(remove(round, &ada, &eve), remove(round + (round / 3) % 3, &eve, &ada));
            let won = [&one, &two].iter().filter(|answer| answer.status == 200 && answer.codes().is_empty()).count();
            assert!(
                won >= 1 && [&one, &two].iter().all(|answer| answer.codes().is_empty() || is_refused(answer)),
                "{one:#?} {two:#?}"
            );
            conflicts += [&one, &two].iter().filter(|answer| answer.codes() == ["CONFLICT"]).count();

            let store = &server.app.accounts().store;
            let tx = store.write().await.unwrap();
            let left = fieldguard::store::administrators::enabled(&tx).await.unwrap();
            drop(tx);
            assert_eq!(left, 1, "round {round}: {one:#?} {two:#?}");

            // The remaining administrator restores the other.
            let remaining = if ada.gql("{ admin { message } }").await.codes().is_empty() { &ada } else { &eve };
            for actor in [&ada, &eve] {
                enable(remaining, &actor.id).await.ok();
                set_roles(remaining, &actor.id, &["admin", "user"]).await.ok();
            }
            (ada, eve) = (ada.login("ada").await, eve.login("eve").await);
        }
        assert!(conflicts > 0, "no request ever hit the last administrator");
    })
    .await;
}

#[on_each_database]
async fn one_administrator_remains_when_all_delete_their_accounts() {
    each(async |server| {
        for round in 0..10 {
            let mut all = vec![server.admin().await];
            for n in 0..4 {
                all.push(administrator(server, &format!("eve-{round}-{n}")).await);
            }
            let answers = futures_util::future::join_all(all.iter().map(delete_account)).await;
            let refused: Vec<_> = answers.iter().filter(|answer| !answer.codes().is_empty()).collect();
            assert_eq!(refused.len(), 1, "{answers:#?}");
            assert_eq!(refused[0].codes(), ["CONFLICT"]);
            // The remaining administrator makes room for the next round, which starts with `ada`.
            let last = answers.iter().position(|answer| !answer.codes().is_empty()).unwrap();
            if last != 0 {
                let registration = fieldguard::accounts::register::Registration {
                    username: "ada".to_owned(),
                    email: None,
                    password: PASSWORD.to_owned(),
                };
                server.app.accounts().create_admin(registration).await.unwrap();
                delete_account(&all[last]).await.ok();
            }
        }
    })
    .await;
}
