//! Revocation across three running servers, in real time.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::program::{Program, RunningServer};
use crate::actor::Actor;

const ROUNDS: usize = 1_000;
/// The number of concurrent rounds.
const CONCURRENT: usize = 20;

/// A request that starts at `effectiveAt` or later is refused on every server. The servers share the clock of this
/// process, so a slow machine does not fail the test.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes and PostgreSQL; to measure, run cargo test --test it -- --ignored --nocapture three_servers"]
async fn session_revoked_on_one_of_three_servers_is_refused_by_all() {
    let Some(program) = Program::postgres().await else { return };
    let servers = [program.serve(), program.serve(), program.serve()];
    let names: Vec<_> = (0..CONCURRENT).map(|n| format!("bob{n}")).collect();
    for name in &names {
        servers[0].anonymous().register(name).await;
    }
    let (mut latest, mut slowest) = (Duration::ZERO, Duration::ZERO);
    for batch in 0..ROUNDS / CONCURRENT {
        for (late, heard) in join_all(names.iter().map(|name| round(&servers, batch, name))).await {
            latest = latest.max(late);
            slowest = slowest.max(heard);
        }
    }
    println!(
        "{ROUNDS} rounds: the last request that was accepted started {latest:?} after the answer, {slowest:?} to the first refusal"
    );
    assert!(latest < Duration::from_secs(1), "{latest:?}");
}

/// Revokes a session on one server. Returns how long after that the last accepted request started on the others, and
/// how long it took until both refused one.
async fn round(servers: &[RunningServer; 3], batch: usize, name: &str) -> (Duration, Duration) {
    let at = |number: usize| servers[(batch + number) % servers.len()].anonymous();
    let bob = at(0).login(name).await;
    let token = bob.token.clone().unwrap();
    let others = [at(1).bearing(&token), at(2).bearing(&token)];
    for other in &others {
        other.gql("{ me { username } }").await.ok();
    }
    let answer = bob.gql("mutation { logout { effectiveAt } }").await.ok();
    let effective_at: DateTime<Utc> = answer.at("/data/logout/effectiveAt").as_str().unwrap().parse().unwrap();
    #[expect(clippy::disallowed_methods, reason = "it measures servers in real time")]
    let ended = SystemTime::now();
    let heard = join_all(others.iter().map(|other| accepted_until(other, ended, effective_at))).await;
    let late = heard.into_iter().max().unwrap();
    (late, ended.elapsed().unwrap())
}

/// How long after `ended` the last accepted request started.
async fn accepted_until(other: &Actor, ended: SystemTime, effective_at: DateTime<Utc>) -> Duration {
    let mut latest = Duration::ZERO;
    loop {
        #[expect(clippy::disallowed_methods, reason = "it measures servers in real time")]
        let started = SystemTime::now();
        let answer = other.gql("{ me { username } }").await;
        if answer.status == 401 {
            return latest;
        }
        answer.ok();
        assert!(DateTime::<Utc>::from(started) < effective_at, "accepted at {started:?}, revoked from {effective_at}");
        latest = latest.max(started.duration_since(ended).unwrap_or_default());
    }
}
