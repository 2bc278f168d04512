//! `unlockUser`, and `enableUser` with it: whoever typed the wrong password too often need not wait.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::desk::{DESK, change, holder};
use crate::{
    actor::{Answer, PASSWORD},
    app::{Server, each_with},
};

const HOME: &str = "198.51.100.1";
const ELSEWHERE: &str = "203.0.113.9";

async fn login(server: &Server, address: &str, password: &str) -> Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    let input = json!({ "input": { "username": "bob", "password": password } });
    let body = json!({ "query": document, "variables": input });
    server.anonymous().request(|it| it.header("x-forwarded-for", address).json(&body)).await
}

/// Fails from a place where bob signed in before, and from one where he did not, until both have to wait.
async fn lock_out(server: &Server) {
    for address in [HOME, ELSEWHERE] {
        assert_eq!(login(server, address, "a wrong password indeed").await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(login(server, address, PASSWORD).await.codes(), ["RATE_LIMITED"], "{address}");
    }
}

#[on_each_database]
async fn lets_the_owner_sign_in_at_once() {
    let proxied = |config: &mut fieldguard::config::Config| config.trusted_proxies = "127.0.0.1".parse().unwrap();
    each_with(proxied, async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let sam = holder(server, &ada, "desk", DESK).await;
        login(server, HOME, PASSWORD).await.ok();
        let call = format!("unlockUser(userId: \"{}\")", bob.id);
        // Whether or not there is anything to unlock.
        change(&sam, &call).await.ok();
        for call in [call, format!("enableUser(userId: \"{}\")", bob.id)] {
            lock_out(server).await;
            change(&sam, &call).await.ok();
            login(server, HOME, PASSWORD).await.ok();
            login(server, ELSEWHERE, PASSWORD).await.ok();
            // From now on that place is known too.
            super::execute(server, &format!("DELETE FROM known_addresses WHERE address LIKE '{ELSEWHERE}%'")).await;
        }
        bob.gql("{ me { id } }").await.ok();
    })
    .await;
}
