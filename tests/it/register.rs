//! `register`: usernames and email addresses are unique, and callers can't choose their roles.

use std::collections::BTreeMap;

use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use serde_json::json;

use crate::{
    actor::PASSWORD,
    app::{each, each_with},
};

const REGISTER: &str = "mutation ($input: RegisterInput!) {
    register(input: $input) { accessToken tokenType expiresIn user { id username email roles { name } permissions { name } } }
}";

#[on_each_database]
async fn register_creates_an_account_and_signs_in() {
    each(async |server| {
        let input = json!({ "username": "Bob", "email": "bob@example.org", "password": "correct horse battery" });
        let answer = server.anonymous().gql_with(REGISTER, json!({ "input": input })).await.ok();
        assert_eq!(answer.at("/data/register/user/username"), "Bob");
        assert_eq!(answer.at("/data/register/user/email"), "bob@example.org");
        assert_eq!(answer.at("/data/register/user/roles"), &json!([{ "name": "user" }]));
        assert_eq!(answer.at("/data/register/user/permissions"), &json!([]));
        assert_eq!(answer.at("/data/register/tokenType"), "BEARER");
        assert_eq!(answer.at("/data/register/expiresIn"), 900);
        let bob = server.anonymous().bearing(answer.at("/data/register/accessToken").as_str().unwrap());
        assert_eq!(bob.gql("{ me { username } }").await.ok().at("/data/me/username"), "Bob");
    })
    .await;
}

#[on_each_database]
async fn register_rejects_taken_usernames_and_emails_in_any_spelling() {
    each(async |server| {
        let first = json!({ "username": "Ada", "email": "Ada@Example.org", "password": PASSWORD });
        server.anonymous().gql_with(REGISTER, json!({ "input": first })).await.ok();
        for (username, email, field) in
            [("ada", None, "username"), ("ａｄａ", None, "username"), ("other", Some("ada@example.ORG"), "email")]
        {
            let input = json!({ "username": username, "email": email, "password": PASSWORD });
            let answer = server.anonymous().gql_with(REGISTER, json!({ "input": input })).await;
            assert_eq!(answer.codes(), ["CONFLICT"], "{username}");
            assert_eq!(answer.at("/errors/0/extensions/field"), field);
            assert_eq!(answer.at("/data"), &json!({ "register": null }));
        }
    })
    .await;
}

#[on_each_database]
async fn register_names_the_invalid_field() {
    each(async |server| {
        for (username, email, password, field) in [
            ("al", None, PASSWORD, "username"),
            ("a b c", None, PASSWORD, "username"),
            ("pаypal", None, PASSWORD, "username"),
            ("alice", Some("nobody"), PASSWORD, "email"),
            ("alice", None, "short", "password"),
            ("alice", None, "passwordpassword", "password"),
            ("alice.wonder", None, "alice.wonder1", "password"),
        ] {
            let input = json!({ "username": username, "email": email, "password": password });
            let answer = server.anonymous().gql_with(REGISTER, json!({ "input": input })).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{username} {password}");
            assert_eq!(answer.at("/errors/0/extensions/field"), field, "{username} {password}");
            assert!(!answer.text.contains(password), "answers never repeat a password");
        }
    })
    .await;
}

#[on_each_database]
async fn register_accepts_no_roles_or_permissions() {
    each(async |server| {
        for extra in ["role", "roles", "isAdmin", "id", "permissions", "disabledAt"] {
            let document = format!(
                "mutation {{ register(input: {{ username: \"eve\", password: \"{PASSWORD}\", {extra}: \"admin\" }}) \
                 {{ accessToken }} }}"
            );
            let answer = server.anonymous().gql(&document).await;
            assert_eq!(answer.codes(), ["GRAPHQL_VALIDATION_FAILED"], "{extra}");
            assert!(answer.json.get("data").is_none(), "nothing is executed");
            let input = json!({ "username": "eve", "password": PASSWORD, extra: "admin" });
            let answer = server.anonymous().gql_with(REGISTER, json!({ "input": input })).await;
            assert_ne!(answer.codes(), Vec::<&str>::new(), "{extra} as a variable");
        }
        // The first user to register is not an administrator either.
        let first = server.user("eve").await;
        assert_eq!(first.gql("{ admin { message } }").await.codes(), ["FORBIDDEN"]);
    })
    .await;
}

#[on_each_database]
async fn concurrent_registrations_of_one_name_succeed_once() {
    each(async |server| {
        let anonymous = server.anonymous();
        let answers = join_all((0..1_000).map(|_| {
            let input = json!({ "username": "zoe", "password": PASSWORD });
            anonymous.gql_with(REGISTER, json!({ "input": input }))
        }))
        .await;
        let mut outcomes = BTreeMap::<String, usize>::new();
        for answer in &answers {
            *outcomes.entry(answer.codes().first().map_or_else(String::new, ToString::to_string)).or_default() += 1;
        }
        let succeeded = outcomes.remove("").unwrap_or_default();
        let refused: usize = ["CONFLICT", "RATE_LIMITED"].iter().filter_map(|code| outcomes.remove(*code)).sum();
        assert_eq!((succeeded, refused), (1, 999), "other outcomes: {outcomes:?}");
        assert_eq!(server.app.accounts().metrics().hashes, 1, "no password is hashed for a taken username");
        let total = server.admin().await.gql("{ admin { users { total } } }").await.ok();
        assert_eq!(total.at("/data/admin/users/total"), 2);
    })
    .await;
}

#[tokio::test]
async fn register_is_forbidden_when_registration_is_closed() {
    use fieldguard::config::Registration;
    let server = crate::app::Server::with(|config| config.registration = Registration::Closed).await;
    let input = json!({ "username": "bob", "password": PASSWORD });
    assert_eq!(server.anonymous().gql_with(REGISTER, json!({ "input": input })).await.codes(), ["FORBIDDEN"]);
    let info = server.anonymous().gql("{ serverInfo { registrationOpen } }").await.ok();
    assert_eq!(info.at("/data/serverInfo/registrationOpen"), false);
}

#[on_each_database]
async fn reserved_usernames_can_be_set_only_by_administrators() {
    let with_reserved_names = |config: &mut fieldguard::config::Config| {
        config.account.reserved_names = "helpdesk, Billing".parse().unwrap();
    };
    each_with(with_reserved_names, async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        for name in ["admin", "Root", "sup.port", "r00t", "fieldguard", "HELPDESK", "billing"] {
            let input = json!({ "username": name, "password": PASSWORD });
            let refused = server.anonymous().gql_with(REGISTER, json!({ "input": input })).await;
            assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "{name}");
            assert_eq!(refused.at("/errors/0/extensions/field"), "username", "{name}");
            let rename = format!("mutation {{ updateProfile(input: {{ username: \"{name}\" }}) {{ user {{ id }} }} }}");
            assert_eq!(bob.gql(&rename).await.codes(), ["BAD_USER_INPUT"], "{name}");
        }
        assert_eq!(bob.gql("{ me { username } }").await.ok().at("/data/me/username"), "bob");
        ada.gql("mutation { createUser(input: { username: \"support\" }) { code } }").await.ok();
        let rename = format!(
            "mutation {{ updateUser(input: {{ userId: \"{}\", username: \"root\" }}) {{ user {{ id }} }} }}",
            bob.id
        );
        ada.gql(&rename).await.ok();
        bob.gql("mutation { updateProfile(input: { username: \"ROOT\" }) { user { id } } }").await.ok();
    })
    .await;
}
