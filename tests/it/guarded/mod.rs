//! The attribute macro, on toy schemas of an adopter's own: types and permissions Fieldguard knows nothing of.

mod abstract_types;
mod arguments;
mod audit;
mod coordinates;
mod entities;
mod introspection;
mod merged;
mod nulls;
mod objects;
mod printed;
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

/// Somebody who holds `roles` and `permissions`.
pub fn somebody(roles: &[&str], permissions: &[Permission]) -> Principal {
    let epoch = chrono::DateTime::UNIX_EPOCH;
    Principal::new(
        UserId::new(epoch),
        SessionId::new(epoch),
        roles.iter().map(|it| RoleName::parse(it).unwrap()),
        permissions.iter().map(|it| it.name().to_owned()),
    )
}

/// Somebody who is signed in, and no more.
pub fn reader() -> Principal {
    somebody(&["user"], &[])
}

/// The answer to `document`, asked by `caller`, as the executor would build it.
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

/// The code and path of each error in `answer`, sorted: errors have no order.
pub fn errors(answer: &Value) -> Vec<(String, String)> {
    let all = answer["errors"].as_array().cloned().unwrap_or_default();
    let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let path = |it: &Value| it["path"].as_array().map(|it| it.iter().map(text).collect::<Vec<_>>().join("."));
    let mut all: Vec<_> =
        all.iter().map(|it| (text(&it["extensions"]["code"]), path(it).unwrap_or_default())).collect();
    all.sort();
    all
}

/// The errors, written shortly: one code for several paths.
pub fn refused(code: &str, paths: &[&str]) -> Vec<(String, String)> {
    let mut all: Vec<_> = paths.iter().map(|it| (code.to_owned(), (*it).to_owned())).collect();
    all.sort();
    all
}

/// `data` alone, from an answer that has to be free of errors.
pub fn data(answer: &Value) -> &Value {
    assert_eq!(answer.get("errors"), None, "{answer}");
    &answer["data"]
}
