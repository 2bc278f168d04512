//! Explains a document: what a role or a user can do with each of its fields.

use async_graphql::{Context, Error, ID};
use fieldguard_accounts as accounts;
use fieldguard_domain::{id::UserId, permission::USERS_READ, principal::Principal, rule::Rule};
use fieldguard_guard::{caller::Caller, code::INTERNAL_MESSAGE, door::Door, explain};

use crate::{
    CONVENTIONS,
    access::document_access::DocumentAccess,
    error::{ApiError, Code},
    reads,
    services::{self, principal},
};

/// Whose account one may have explained for by its own roles: they are told by that.
const READS_ACCOUNTS: Rule = Rule::SIGNED_IN.permission(USERS_READ).or_self();

/// For whom a document is explained.
pub(crate) struct Whom {
    /// A principal with its rights, or an anonymous caller.
    caller: Option<Principal>,
    /// Is it a certain account, or any with these rights?
    is_account_known: bool,
}

impl Whom {
    /// A holder of that role, or that account.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for an unknown role, `NOT_FOUND` for an unknown account, `FORBIDDEN` for one whose roles the caller
    /// may not read.
    pub(crate) async fn find(ctx: &Context<'_>, role: Option<String>, user: Option<ID>) -> Result<Self, ApiError> {
        let user = user.map(|id| UserId::parse(&id).ok_or(accounts::error::Error::NotFound("asUserId"))).transpose()?;
        if let (None, Some(user)) = (&role, user) {
            let caller = principal(ctx)?;
            READS_ACCOUNTS.decide(Some(caller), caller.is(user)).map_err(|_| {
                ApiError::new(
                    Code::Forbidden,
                    format!("`asUserId` without `asRole` requires {}.", CONVENTIONS.phrase(&READS_ACCOUNTS)),
                )
            })?;
            // The answer tells field by field what the account may do.
            reads::note_told(ctx, user, "User", "permissions");
        }
        let caller = services::accounts(ctx).stand_in(role.as_deref(), user).await?;
        Ok(Self { caller, is_account_known: user.is_some() })
    }
}

/// What becomes of the operation of that name in the document `text`, sent to the server that runs the request in `ctx`.
///
/// # Errors
///
/// Whatever the document would be refused with, before it ran.
pub(crate) async fn explain(
    ctx: &Context<'_>,
    text: &str,
    operation: Option<&str>,
    whom: &Whom,
) -> Result<DocumentAccess, Error> {
    let closed = || Error::from(ApiError::new(Code::InternalServerError, INTERNAL_MESSAGE));
    let executor = Door::executor(ctx).ok_or_else(closed)?;
    let caller = whom.caller.as_ref().map(|principal| principal as _);
    let for_whom = explain::Whom { caller, is_account_known: whom.is_account_known };
    let explained = Box::pin(executor.explain(text, operation, for_whom, Caller::of(ctx))).await;
    Ok(explained.map_err(Error::from)?.into())
}
