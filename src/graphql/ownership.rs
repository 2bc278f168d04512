//! Whose it is what a field answers, as far as that is known before it answers: by what it means (`me`), or by the id it is
//! asked for. Rules that make way for the owner can then be decided before anything runs.
//!
//! Here alone it is declared, and nothing is let through by it: the check inside the field asks the value itself. A wrong
//! line refuses too much or explains wrongly, and is found by the tests that hold both against running documents.

use async_graphql::Value;

use crate::domain::id::UserId;

/// The type of accounts, each of which belongs to itself.
pub(super) const ACCOUNT: &str = "User";

/// The types whose values belong to accounts, with the pages that list them: what such a value leads to belongs to the same
/// account.
const OWNED: [&str; 7] =
    [ACCOUNT, "Session", "SessionConnection", "SessionEdge", "AccessToken", "AccessTokenConnection", "AccessTokenEdge"];

/// Have values of the type of that name owners?
pub(super) fn is_owned(type_name: &str) -> bool {
    OWNED.contains(&type_name)
}

/// Whose it is what a field answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// The caller's own.
    Caller,
    /// That of whoever is handed it, as a sign-in does: it counts as his own, whoever sent the request.
    Handed,
    /// The one whose id stands in the argument of that name.
    Named(&'static str),
}

/// What is known of the field at `coordinate`.
pub(super) fn of(coordinate: &str) -> Option<Ownership> {
    Some(match coordinate {
        "Query.me"
        | "UpdateProfilePayload.user"
        | "ChangePasswordPayload.user"
        | "ReauthenticatePayload.session"
        | "CreateAccessTokenPayload.accessToken" => Ownership::Caller,
        "AuthPayload.user" | "AuthPayload.session" | "LogoutPayload.session" => Ownership::Handed,
        "Query.user" | "Query.node" => Ownership::Named("id"),
        _ => return None,
    })
}

/// Is the account that `id` names the account `user`?
pub(super) fn names(id: &Value, user: UserId) -> bool {
    matches!(id, Value::String(id) if UserId::parse(id) == Some(user))
}
