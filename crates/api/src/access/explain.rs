//! Explains a document: what a role or a user can do with each of its fields.

use async_graphql::{Context, Error, ID};
use fieldguard_accounts as accounts;
use fieldguard_domain::{id::UserId, permission::USERS_READ, principal::Principal, rule::Rule};
use fieldguard_guard::{caller::Caller, code::INTERNAL_MESSAGE, executor_handle::ExecutorHandle, explain};

use crate::{
    CONVENTIONS,
    access::document_access::DocumentAccess,
    error::{ApiError, Code},
    reads,
    services::{self, principal},
};

/// What explaining for a user with their own roles requires, because the answer exposes the roles.
const READS_ACCOUNTS: Rule = Rule::SIGNED_IN.permission(USERS_READ).or_self();

/// The subject of an explanation.
pub(crate) struct ExplainedCaller {
    /// The principal, or an anonymous caller.
    caller: Option<Principal>,
    /// Whether it is a specific user, and not any user with these permissions.
    is_account_known: bool,
}

impl ExplainedCaller {
    /// A user with that role, or that user.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for an unknown role, `NOT_FOUND` for an unknown user, `FORBIDDEN` for a user whose roles the caller can't
    /// read.
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
            // The answer exposes, field by field, what the user can do.
            reads::note_told(ctx, user, &["User.permissions".to_owned()]);
        }
        let caller = services::accounts(ctx).substitute_principal(role.as_deref(), user).await?;
        Ok(Self { caller, is_account_known: user.is_some() })
    }
}

/// Explains the operation of that name in the document `text`.
///
/// # Errors
///
/// The errors with which the document would be refused before it runs.
pub(crate) async fn explain(
    ctx: &Context<'_>,
    text: &str,
    operation: Option<&str>,
    whom: &ExplainedCaller,
) -> Result<DocumentAccess, Error> {
    let closed = || Error::from(ApiError::new(Code::InternalServerError, INTERNAL_MESSAGE));
    let executor = ExecutorHandle::executor(ctx).ok_or_else(closed)?;
    let caller = whom.caller.as_ref().map(|principal| principal as _);
    let explained_caller = explain::ExplainedCaller { caller, is_account_known: whom.is_account_known };
    let explained = Box::pin(executor.explain(text, operation, explained_caller, Caller::of(ctx))).await;
    Ok(explained.map_err(Error::from)?.into())
}
