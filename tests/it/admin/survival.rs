//! At every instant somebody can administer the server, however administrators do away with each other.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{administrator, disable, enable, set_roles};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::each,
};

/// Enough for both to meet between the check and the change, if that were possible.
const ROUNDS: usize = 100;

async fn leave(actor: &Actor) -> Answer {
    let document = "mutation ($password: String!) { deleteAccount(input: { password: $password }) { userId } }";
    actor.gql_with(document, json!({ "password": PASSWORD })).await
}

/// One does away with the other, or with himself, in the way of the round.
async fn strike(round: usize, own: &Actor, other: &Actor) -> Answer {
    match round % 3 {
        0 => disable(own, &other.id).await,
        1 => set_roles(own, &other.id, &["user"]).await,
        _ => disable(own, &own.id).await,
    }
}

/// The second of two strikes finds the last administrator, or that he is none himself any more.
fn is_defeat(answer: &Answer) -> bool {
    answer.status == 401 || matches!(answer.codes()[..], ["CONFLICT" | "FORBIDDEN" | "UNAUTHENTICATED"])
}

#[on_each_database]
async fn one_of_two_who_strike_at_once_stays() {
    each(async |server| {
        let (mut ada, mut eve) = (server.admin().await, administrator(server, "eve").await);
        let mut conflicts = 0;
        for round in 0..ROUNDS {
            // Different ways meet too: the second strikes in the next way in every other round.
            let (one, two) = tokio::join!(strike(round, &ada, &eve), strike(round + (round / 3) % 3, &eve, &ada));
            let won = [&one, &two].iter().filter(|it| it.status == 200 && it.codes().is_empty()).count();
            assert!(
                won >= 1 && [&one, &two].iter().all(|it| it.codes().is_empty() || is_defeat(it)),
                "{one:#?} {two:#?}"
            );
            conflicts += [&one, &two].iter().filter(|it| it.codes() == ["CONFLICT"]).count();

            let store = &server.app.accounts().store;
            let tx = store.write().await.unwrap();
            let left = fieldguard::store::administrators::enabled(&tx).await.unwrap();
            drop(tx);
            assert_eq!(left, 1, "round {round}: {one:#?} {two:#?}");

            // Whoever stayed brings the other back.
            let survivor = if ada.gql("{ admin { message } }").await.codes().is_empty() { &ada } else { &eve };
            for actor in [&ada, &eve] {
                enable(survivor, &actor.id).await.ok();
                set_roles(survivor, &actor.id, &["admin", "user"]).await.ok();
            }
            (ada, eve) = (ada.login("ada").await, eve.login("eve").await);
        }
        assert!(conflicts > 0, "nobody ever met the last administrator");
    })
    .await;
}

#[on_each_database]
async fn of_all_who_leave_at_once_one_stays() {
    each(async |server| {
        for round in 0..10 {
            let mut all = vec![server.admin().await];
            for n in 0..4 {
                all.push(administrator(server, &format!("eve-{round}-{n}")).await);
            }
            let answers = futures_util::future::join_all(all.iter().map(leave)).await;
            let refused: Vec<_> = answers.iter().filter(|it| !it.codes().is_empty()).collect();
            assert_eq!(refused.len(), 1, "{answers:#?}");
            assert_eq!(refused[0].codes(), ["CONFLICT"]);
            // The one who stayed makes way for the next round, unless he is the one the next round begins with.
            let stayed = answers.iter().position(|it| !it.codes().is_empty()).unwrap();
            if stayed != 0 {
                let registration = fieldguard::accounts::register::Registration {
                    username: "ada".to_owned(),
                    email: None,
                    password: PASSWORD.to_owned(),
                };
                server.app.accounts().create_admin(registration).await.unwrap();
                leave(&all[stayed]).await.ok();
            }
        }
    })
    .await;
}
