//! The principal of a request: the one query for every token that is not cached.

mod token;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use super::{Cause, Error, Reader, roles::closure, time};
use crate::dialect::Dialect;
use fieldguard_domain::{
    authentication::Methods,
    id::{SessionId, UserId},
    overview::DatabaseType,
    principal::{Credential, Principal},
    role::RoleName,
    session::{FRESH_FOR, is_fresh},
};

pub use token::{FoundByToken, find_by_token};

#[derive(FromQueryResult)]
struct Answer {
    rights: String,
    generation: i64,
    newest_used: bool,
    authenticated_at: i64,
    methods: String,
}

/// The principal of a session, with the state of its refresh tokens.
#[derive(Debug, Clone)]
pub struct Found {
    /// The user, with roles and permissions.
    pub principal: Principal,
    /// The time until which the session is fresh, possibly past.
    pub fresh_until: DateTime<Utc>,
    /// The generation of the session's newest refresh token.
    pub generation: u32,
    /// Whether that token, or an access token issued with it, was used.
    pub newest_used: bool,
}

/// Finds the user of a session with their roles, included roles and permissions, in one round trip. `None` if the user
/// does not exist, is disabled or scheduled for deletion, or if the session belongs to another user, was revoked, or
/// has expired at `now`.
///
/// # Errors
///
/// If the database fails.
pub async fn find(
    reader: &impl Reader,
    user: UserId,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<Option<Found>, Error> {
    let sql = format!(
        "SELECT {} AS rights, s.generation, s.newest_used, s.authenticated_at, s.methods \
         FROM sessions s JOIN accounts a ON a.id = s.account_id \
         WHERE s.id = $1 AND a.id = $2 AND {MAY_ACT} \
         AND s.ended_at IS NULL AND s.idle_expires_at > $3 AND s.expires_at > $3",
        rights(reader.kind(), "$2"),
    );
    let values = [session.uuid().into(), user.uuid().into(), time::millis(now).into()];
    let statement = reader.kind().statement(sql, values);
    let Some(answer) = Answer::find_by_statement(statement).one(reader.connection()).await? else { return Ok(None) };
    let authenticated_at = time::from_millis(answer.authenticated_at);
    let principal = principal(user, session, &answer.rights)?;
    let is_multi_factor = Methods::from_stored(&answer.methods).are_multi_factor();
    let principal = principal.in_session(session, is_fresh(authenticated_at, now)).by_factors(is_multi_factor);
    let generation = u32::try_from(answer.generation).map_err(|_| Cause::unreadable())?;
    let fresh_until = authenticated_at + FRESH_FOR;
    Ok(Some(Found { principal, fresh_until, generation, newest_used: answer.newest_used }))
}

/// Loads the same principal again, with the same session or personal access token, as of `now`. `None` if it may not
/// act any more.
///
/// # Errors
///
/// If the database fails.
pub async fn again(
    reader: &impl Reader,
    principal: &Principal,
    now: DateTime<Utc>,
) -> Result<Option<Principal>, Error> {
    Ok(match principal.credential() {
        Credential::Session { id, .. } => find(reader, principal.user(), id, now).await?.map(|found| found.principal),
        Credential::Token(id) => token::find(reader, id, None, now).await?.map(|found| found.principal),
    })
}

/// The condition on an account `a` for requests to act for it.
const MAY_ACT: &str = "a.disabled_at IS NULL AND a.deletion_due_at IS NULL";

/// An expression for the roles and permissions of the user `account`, itself an expression: a JSON list of pairs of a
/// role name and a permission of that role. It is one list, because SQLite is several times slower if `reached` is read
/// twice.
fn rights(kind: DatabaseType, account: &str) -> String {
    let items = kind.json_list(&kind.json_row(&["r.name", "p.permission"]));
    let held = closure::included_by(&format!("SELECT role_id FROM account_roles WHERE account_id = {account}"));
    format!(
        "(WITH RECURSIVE {held} SELECT {items} FROM reached h LEFT JOIN roles r ON r.id = h.id \
         LEFT JOIN role_permissions p ON p.role_id = h.id)"
    )
}

fn principal(user: UserId, session: SessionId, rights: &str) -> Result<Principal, Error> {
    let rights: Vec<(String, Option<String>)> = serde_json::from_str(rights).map_err(|_| Cause::unreadable())?;
    let (roles, permissions): (BTreeSet<_>, Vec<_>) = rights.into_iter().unzip();
    let roles = roles.into_iter().map(RoleName::from_stored);
    Ok(Principal::new(user, session, roles, permissions.into_iter().flatten()))
}

fn names(json: &str) -> Result<Vec<String>, Error> {
    serde_json::from_str(json).map_err(|_| Cause::unreadable())
}
