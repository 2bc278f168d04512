//! Concurrent sign-ins of one user at several replicas: right passwords all succeed, and wrong ones are counted
//! exactly.

use fieldguard::{
    accounts::{Accounts, error::Error, sign_in::SignIn},
    domain::session::Client,
};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;

use super::{ELSEWHERE, HOME, WRONG, behind_a_proxy, register};
use crate::{
    actor::PASSWORD,
    app::{Server, each_with},
};

/// The server and two replicas on its database, with one clock.
async fn three_replicas(server: &Server) -> [Accounts; 3] {
    let clock = &server.app.accounts().clock;
    [server.app.accounts().clone(), server.replica(clock).await, server.replica(clock).await]
}

pub(super) fn client(address: &str) -> Client {
    Client { ip_address: Some(address.to_owned()), ..Client::default() }
}

pub(super) async fn login(accounts: &Accounts, address: &str, name: &str, password: &str) -> Result<SignIn, Error> {
    let outcome = accounts.login(name, password.to_owned(), client(address)).await?;
    Ok(outcome.complete().unwrap())
}

fn hashes(replicas: &[Accounts]) -> u64 {
    replicas.iter().map(|replica| replica.metrics().hashes).sum()
}

#[on_each_database(flavor = "multi_thread")]
async fn concurrent_sign_ins_of_one_user_at_two_replicas_all_succeed() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        let [one, other, _] = three_replicas(server).await;
        for round in 0..20 {
            // From the known address, from a new address in every round, and from this machine.
            for address in [HOME, &format!("203.0.113.{round}"), "127.0.0.1"] {
                let sign_ins = [&one, &other].map(|replica| login(replica, address, "bob", PASSWORD));
                for sign_in in join_all(sign_ins).await {
                    assert!(sign_in.is_ok(), "round {round} from {address}: {:?}", sign_in.err());
                }
            }
        }
    })
    .await;
}

#[on_each_database(flavor = "multi_thread")]
async fn twenty_concurrent_sign_ins_at_two_replicas_all_succeed() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        let [one, other, _] = three_replicas(server).await;
        let sign_ins = (0..20).map(|n| {
            let replica = if n % 2 == 0 { &one } else { &other };
            login(replica, ELSEWHERE, "bob", PASSWORD)
        });
        for (number, sign_in) in join_all(sign_ins).await.into_iter().enumerate() {
            assert!(sign_in.is_ok(), "{number}: {:?}", sign_in.err());
        }
    })
    .await;
}

#[on_each_database(flavor = "multi_thread")]
async fn concurrent_guesses_at_three_replicas_compute_one_hash() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        let replicas = three_replicas(server).await;
        for (name, address) in
            [("bob", None), ("bob", Some(HOME)), ("nobody", None), ("nobody.else", Some("127.0.0.1"))]
        {
            let before = hashes(&replicas);
            let sign_ins = (0..200).map(|n| {
                let (replica, elsewhere) = (&replicas[n % replicas.len()], format!("203.0.113.{n}"));
                async move { login(replica, address.unwrap_or(&elsewhere), name, WRONG).await }
            });
            let refused = join_all(sign_ins).await;
            let early =
                refused.iter().filter(|result| matches!(result, Err(Error::RateLimited { seconds: 1 }))).count();
            let wrong = refused.iter().filter(|result| matches!(result, Err(Error::InvalidCredentials))).count();
            assert_eq!((wrong, early, hashes(&replicas) - before), (1, 199, 1), "{name} from {address:?}");
        }
    })
    .await;
}
