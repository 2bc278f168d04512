//! Who a request acts for: the one question asked for every token that is not remembered.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use super::{Cause, Error, Store, roles::closure, time};
use crate::domain::{
    id::{SessionId, UserId},
    principal::Principal,
    role::RoleName,
};

#[derive(FromQueryResult)]
struct Answer {
    roles: String,
    permissions: String,
    generation: i64,
    newest_used: bool,
}

/// Who a session acts for, and what it knows of the tokens that say so.
#[derive(Debug, Clone)]
pub struct Found {
    /// The account, with its rights.
    pub principal: Principal,
    /// The generation of the session's newest refresh token.
    pub generation: u32,
    /// Was that, or an access token that came with it, ever used?
    pub newest_used: bool,
}

/// The account with its roles, those they include and the permissions of all, in one round trip. Nothing where there is no such account, it is
/// disabled, or the session is another's, has ended, or has expired at `now`.
///
/// # Errors
///
/// Where the database fails.
pub async fn find(store: &Store, user: UserId, session: SessionId, now: DateTime<Utc>) -> Result<Option<Found>, Error> {
    let roles = store.kind.json_list("r.name");
    let permissions = store.kind.json_list("DISTINCT p.permission");
    let held = closure::included_by("SELECT role_id FROM account_roles WHERE account_id = $2");
    let sql = format!(
        "{held} SELECT (SELECT {roles} FROM reached h JOIN roles r ON r.id = h.id) AS roles, \
         (SELECT {permissions} FROM reached h JOIN role_permissions p ON p.role_id = h.id) AS permissions, \
         s.generation, s.newest_used \
         FROM sessions s JOIN accounts a ON a.id = s.account_id \
         WHERE s.id = $1 AND a.id = $2 AND a.disabled_at IS NULL \
         AND s.ended_at IS NULL AND s.idle_expires_at > $3 AND s.expires_at > $3"
    );
    let values = [session.uuid().into(), user.uuid().into(), time::millis(now).into()];
    let Some(answer) = Answer::find_by_statement(store.kind.statement(sql, values)).one(&store.reader).await? else {
        return Ok(None);
    };
    let roles = names(&answer.roles)?.into_iter().map(RoleName::from_stored);
    let principal = Principal::new(user, session, roles, names(&answer.permissions)?);
    let generation = u32::try_from(answer.generation).map_err(|_| Cause::unreadable())?;
    Ok(Some(Found { principal, generation, newest_used: answer.newest_used }))
}

fn names(json: &str) -> Result<Vec<String>, Error> {
    serde_json::from_str(json).map_err(|_| Cause::unreadable())
}
