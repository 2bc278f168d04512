//! Arguments that expose a field are denied by that field's rule.

use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Schema, SchemaBuilder};
use fieldguard::{
    api::{
        error::ApiError,
        users::{user_filter::UserFilter, user_listing_arguments::UserListingArguments, user_order::UserOrder},
    },
    domain::{permission::Permission, principal::Principal},
    guard::{Owned, exposes::Exposes, registry},
    guarded,
};
use serde_json::{Value, json};

use super::{BOOKS_LEND, BOOKS_READ, LIBRARIAN, ask, principal_with, reader};

const MAIL: Permission = Permission::new("mail:read", "Read addresses.");

/// A type with the name of Fieldguard's own type, and a different rule on each field.
struct User;

impl Owned for User {
    type Principal = Principal;

    fn is_owned_by(&self, _: Option<&Principal>) -> bool {
        true
    }
}

#[guarded]
#[Object]
impl User {
    #[public]
    async fn username(&self) -> &str {
        "ann"
    }

    #[requires(permission = MAIL, or_self)]
    async fn email(&self) -> Option<&str> {
        Some("ann@example.org")
    }

    #[requires(permission = BOOKS_READ)]
    async fn roles(&self) -> Option<Vec<String>> {
        None
    }

    #[requires(role = LIBRARIAN)]
    async fn state(&self) -> Option<&str> {
        None
    }

    #[requires(signed_in)]
    async fn created_at(&self) -> Option<&str> {
        None
    }

    #[requires(role = LIBRARIAN, permission = BOOKS_LEND)]
    async fn last_sign_in_at(&self) -> Option<&str> {
        None
    }
}

struct Query;

#[guarded(public)]
#[Object]
impl Query {
    /// Counts the lookups of the list: 1 unless an argument is denied.
    async fn users(
        &self,
        ctx: &Context<'_>,
        filter: Option<UserFilter>,
        order_by: Option<UserOrder>,
    ) -> Result<Option<i32>, ApiError> {
        UserListingArguments { filter, order_by }.listing(ctx)?;
        Ok(Some(1))
    }

    async fn user(&self) -> User {
        User
    }

    async fn unknown(
        &self,
        #[graphql(directive = Exposes::apply(&["User.shelf"]))] shelf: i32,
    ) -> Result<Option<i32>, ApiError> {
        Ok(Some(shelf))
    }
}

fn schema() -> SchemaBuilder<Query, EmptyMutation, EmptySubscription> {
    Schema::build(Query, EmptyMutation, EmptySubscription)
}

/// Each argument, with the field it exposes.
const ARGUMENTS: [(&str, &str, &str); 10] = [
    ("filter: { usernamePrefix: \"a\" }", "filter.usernamePrefix", "username"),
    ("filter: { email: \"a\" }", "filter.email", "email"),
    // Usernames are public in this schema.
    ("filter: { search: \"a@b\" }", "filter.search", "email"),
    ("filter: { role: \"a\" }", "filter.role", "roles"),
    ("filter: { state: ACTIVE }", "filter.state", "state"),
    ("filter: { createdAt: {} }", "filter.createdAt", "createdAt"),
    ("filter: { lastSignInAt: {} }", "filter.lastSignInAt", "lastSignInAt"),
    ("orderBy: { field: CREATED_AT }", "orderBy", "createdAt"),
    ("orderBy: { field: USERNAME }", "orderBy", "username"),
    ("orderBy: { field: LAST_SIGN_IN_AT, direction: DESC }", "orderBy", "lastSignInAt"),
];

#[tokio::test]
async fn argument_is_denied_exactly_if_the_rule_of_its_field_denies_the_caller() {
    let (builder, rows) = registry::inspect(schema(), registry::rows);
    let schema = builder.finish();
    let callers = [
        None,
        Some(reader()),
        Some(principal_with(&[], &[MAIL])),
        Some(principal_with(&[], &[BOOKS_READ])),
        Some(principal_with(&[LIBRARIAN], &[])),
        Some(principal_with(&["user"], &[BOOKS_LEND])),
        Some(principal_with(&[LIBRARIAN], &[BOOKS_LEND, BOOKS_READ])),
    ];
    let mut denials = 0;
    for (given, argument, field) in ARGUMENTS {
        let coordinate = format!("User.{field}");
        let rules = &rows.iter().find(|row| row.coordinate == coordinate).unwrap().rules;
        for caller in &callers {
            let answer = ask(&schema, &format!("{{ users({given}) }}"), caller.as_ref()).await;
            if rules.iter().all(|rule| rule.decide(caller.as_ref(), false).is_ok()) {
                assert_eq!(answer, json!({ "data": { "users": 1 } }), "{given}, {caller:?}");
                continue;
            }
            denials += 1;
            let extensions = &answer["errors"][0]["extensions"];
            let code = if caller.is_none() { "UNAUTHENTICATED" } else { "FORBIDDEN" };
            assert_eq!(extensions["code"], code, "{given}, {caller:?}");
            assert_eq!(extensions["coordinate"], coordinate.as_str(), "{given}");
            assert_eq!(extensions["argument"], argument, "{given}");
            assert_eq!(answer["errors"][0]["path"], json!(["users"]), "{given}");
            assert_eq!(answer["data"], json!({ "users": null }), "{given}");
        }
    }
    assert!(denials > 20, "{denials} denials are too few");
}

#[tokio::test]
async fn denied_argument_names_its_requirement_and_ignores_ownership() {
    let schema = schema().finish();
    let owner = reader();
    let own = ask(&schema, "{ user { email } }", Some(&owner)).await;
    assert_eq!(own, json!({ "data": { "user": { "email": "ann@example.org" } } }));
    let refused = ask(&schema, "{ users(filter: { email: \"ann@example.org\" }) }", Some(&owner)).await;
    assert_eq!(
        refused["errors"][0]["message"],
        "The argument `filter.email` exposes `User.email`. `User.email` requires the permission `mail:read`, or ownership."
    );
    let requires = json!({ "permission": "mail:read", "orSelf": true });
    assert_eq!(refused["errors"][0]["extensions"]["requires"], requires);
    let whatever = ask(&schema, "{ users(filter: { email: \"nobody\" }) }", Some(&owner)).await;
    assert_eq!(whatever, refused, "the value of the argument does not matter");
}

#[tokio::test]
async fn absent_arguments_are_allowed_and_the_first_denied_argument_is_reported() {
    let schema = schema().finish();
    for given in ["filter: null, orderBy: null", "filter: {}", "filter: { email: null, state: null }"] {
        let answer = ask(&schema, &format!("{{ users({given}) }}"), None).await;
        assert_eq!(answer, json!({ "data": { "users": 1 } }), "{given}");
    }
    let several = "filter: { usernamePrefix: \"a\", state: ACTIVE, email: \"a\" }, orderBy: { field: CREATED_AT }";
    let answer = ask(&schema, &format!("{{ users({several}) }}"), None).await;
    assert_eq!(answer["errors"][0]["extensions"]["argument"], "filter.email");
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn argument_that_exposes_an_unknown_field_is_denied_to_everyone() {
    let answer = ask(&schema().finish(), "{ unknown(shelf: 1) }", Some(&principal_with(&["admin"], &[]))).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    assert_eq!(answer["data"]["unknown"], Value::Null);
}
