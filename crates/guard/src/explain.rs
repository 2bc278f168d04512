//! Explains a document: what becomes of each of its fields for a caller, without running it. It is held to all limits and to
//! the schema, as if it were sent.

use async_graphql::Variables;
use fieldguard_policy::Principal;

use crate::{
    access::{Access, Judged},
    admission::{self, Inadmissible},
    authorize::Question,
    code::Code,
    execute::Executor,
    failure::{self, Failure},
    on_denied,
};

/// For whom a document is explained.
#[derive(Clone, Copy)]
pub struct Whom<'a> {
    /// A principal, or an anonymous caller.
    pub caller: Option<&'a dyn Principal>,
    /// Is it a certain account, or any with these rights?
    pub is_account_known: bool,
}

/// What becomes of a document.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// What becomes of it as a whole: the worst of what becomes of the fields that are reached.
    pub decision: Access,
    /// Each of its fields, in the order of the answer, once for every type it can stand on.
    pub fields: Vec<ExplainedField>,
}

/// A field of a document, or a field of which an argument tells.
#[derive(Debug, Clone)]
pub struct ExplainedField {
    /// The response's keys that lead to it, without indexes of lists.
    pub path: Vec<String>,
    /// The argument that tells of it; nothing where the field itself stands at the path.
    pub argument: Option<String>,
    /// What becomes of it.
    pub access: Judged,
    /// Is no field above it refused?
    pub is_reached: bool,
}

impl Executor {
    /// What becomes of the operation of that name in the document `text` for `whom`. Faults of the document are told by what
    /// `asking` sees of the schema.
    ///
    /// # Errors
    ///
    /// Whatever the document would be refused with, before it ran.
    pub async fn explain(
        &self,
        text: &str,
        operation: Option<&str>,
        whom: Whom<'_>,
        asking: Option<&dyn Principal>,
    ) -> Result<Explanation, Failure> {
        let admission = &self.0.admission;
        let admitted = admission.document(text, &Variables::default(), asking).await.map_err(first)?;
        let (_, operation) = admission::operation(&admitted.document, operation)?;
        admission.check_costs(operation)?;
        let Whom { caller, is_account_known } = whom;
        explained(&Question { policy: &self.0.policy, operation, caller, is_account_known, looks_below: true })
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

fn explained(question: &Question<'_>) -> Result<Explanation, Failure> {
    let (mut fields, mut decision) = (Vec::new(), Access::Allowed);
    let judged = question.each(|step| {
        let access = Judged::by(step.member, step.verdict, question.caller);
        decision = match (decision, access.access) {
            _ if !step.is_reached => decision,
            (Access::Denied, _) | (_, Access::Denied) => Access::Denied,
            (Access::Own, _) | (_, Access::Own) => Access::Own,
            _ => Access::Allowed,
        };
        let path = step.path.iter().map(ToString::to_string).collect();
        let argument = step.argument.map(str::to_owned);
        fields.push(ExplainedField { path, argument, access, is_reached: step.is_reached });
    });
    judged.map_err(|_| on_denied::too_many())?;
    Ok(Explanation { decision, fields })
}
