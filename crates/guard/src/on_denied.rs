//! What becomes of fields that are refused: each is null with an error (as ever), or the whole operation is refused, or they
//! are told of beside the errors.
//!
//! A mutation is judged before it runs: where a field of its payload that cannot be null is refused, or the whole is to be
//! refused, nothing is done. Whether a value is the caller's own may be known only once the mutation has run; what is not
//! surely so is refused then, before anything is done. A query may run first, since it changes nothing.

use async_graphql::{
    PathSegment, Response, ServerError, Value,
    parser::types::{OperationDefinition, OperationType},
};
use fieldguard_policy::Principal;

use super::{
    authorize::{Question, Step, Verdict},
    code::Code,
    failure::Failure,
    refusal,
    registry::Policy,
};

/// What becomes of fields that are refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDenied {
    /// Each is null, with an error.
    #[default]
    Null,
    /// The whole operation is refused.
    Reject,
    /// Each is null, and told of in `extensions.denied` of the answer instead of among its errors.
    Report,
}

impl OnDenied {
    /// As a request spells it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "null" => Self::Null,
            "reject" => Self::Reject,
            "report" => Self::Report,
            _ => return None,
        })
    }

    /// Is an operation of that kind judged before it runs?
    pub(super) fn judges_before(self, kind: OperationType) -> bool {
        self == Self::Reject || kind == OperationType::Mutation
    }
}

/// Judges an operation before it runs.
///
/// # Errors
///
/// Everything it is refused for, where it is not to run.
pub(super) fn judge(
    mode: OnDenied,
    policy: &Policy,
    operation: &OperationDefinition,
    caller: Option<&dyn Principal>,
) -> Result<(), Vec<ServerError>> {
    let conventions = policy.conventions();
    let question = Question { policy, operation, caller, is_account_known: true, looks_below: false };
    let (mut refusals, mut stops) = (Vec::new(), false);
    let judged = question.each(|step| {
        let coordinate = &step.member.coordinate;
        let refusal = match (step.verdict, step.argument) {
            (Verdict::Allowed, _) => return,
            // Which of several types the value has is known once the query ran, which is refused then if one of its fields is.
            _ if !step.is_certain && operation.ty == OperationType::Query => return,
            (Verdict::Denied(rule, reason), Some(argument)) => {
                refusal::of_argument(conventions, &rule, reason, coordinate, argument, caller)
            }
            (Verdict::Denied(rule, reason), None) => refusal::of(conventions, coordinate, &rule, reason, caller),
            (Verdict::Depends(..), _) if operation.ty == OperationType::Query => return,
            (Verdict::Depends(rule, reason), _) => refusal::undecided(conventions, coordinate, &rule, reason, caller),
        };
        stops |= mode == OnDenied::Reject || step.is_required;
        refusals.push(placed(refusal, &step));
    });
    match judged {
        Err(_) => Err(vec![too_many().into()]),
        Ok(()) if stops => Err(refusals),
        Ok(()) => Ok(()),
    }
}

/// Does with the refusals in a complete answer what `mode` says, telling of `limit` of them at most. What is returned takes
/// the place of the answer.
pub(super) fn settle(
    mode: OnDenied,
    kind: OperationType,
    limit: usize,
    response: &mut Response,
) -> Option<Vec<ServerError>> {
    if mode == OnDenied::Null || !response.errors.iter().any(is_refusal) {
        return None;
    }
    let (refusals, others): (Vec<_>, _) = std::mem::take(&mut response.errors).into_iter().partition(is_refusal);
    response.errors = others;
    // What a mutation has done stands, and its answer says so.
    if mode == OnDenied::Reject && kind == OperationType::Query {
        return Some(refusals);
    }
    if mode == OnDenied::Reject {
        response.errors.extend(refusals);
        return None;
    }
    let told = refusals.iter().take(limit).filter_map(|it| async_graphql::to_value(it).ok()).collect();
    response.extensions.insert("denied".to_owned(), Value::List(told));
    None
}

/// Is it a rule's refusal? Only those name a coordinate.
fn is_refusal(error: &ServerError) -> bool {
    error.extensions.as_ref().is_some_and(|it| it.get("coordinate").is_some() && it.get("reason").is_some())
}

fn placed(refusal: async_graphql::Error, step: &Step<'_, '_>) -> ServerError {
    let path = step.path.iter().map(|it| PathSegment::Field(it.to_string())).collect();
    let async_graphql::Error { message, source, extensions } = refusal;
    ServerError { source, extensions, path, ..ServerError::new(message, Some(step.position)) }
}

/// The refusal of what cannot be judged within bounds.
pub(super) fn too_many() -> Failure {
    Failure::new(Code::QueryTooComplex, "The document selects too much on types behind interfaces.")
}
