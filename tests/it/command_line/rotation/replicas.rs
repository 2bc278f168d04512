//! Rotations under load, in real time, on three servers with one database. Run it with
//! `cargo test --test it rotation::replicas -- --ignored --nocapture`.

use std::{
    io::Write as _,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::future::join_all;

use super::ME;
use crate::{actor::Actor, command_line::program::Program};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute and measures what other tests prove"]
async fn rotations_under_load_refuse_no_valid_token() {
    let program = Program::postgres().await.expect("FIELDGUARD_TEST_POSTGRES_URL names a server");
    let servers: Vec<_> = (0..3).map(|_| program.serve()).collect();
    let names: Vec<_> = (0..8).map(|number| format!("bob{number}")).collect();
    for name in &names {
        servers[0].anonymous().register(name).await;
    }
    let (stop, valid, refused) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let load = names.iter().map(async |name| {
        let mut turn = 0;
        while !stop.load(Ordering::Acquire) {
            turn += 1;
            let bearer = servers[turn % 3].anonymous().login(name).await;
            for step in 1..3 {
                let elsewhere = servers[(turn + step) % 3].url("/graphql");
                let answer = Actor::new(elsewhere, bearer.token.clone()).gql(ME).await;
                valid.fetch_add(1, Ordering::AcqRel);
                refused.fetch_add(usize::from(answer.status != 200), Ordering::AcqRel);
            }
        }
    });
    let rotations = async {
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(700)).await;
            tokio::task::block_in_place(|| program.run(&["keys", "rotate"]).ok());
        }
        tokio::time::sleep(Duration::from_secs(3)).await;
        stop.store(true, Ordering::Release);
    };
    tokio::join!(join_all(load), rotations);
    let (valid, refused) = (valid.into_inner(), refused.into_inner());
    writeln!(std::io::stderr(), "{valid} valid tokens, {refused} refused").unwrap();
    assert_eq!(refused, 0);
}
