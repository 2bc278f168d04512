//! The attribute macro `#[guarded]`, on small schemas with types and permissions that Fieldguard doesn't know.

mod abstract_types;
mod arguments;
mod coordinates;
mod entities;
mod introspection;
mod merged;
mod nulls;
mod objects;
mod printed;
mod schema_audit;
mod signatures;
mod subscriptions;
mod table;
mod unusable;

use async_graphql::{ObjectType, Request, Schema, SubscriptionType};
use fieldguard::{
    domain::{
        id::{SessionId, UserId},
        permission::Permission,
        principal::Principal,
        role::RoleName,
    },
    guard::{self, caller::Caller},
};
use serde_json::Value;

pub const BOOKS_READ: Permission = Permission::new("books:read", "Read every book.");
pub const BOOKS_LEND: Permission = Permission::new("books:lend", "Lend books.");
pub const LIBRARIAN: &str = "librarian";

/// A principal with these roles and permissions.
pub fn principal_with(roles: &[&str], permissions: &[Permission]) -> Principal {
    let epoch = chrono::DateTime::UNIX_EPOCH;
    Principal::new(
        UserId::new(epoch),
        SessionId::new(epoch),
        roles.iter().map(|role| RoleName::parse(role).unwrap()),
        permissions.iter().map(|permission| permission.name().to_owned()),
    )
}

/// A signed-in principal without special permissions.
pub fn reader() -> Principal {
    principal_with(&["user"], &[])
}

/// The answer to `document`, sent by `caller`, as the executor builds it.
pub async fn ask<Q, M, S>(schema: &Schema<Q, M, S>, document: &str, caller: Option<&Principal>) -> Value
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let mut response = schema.execute(request(document, caller)).await;
    guard::restore_paths(&mut response.errors);
    serde_json::to_value(response).unwrap()
}

pub fn request(document: &str, caller: Option<&Principal>) -> Request {
    Request::new(document).data(caller.cloned().map_or_else(Caller::default, Caller::from))
}

/// The code and path of each error in `answer`, sorted, since errors have no order.
pub fn errors(answer: &Value) -> Vec<(String, String)> {
    let all = answer["errors"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let path = |error: &Value| error["path"].as_array().map(|path| path.iter().map(text).collect::<Vec<_>>().join("."));
    let mut all: Vec<_> =
        all.iter().map(|error| (text(&error["extensions"]["code"]), path(error).unwrap_or_default())).collect();
    all.sort();
    all
}

/// Expected errors: one code at several paths.
pub fn refused(code: &str, paths: &[&str]) -> Vec<(String, String)> {
    let mut all: Vec<_> = paths.iter().map(|path| (code.to_owned(), (*path).to_owned())).collect();
    all.sort();
    all
}

/// The `data` of an answer. Asserts that it has no errors.
pub fn data(answer: &Value) -> &Value {
    assert_eq!(answer.get("errors"), None, "{answer}");
    &answer["data"]
}
