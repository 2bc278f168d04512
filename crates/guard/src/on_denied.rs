//! How denied fields are reported: each is null with an error, the whole operation is rejected, or the denials are
//! listed beside the errors.
//!
//! A mutation is evaluated before it runs. If a non-null payload field is denied, or the request asks to reject
//! denials, nothing runs. Ownership may be known only after the mutation, so a field that is not certainly the caller's
//! own counts as denied. A query can run first, because it changes nothing.

use async_graphql::{
    PathSegment, Response, ServerError, Value,
    parser::types::{OperationDefinition, OperationType},
};
use fieldguard_policy::Principal;

use super::{
    authorize::{Authorization, Verdict, VisitedField},
    code::Code,
    failure::Failure,
    refusal,
    registry::Policy,
};

/// How to report denied fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDenied {
    /// Each is null, with an error.
    #[default]
    Null,
    /// The whole operation is rejected.
    Reject,
    /// Each is null and listed in `extensions.denied` of the answer, not in its errors.
    Report,
}

impl OnDenied {
    /// Parses the value in a request: `null`, `reject` or `report`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "null" => Self::Null,
            "reject" => Self::Reject,
            "report" => Self::Report,
            _ => return None,
        })
    }

    /// Whether operations of this kind are evaluated before they run.
    pub(super) fn judges_before(self, kind: OperationType) -> bool {
        self == Self::Reject || kind == OperationType::Mutation
    }
}

/// Evaluates an operation before it runs.
///
/// # Errors
///
/// The denials, if the operation must not run.
pub(super) fn judge(
    mode: OnDenied,
    policy: &Policy,
    operation: &OperationDefinition,
    caller: Option<&dyn Principal>,
) -> Result<(), Vec<ServerError>> {
    let conventions = policy.conventions();
    let authorization = Authorization { policy, operation, caller, is_account_known: true, visits_denied: false };
    let (mut refusals, mut rejects) = (Vec::new(), false);
    let judged = authorization.for_each_field(|step| {
        let coordinate = &step.member.coordinate;
        let refusal = match (step.verdict, step.argument) {
            (Verdict::Allowed, _) => return,
            // The actual type of the value is known only after the query ran. The query is rejected then if a field is
            // denied.
            _ if !step.is_certain && operation.ty == OperationType::Query => return,
            (Verdict::Denied(rule, reason), Some(argument)) => {
                refusal::of_argument(conventions, &rule, reason, coordinate, argument, caller)
            }
            (Verdict::Denied(rule, reason), None) => refusal::of(conventions, coordinate, &rule, reason, caller),
            (Verdict::Depends(..), _) if operation.ty == OperationType::Query => return,
            (Verdict::Depends(rule, reason), _) => refusal::undecided(conventions, coordinate, &rule, reason, caller),
        };
        rejects |= mode == OnDenied::Reject || step.is_required;
        refusals.push(placed(refusal, &step));
    });
    match judged {
        Err(_) => Err(vec![too_many().into()]),
        Ok(()) if rejects => Err(refusals),
        Ok(()) => Ok(()),
    }
}

/// Reports the denials in a complete answer according to `mode`, at most `limit` of them. A returned list replaces the
/// answer.
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
    // The answer to a mutation has to show what was done.
    if mode == OnDenied::Reject && kind == OperationType::Query {
        return Some(refusals);
    }
    if mode == OnDenied::Reject {
        response.errors.extend(refusals);
        return None;
    }
    let denied = refusals.iter().take(limit).filter_map(|refusal| async_graphql::to_value(refusal).ok()).collect();
    response.extensions.insert("denied".to_owned(), Value::List(denied));
    None
}

/// Whether the error is a denial. Only denials name a coordinate and a reason.
fn is_refusal(error: &ServerError) -> bool {
    error
        .extensions
        .as_ref()
        .is_some_and(|extensions| extensions.get("coordinate").is_some() && extensions.get("reason").is_some())
}

fn placed(refusal: async_graphql::Error, step: &VisitedField<'_, '_>) -> ServerError {
    let path = step.path.iter().map(|key| PathSegment::Field(key.to_string())).collect();
    let async_graphql::Error { message, source, extensions } = refusal;
    ServerError { source, extensions, path, ..ServerError::new(message, Some(step.position)) }
}

/// The error for an operation with too many fields to evaluate.
pub(super) fn too_many() -> Failure {
    Failure::new(
        Code::QueryTooComplex,
        "The document selects too many fields of types that implement interfaces. Request less data at once.",
    )
}
