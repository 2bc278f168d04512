//! The schema as a role sees it: `extensions.viewAs` of a request names a role, and introspection shows what a user with this role
//! and no other sees. It is for callers who can read roles, and for documents that only ask for the schema.

use std::any::TypeId;

use async_graphql::Request;
use fieldguard_accounts::Accounts;
use fieldguard_domain::{
    invalid::Reason,
    permission::ROLES_READ,
    principal::Principal,
    role::Role,
    rule::{Refusal, Rule},
};
use fieldguard_guard::{
    caller::Caller,
    execute::{Executor, Operation},
};

use crate::error::{ApiError, Code};

/// What it requires.
const RULE: Rule = Rule::SIGNED_IN.permission(ROLES_READ);
/// The name in requests.
const FIELD: &str = "extensions.viewAs";

/// Request data from the transport: the name of the role for which introspection is answered, or nothing for a caller who is not
/// signed in. Without this data, it is answered for the caller.
#[derive(Debug, Clone)]
pub struct ViewAs(pub Option<String>);

/// The request, to run for `caller`, or for the role it names.
///
/// # Errors
///
/// `UNAUTHENTICATED` or `FORBIDDEN` if the caller can't read roles, `BAD_USER_INPUT` if the document asks for more than the schema
/// or there is no such role.
pub async fn caller_as(
    request: Request,
    caller: &Caller,
    operation: &Operation,
    executor: &Executor,
    accounts: &Accounts,
) -> Result<Request, ApiError> {
    let wanted = request.data.get(&TypeId::of::<ViewAs>()).and_then(|data| data.downcast_ref::<ViewAs>());
    let Some(ViewAs(role)) = wanted.cloned() else { return Ok(request) };
    RULE.decide(caller.rules(), false).map_err(refused)?;
    // async-graphql resolves no other field then, so that two checks must fail before a field runs with the role's permissions.
    let request = request.only_introspection();
    if !operation.asks_for_schema() {
        let message = "With `extensions.viewAs`, a query can only select `__schema`, `__type` and `__typename`.";
        return Err(ApiError::bad_input(FIELD, Reason::InvalidType, message));
    }
    let shown_to: Caller = match role {
        None => Caller::default(),
        Some(name) => holder(&accounts.roles().await?, &name, accounts)?.into(),
    };
    let view = executor.schema_view(shown_to.rules());
    Ok(request.data(shown_to).data(view))
}

fn holder(roles: &[Role], name: &str, accounts: &Accounts) -> Result<Principal, ApiError> {
    let role = roles.iter().find(|role| role.name.as_str() == name);
    let role = role.ok_or_else(|| {
        ApiError::bad_input(FIELD, Reason::Unknown, "The role in `extensions.viewAs` does not exist.")
    })?;
    Ok(Principal::holder_of(role, &accounts.catalogue))
}

fn refused(reason: Refusal) -> ApiError {
    let code = match reason {
        Refusal::Unauthenticated => Code::Unauthenticated,
        Refusal::Forbidden | Refusal::NoSession | Refusal::OneFactor | Refusal::NotFresh => Code::Forbidden,
    };
    ApiError::new(code, format!("`{FIELD}` requires {RULE}."))
}
