//! Literals and variables that do not match their types. The document does not run for any caller, and no value is
//! repeated.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::each,
};

/// A password, token or code in a document.
const SECRET: &str = "correct-horse-battery";

async fn users(actor: &Actor) -> i64 {
    let answer = actor.gql("{ admin { users { total } } }").await.ok();
    answer.at("/data/admin/users/total").as_i64().unwrap()
}

fn assert_refused(answer: &Answer, status: u16, code: &str, what: &str) {
    assert_eq!((answer.status.as_u16(), answer.codes()), (status, vec![code]), "{what}: {}", answer.text);
    assert!(answer.at("/data").is_null() && !answer.text.contains(SECRET), "{what}: {}", answer.text);
}

async fn strict(actor: &Actor, document: &str) -> Answer {
    let accept = "application/graphql-response+json";
    actor.request(|request| request.header("accept", accept).json(&json!({ "query": document }))).await
}

#[on_each_database]
async fn literals_of_the_wrong_type_are_refused_before_execution() {
    each(async |server| {
        let ada = server.admin().await;
        let before = users(&ada).await;
        let create = "made: createUser(input: { username: \"bob\" }) { code }";
        for rest in [
            "setUserRoles(input: [{ userId: \"1\" }]) { user { id } }".to_owned(),
            format!("login(input: [{{ username: \"ada\", password: \"{SECRET}\" }}]) {{ accessToken }}"),
            format!("login(input: {{ username: \"ada\", pasword: \"{SECRET}\" }}) {{ accessToken }}"),
            format!("login(input: {{ username: \"ada\", password: \"{SECRET}\", password: \"b\" }}) {{ accessToken }}"),
            format!("login(input: {{ username: 1, password: \"{SECRET}\" }}) {{ accessToken }}"),
            format!("refresh(input: \"{SECRET}\") {{ accessToken }}"),
            format!("logout(input: {{ refreshToken: [\"{SECRET}\"] }}) {{ effectiveAt }}"),
            format!("resetPassword(input: {{ code: \"{SECRET}\", newPassword: {SECRET_NAME} }}) {{ user {{ id }} }}"),
            "register(input: { username: \"eve\", password: \"x\", delivery: \"BODY\" }) { accessToken }".to_owned(),
        ] {
            let document = format!("mutation {{ {create} {rest} }}");
            assert_refused(&ada.gql(&document).await, 200, "GRAPHQL_VALIDATION_FAILED", &document);
            assert_refused(&strict(&ada, &document).await, 400, "GRAPHQL_VALIDATION_FAILED", &document);
            // An anonymous caller learns nothing about the arguments.
            let refused = server.anonymous().gql(&document).await;
            assert_eq!(refused.codes()[0], "UNAUTHENTICATED", "{document}");
            assert!(refused.at("/data").is_null() && !refused.text.contains(SECRET), "{}", refused.text);
        }
        assert_eq!(users(&ada).await, before);
    })
    .await;
}

/// A secret in place of an enum value.
const SECRET_NAME: &str = "correct_horse_battery";

#[on_each_database]
async fn invalid_list_arguments_are_refused_with_their_position() {
    each(async |server| {
        let ada = server.admin().await;
        for (arguments, place) in [
            ("orderBy: [{ field: USERNAME }]", "`orderBy` is not a valid `UserOrder`"),
            ("orderBy: { field: \"USERNAME\", direction: ASC }", "`orderBy.field` is not a valid `UserOrderField`"),
            ("filter: { state: ACTIVE, state: DISABLED }", "duplicate field"),
            ("first: \"3\"", "`first` is not a valid `Int`"),
        ] {
            let answer =
                ada.gql(&format!("{{ me {{ id }} users({arguments}) {{ edges {{ node {{ id }} }} }} }}")).await;
            assert_refused(&answer, 200, "GRAPHQL_VALIDATION_FAILED", arguments);
            let message = answer.at("/errors/0/message").as_str().unwrap();
            assert!(message.contains(place), "{message}");
            assert!(answer.at("/errors/0/locations/0/line").is_number());
        }
    })
    .await;
}

