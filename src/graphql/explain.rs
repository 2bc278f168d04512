//! Explains a document: what becomes of each of its fields for somebody, without running it. It is held to all limits and to
//! the schema, as if it were sent.

use async_graphql::{Context, Error, ID, Variables};

use super::{
    access::{Access, Judged},
    admission::{self, Inadmissible},
    authorize::Question,
    caller::Caller,
    door::Door,
    error::{ApiError, Code, INTERNAL_MESSAGE},
    execute::Executor,
    failure::{self, Failure},
    reads,
    services::{self, principal},
    types::{document_access::DocumentAccess, field_access::FieldAccess, path_access::PathAccess},
};
use crate::{
    accounts,
    domain::{id::UserId, permission::USERS_READ, principal::Principal, rule::Rule},
};

/// Whose account one may have explained for by its own roles: they are told by that.
const READS_ACCOUNTS: Rule = Rule::SIGNED_IN.permission(USERS_READ).or_self();

/// For whom a document is explained.
pub(super) struct Whom {
    /// A principal with his rights, or nobody.
    caller: Option<Principal>,
    /// Is it a certain account, or whoever has these rights?
    is_account_known: bool,
}

impl Whom {
    /// A holder of that role, or that account.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for an unknown role, `NOT_FOUND` for an unknown account, `FORBIDDEN` for one whose roles the caller
    /// may not read.
    pub(super) async fn find(ctx: &Context<'_>, role: Option<String>, user: Option<ID>) -> Result<Self, ApiError> {
        let user = user.map(|id| UserId::parse(&id).ok_or(accounts::error::Error::NotFound("asUser"))).transpose()?;
        if let (None, Some(user)) = (&role, user) {
            let caller = principal(ctx)?;
            READS_ACCOUNTS.decide(Some(caller), caller.is(user)).map_err(|_| {
                ApiError::new(Code::Forbidden, format!("`asUser` without `asRole` needs {READS_ACCOUNTS}."))
            })?;
            // What he may do is told field by field.
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
pub(super) async fn explain(
    ctx: &Context<'_>,
    text: &str,
    operation: Option<&str>,
    whom: &Whom,
) -> Result<DocumentAccess, Error> {
    let closed = || Error::from(ApiError::new(Code::InternalServerError, INTERNAL_MESSAGE));
    let executor = Door::executor(ctx).ok_or_else(closed)?;
    let asking = Caller::of(ctx);
    Box::pin(executor.explain(text, operation, whom, asking)).await.map_err(Error::from)
}

impl Executor {
    async fn explain(
        &self,
        text: &str,
        operation: Option<&str>,
        whom: &Whom,
        asking: Option<&Principal>,
    ) -> Result<DocumentAccess, Failure> {
        let admission = &self.0.admission;
        let admitted = admission.document(text, &Variables::default(), asking).await.map_err(first)?;
        let (_, operation) = admission::operation(&admitted.document, operation)?;
        admission.check_costs(operation)?;
        let question = Question {
            policy: &self.0.policy,
            operation,
            caller: whom.caller.as_ref(),
            is_account_known: whom.is_account_known,
            looks_below: true,
        };
        explained(&question)
    }
}

/// The first thing that is wrong with a document.
fn first(reason: Inadmissible) -> Failure {
    match reason {
        Inadmissible::Failed(failure) => failure,
        Inadmissible::Invalid { mut errors, .. } => {
            failure::complete(&mut errors, false, "");
            Failure::from_library(Code::GraphqlValidationFailed, errors.swap_remove(0))
        }
    }
}

fn explained(question: &Question<'_>) -> Result<DocumentAccess, Failure> {
    let (mut paths, mut decision) = (Vec::new(), Access::Allowed);
    let judged = question.each(|step| {
        let judged = Judged::by(step.member, step.verdict, question.caller);
        decision = match (decision, judged.access) {
            _ if !step.is_reached => decision,
            (Access::Denied, _) | (_, Access::Denied) => Access::Denied,
            (Access::Own, _) | (_, Access::Own) => Access::Own,
            _ => Access::Allowed,
        };
        let path = step.path.iter().map(ToString::to_string).collect();
        let argument = step.argument.map(str::to_owned);
        paths.push(PathAccess { path, argument, access: FieldAccess::Shown(judged), is_reached: step.is_reached });
    });
    match judged {
        Ok(()) => Ok(DocumentAccess { decision, paths }),
        Err(_) => Err(super::on_denied::too_many()),
    }
}
