//! `register`: one account a name, no role by one's own word.

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
async fn makes_an_account_and_signs_it_in() {
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
async fn refuses_a_name_or_an_address_that_is_taken_in_any_spelling() {
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
async fn names_the_field_that_breaks_a_rule() {
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
            assert!(!answer.text.contains(password), "an answer never repeats a password");
        }
    })
    .await;
}

#[on_each_database]
async fn takes_no_role_from_the_one_who_registers() {
    each(async |server| {
        for extra in ["role", "roles", "isAdmin", "id", "permissions", "disabledAt"] {
            let document = format!(
                "mutation {{ register(input: {{ username: \"eve\", password: \"{PASSWORD}\", {extra}: \"admin\" }}) \
                 {{ accessToken }} }}"
            );
            let answer = server.anonymous().gql(&document).await;
            assert_eq!(answer.codes(), ["GRAPHQL_VALIDATION_FAILED"], "{extra}");
            assert!(answer.json.get("data").is_none(), "nothing was executed");
            let input = json!({ "username": "eve", "password": PASSWORD, extra: "admin" });
            let answer = server.anonymous().gql_with(REGISTER, json!({ "input": input })).await;
            assert_ne!(answer.codes(), Vec::<&str>::new(), "{extra} as a variable");
        }
        // Whoever comes first is as little an administrator as whoever comes later.
        let first = server.user("eve").await;
        assert_eq!(first.gql("{ admin { message } }").await.codes(), ["FORBIDDEN"]);
    })
    .await;
}

#[on_each_database]
async fn of_a_thousand_who_want_one_name_at_once_one_gets_it() {
    each(async |server| {
        let nobody = server.anonymous();
        let answers = join_all((0..1_000).map(|_| {
            let input = json!({ "username": "zoe", "password": PASSWORD });
            nobody.gql_with(REGISTER, json!({ "input": input }))
        }))
        .await;
        let mut outcomes = BTreeMap::<String, usize>::new();
        for answer in &answers {
            *outcomes.entry(answer.codes().first().map_or_else(String::new, ToString::to_string)).or_default() += 1;
        }
        let won = outcomes.remove("").unwrap_or_default();
        let refused: usize = ["CONFLICT", "RATE_LIMITED"].iter().filter_map(|it| outcomes.remove(*it)).sum();
        assert_eq!((won, refused), (1, 999), "and beyond that: {outcomes:?}");
        assert_eq!(server.app.accounts().metrics().hashes, 1, "a name that is taken costs no hash");
        let total = server.admin().await.gql("{ admin { users { total } } }").await.ok();
        assert_eq!(total.at("/data/admin/users/total"), 2);
    })
    .await;
}

#[tokio::test]
async fn can_be_closed() {
    use fieldguard::config::Registration;
    let server = crate::app::Server::with(|config| config.registration = Registration::Closed).await;
    let input = json!({ "username": "bob", "password": PASSWORD });
    assert_eq!(server.anonymous().gql_with(REGISTER, json!({ "input": input })).await.codes(), ["FORBIDDEN"]);
    let info = server.anonymous().gql("{ serverInfo { registrationOpen } }").await.ok();
    assert_eq!(info.at("/data/serverInfo/registrationOpen"), false);
}

#[on_each_database]
async fn reserved_names_are_given_by_administrators_and_cannot_be_chosen() {
    let also = |config: &mut fieldguard::config::Config| {
        config.account.reserved_names = "helpdesk, Billing".parse().unwrap();
    };
    each_with(also, async |server| {
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
        let give = format!(
            "mutation {{ updateUser(input: {{ userId: \"{}\", username: \"root\" }}) {{ user {{ id }} }} }}",
            bob.id
        );
        ada.gql(&give).await.ok();
        bob.gql("mutation { updateProfile(input: { username: \"ROOT\" }) { user { id } } }").await.ok();
    })
    .await;
}
