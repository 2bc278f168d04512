//! `unlockUser`, and `enableUser` with it: lifts the lockout of a user.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::desk::{DESK, change, holder};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{Server, each, each_with},
};

const HOME: &str = "198.51.100.1";
const ELSEWHERE: &str = "203.0.113.9";

async fn login(server: &Server, address: &str, password: &str) -> Answer {
    login_as(server, "bob", address, password).await
}

async fn login_as(server: &Server, name: &str, address: &str, password: &str) -> Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    let input = json!({ "input": { "username": name, "password": password } });
    let body = json!({ "query": document, "variables": input });
    server.anonymous().request(|request| request.header("x-forwarded-for", address).json(&body)).await
}

/// Grants the user a role with a permission that the support desk lacks.
async fn make_auditor(admin: &Actor, user: &Actor) {
    crate::roles::made(admin, json!({ "name": "auditor", "permissions": ["audit:read"] })).await;
    super::set_roles(admin, &user.id, &["user", "auditor"]).await.ok();
}

/// Fails sign-ins as `bob` from a known address and from an unknown one, until both are locked out.
async fn lock_out(server: &Server) {
    for address in [HOME, ELSEWHERE] {
        assert_eq!(login(server, address, "a wrong password indeed").await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(login(server, address, PASSWORD).await.codes(), ["RATE_LIMITED"], "{address}");
    }
}

#[on_each_database]
async fn unlock_user_and_enable_user_lift_the_lockout() {
    let proxied = |config: &mut fieldguard::config::Config| config.trusted_proxies = "127.0.0.1".parse().unwrap();
    each_with(proxied, async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let sam = holder(server, &ada, "desk", DESK).await;
        login(server, HOME, PASSWORD).await.ok();
        let call = format!("unlockUser(input: {{ userId: \"{}\" }})", bob.id);
        // Unlocking works without a lockout, too.
        change(&sam, &call).await.ok();
        for call in [call, format!("enableUser(input: {{ userId: \"{}\" }})", bob.id)] {
            lock_out(server).await;
            change(&sam, &call).await.ok();
            login(server, HOME, PASSWORD).await.ok();
            login(server, ELSEWHERE, PASSWORD).await.ok();
            // Make the second address unknown again.
            super::execute(server, &format!("DELETE FROM known_addresses WHERE address LIKE '{ELSEWHERE}%'")).await;
        }
        bob.gql("{ me { id } }").await.ok();
    })
    .await;
}

#[on_each_database]
async fn unlock_user_requires_every_permission_of_the_user() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let sam = holder(server, &ada, "desk", &["users:write", "users:delete"]).await;
        make_auditor(&ada, &bob).await;
        assert_eq!(super::disable(&ada, &bob.id).await.codes(), [] as [&str; 0]);
        let id = &bob.id;
        for call in ["unlockUser", "enableUser", "restoreUser"] {
            let refused = change(&sam, &format!("{call}(input: {{ userId: \"{id}\" }})")).await;
            assert_eq!(refused.codes(), ["FORBIDDEN"], "{call}: {refused:#?}");
            let bulk = format!("{call}s(input: {{ userIds: [\"{id}\"] }})");
            if call != "unlockUser" {
                let refused = change(&sam, &bulk).await;
                assert_eq!(refused.codes(), ["FORBIDDEN"], "{bulk}");
                assert_eq!(refused.at("/errors/0/extensions/field"), "userIds.0");
            }
            change(&ada, &format!("{call}(input: {{ userId: \"{id}\" }})")).await.ok();
        }
        let own = change(&ada, &format!("unlockUser(input: {{ userId: \"{}\" }})", ada.id)).await;
        assert_eq!(own.codes(), ["FORBIDDEN"], "a stolen session must not reset its own lockout");
    })
    .await;
}

#[on_each_database]
async fn lockout_stays_if_the_administrators_session_is_not_fresh() {
    let proxied = |config: &mut fieldguard::config::Config| config.trusted_proxies = "127.0.0.1".parse().unwrap();
    each_with(proxied, async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        server.app.accounts().clock.advance(chrono::TimeDelta::minutes(6));
        login(server, HOME, PASSWORD).await.ok();
        lock_out(server).await;
        for call in ["disableUser", "enableUser", "deleteUser", "restoreUser"] {
            change(&ada, &format!("{call}(input: {{ userId: \"{}\" }})", bob.id)).await.ok();
        }
        assert_eq!(login(server, ELSEWHERE, PASSWORD).await.codes(), ["RATE_LIMITED"]);
    })
    .await;
}

#[on_each_database]
async fn renaming_a_user_keeps_the_lockout() {
    let proxied = |config: &mut fieldguard::config::Config| config.trusted_proxies = "127.0.0.1".parse().unwrap();
    each_with(proxied, async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        login(server, HOME, PASSWORD).await.ok();
        lock_out(server).await;
        for name in ["robert", "bob"] {
            let call = format!("updateUser(input: {{ userId: \"{}\", username: \"{name}\" }})", bob.id);
            change(&ada, &call).await.ok();
            assert_eq!(login_as(server, name, ELSEWHERE, PASSWORD).await.codes(), ["RATE_LIMITED"], "{name}");
        }
        bob.gql("mutation { updateProfile(input: { username: \"rob\" }) { user { id } } }").await.ok();
        assert_eq!(login_as(server, "rob", ELSEWHERE, PASSWORD).await.codes(), ["RATE_LIMITED"]);
    })
    .await;
}
