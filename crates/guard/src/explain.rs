//! Explains a document: a caller's access to each of its fields, without running it. The document must be valid and
//! within all limits.

use async_graphql::{Pos, Variables};
use fieldguard_policy::Principal;

use crate::{
    access::{Access, MemberAccess},
    admission::{self, AdmissionError},
    authorize::Authorization,
    code::Code,
    execute::Executor,
    failure::{self, Failure},
    on_denied,
};

/// The subject of an explanation.
#[derive(Clone, Copy)]
pub struct ExplainedCaller<'a> {
    /// The principal, or `None` for an anonymous caller.
    pub caller: Option<&'a dyn Principal>,
    /// Whether `caller` is a specific account, as opposed to any caller with these permissions.
    pub is_account_known: bool,
}

/// The access to a document.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The access to the whole document: the lowest access of all reached fields.
    pub decision: Access,
    /// The fields in response order, once per possible type.
    pub fields: Vec<ExplainedField>,
}

/// A field of a document, or a field that an argument exposes.
#[derive(Debug, Clone)]
pub struct ExplainedField {
    /// The response keys that lead to the field, without list indexes.
    pub path: Vec<String>,
    /// The position of the field in the document.
    pub position: Pos,
    /// The argument that exposes the field; `None` if the path leads to the field itself.
    pub argument: Option<String>,
    /// The access to the field.
    pub access: MemberAccess,
    /// Whether no field above is denied.
    pub is_reached: bool,
}

impl Executor {
    /// Explains the operation `operation` in the document `text` for `whom`. Errors name only what `asking` sees of the
    /// schema.
    ///
    /// # Errors
    ///
    /// The errors that the document would fail with before it runs.
    pub async fn explain(
        &self,
        text: &str,
        operation: Option<&str>,
        whom: ExplainedCaller<'_>,
        asking: Option<&dyn Principal>,
    ) -> Result<Explanation, Failure> {
        let admission = &self.0.admission;
        let admitted = admission.document(text, &Variables::default(), asking).await.map_err(first_error)?;
        let (_, operation) = admission::operation(&admitted.document, operation)?;
        admission.check_costs(operation)?;
        let ExplainedCaller { caller, is_account_known } = whom;
        explained(&Authorization { policy: &self.0.policy, operation, caller, is_account_known, visits_denied: true })
    }
}

/// The first error of a document that can't run.
fn first_error(reason: AdmissionError) -> Failure {
    match reason {
        AdmissionError::Failed(failure) => failure,
        AdmissionError::Invalid { mut errors, .. } => {
            failure::complete(&mut errors, false, "");
            Failure::from_library(Code::GraphqlValidationFailed, errors.swap_remove(0))
        }
    }
}

fn explained(authorization: &Authorization<'_>) -> Result<Explanation, Failure> {
    let (mut fields, mut decision) = (Vec::new(), Access::Allowed);
    let judged = authorization.for_each_field(|step| {
        let access = MemberAccess::by(step.member, step.verdict, authorization.caller);
        decision = match (decision, access.access) {
            _ if !step.is_reached => decision,
            (Access::Denied, _) | (_, Access::Denied) => Access::Denied,
            (Access::Own, _) | (_, Access::Own) => Access::Own,
            _ => Access::Allowed,
        };
        let path = step.path.iter().map(ToString::to_string).collect();
        let argument = step.argument.map(str::to_owned);
        fields.push(ExplainedField { path, position: step.position, argument, access, is_reached: step.is_reached });
    });
    judged.map_err(|_| on_denied::too_many())?;
    Ok(Explanation { decision, fields })
}