#[on_each_database]
async fn variables_must_match_the_type_of_their_position() {
    each(async |server| {
        let bob = server.user("bob").await;
        let nested = "query ($c: String) { access(coordinates: [$c]) { version } }";
        for variables in [json!({}), json!({ "c": null }), json!({ "c": "User.id" })] {
            let answer = bob.gql_with(nested, variables).await;
            assert_refused(&answer, 200, "GRAPHQL_VALIDATION_FAILED", nested);
        }
        let required = "query ($c: String!) { access(coordinates: [$c]) { fields { coordinate } } }";
        let answer = bob.gql_with(required, json!({ "c": "User.id" })).await.ok();
        assert_eq!(answer.at("/data/access/fields/0/coordinate"), "User.id");
        assert_refused(&bob.gql_with(required, json!({})).await, 200, "BAD_USER_INPUT", "no value");
    })
    .await;
}

/// A variable with a default may be used where null is not allowed, and still be null (GraphQL specification, section
/// 5.8.5).
#[on_each_database]
async fn null_variable_in_a_non_null_position_is_refused_after_the_rules() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let mutation = |variable: &str, rest: &str| {
            let created = "createUser(input: { username: \"lost\" }) { code }";
            format!("mutation ({variable}) {{ {created} {} }}", rest.replace("ID", &bob.id))
        };
        let (name, condition) = ("$c: String = \"user\"", "$if: Boolean = true");
        for (variable, rest) in [
            (name, "setUserRoles(input: { userId: \"ID\", roles: [$c] }) { sessionsAffected }"),
            (name, "createPersonalAccessToken(input: { name: \"ci\", permissions: [\"users:read\", $c] }) { personalAccessToken { __typename } }"),
            (name, "createRole(input: { name: \"nurse\", includes: [$c] }) { role { name } }"),
            (condition, "logoutEverywhere @include(if: $if) { sessionsRevoked }"),
            (condition, "...F } fragment F on Mutation { logoutEverywhere @skip(if: $if) { sessionsRevoked }"),
        ] {
            let answer = ada.gql_with(&mutation(variable, rest), json!({ "c": null, "if": null })).await;
            assert_refused(&answer, 200, "BAD_USER_INPUT", rest);
            assert!(answer.at("/errors/0/message").as_str().unwrap().contains("is null, but"), "{}", answer.text);
        }
        let all = ada.gql("{ users { edges { node { username } } } }").await.ok();
        assert!(!all.text.contains("lost"), "{}", all.text);

        let document = "mutation ($c: ID = \"x\") { disableUsers(input: { userIds: [$c] }) { effectiveAt } }";
        let refused = bob.gql_with(document, json!({ "c": null })).await;
        assert_eq!(refused.codes(), ["FORBIDDEN"], "{}", refused.text);
        let events = ada.gql("{ auditEvents { edges { node { action } } } }").await.ok();
        assert!(events.text.contains("MUTATION_REFUSED"), "{}", events.text);
    })
    .await;
}

/// An input field whose variable has no value is absent (GraphQL specification, section 6.4.1).
#[on_each_database]
async fn variable_without_a_value_omits_its_input_field() {
    each(async |server| {
        let document = "mutation ($name: String!, $password: String!, $email: String) {
            register(input: { username: $name, password: $password, email: $email }) { user { username email } }
        }";
        let given = json!({ "name": "bob", "password": PASSWORD });
        let answer = server.anonymous().gql_with(document, given).await.ok();
        assert_eq!(answer.at("/data/register/user/username"), "bob");
        let ada = server.admin().await;
        let document = "query ($state: UserState, $first: Int) { users(filter: { state: $state }, first: $first) { edges { node { id } } } }";
        let all = ada.gql_with(document, json!({})).await.ok();
        assert_eq!(all.at("/data/users/edges").as_array().unwrap().len(), 2);
        let one = ada.gql_with(document, json!({ "state": "ACTIVE", "first": 1 })).await.ok();
        assert_eq!(one.at("/data/users/edges").as_array().unwrap().len(), 1);
    })
    .await;
}
