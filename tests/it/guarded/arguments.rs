//! Arguments that tell of a field: refused by that field's own rule, whichever it is and wherever they stand.

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

use super::{BOOKS_LEND, BOOKS_READ, LIBRARIAN, ask, reader, somebody};

const MAIL: Permission = Permission::new("mail:read", "Read addresses.");

/// A type called as Fieldguard's own, each of whose fields has a rule of its own.
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
    /// How often a list of accounts would have been looked up: once, where nothing was refused.
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

/// Each argument, with the field it tells of.
const ARGUMENTS: [(&str, &str, &str); 10] = [
    ("filter: { usernamePrefix: \"a\" }", "filter.usernamePrefix", "username"),
    ("filter: { email: \"a\" }", "filter.email", "email"),
    // Names are public here.
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
async fn are_refused_exactly_where_the_rule_of_their_field_refuses() {
    let (builder, rows) = registry::inspect(schema(), registry::rows);
    let schema = builder.finish();
    let callers = [
        None,
        Some(reader()),
        Some(somebody(&[], &[MAIL])),
        Some(somebody(&[], &[BOOKS_READ])),
        Some(somebody(&[LIBRARIAN], &[])),
        Some(somebody(&["user"], &[BOOKS_LEND])),
        Some(somebody(&[LIBRARIAN], &[BOOKS_LEND, BOOKS_READ])),
    ];
    let mut refusals = 0;
    for (given, argument, field) in ARGUMENTS {
        let coordinate = format!("User.{field}");
        let rules = &rows.iter().find(|it| it.coordinate == coordinate).unwrap().rules;
        for caller in &callers {
            let answer = ask(&schema, &format!("{{ users({given}) }}"), caller.as_ref()).await;
            if rules.iter().all(|it| it.decide(caller.as_ref(), false).is_ok()) {
                assert_eq!(answer, json!({ "data": { "users": 1 } }), "{given}, {caller:?}");
                continue;
            }
            refusals += 1;
            let extensions = &answer["errors"][0]["extensions"];
            let code = if caller.is_none() { "UNAUTHENTICATED" } else { "FORBIDDEN" };
            assert_eq!(extensions["code"], code, "{given}, {caller:?}");
            assert_eq!(extensions["coordinate"], coordinate.as_str(), "{given}");
            assert_eq!(extensions["argument"], argument, "{given}");
            assert_eq!(answer["errors"][0]["path"], json!(["users"]), "{given}");
            assert_eq!(answer["data"], json!({ "users": null }), "{given}");
        }
    }
    assert!(refusals > 20, "{refusals} refusals show little");
}

#[tokio::test]
async fn say_what_the_field_needs_and_make_way_for_no_owner() {
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
    assert_eq!(whatever, refused, "whether or not anything is found, or could be");
}

#[tokio::test]
async fn that_are_absent_tell_nothing_and_of_several_the_first_is_refused() {
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
async fn of_no_field_are_refused_to_everyone() {
    let answer = ask(&schema().finish(), "{ unknown(shelf: 1) }", Some(&somebody(&["admin"], &[]))).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    assert_eq!(answer["data"]["unknown"], Value::Null);
}
