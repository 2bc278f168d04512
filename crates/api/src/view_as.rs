//! The schema as another sees it: a request's `extensions` may name a role, and introspection then shows what an account
//! with exactly that role sees. It is for callers who may read roles, and for documents that ask for nothing but the schema.
//!
//! It puts another principal in the caller's place and decides nothing for it: what is seen follows from the rules
//! (`fieldguard_guard::is_seen`) as ever.

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
use fieldguard_guard::{SchemaView, caller::Caller};

use crate::error::{ApiError, Code};

/// Who may see it so.
const RULE: Rule = Rule::SIGNED_IN.permission(ROLES_READ);
/// How a request spells it.
const FIELD: &str = "extensions.viewAs";

/// Request data, put there by the transport: the name of the role as which introspection is to be answered, or nothing for
/// a caller who is not signed in. Where it is absent, the caller himself is answered.
#[derive(Debug, Clone)]
pub struct ViewAs(pub Option<String>);

/// The request, to be run for `caller`, or for whom it wants to see the schema as. `asks_for_schema` says whether its document
/// asks for nothing else.
///
/// # Errors
///
/// `UNAUTHENTICATED` or `FORBIDDEN` where the caller may not, `BAD_USER_INPUT` where the document asks for more than the
/// schema or there is no such role.
pub async fn for_whom(
    request: Request,
    caller: &Caller,
    asks_for_schema: bool,
    accounts: &Accounts,
) -> Result<Request, ApiError> {
    let wanted = request.data.get(&TypeId::of::<ViewAs>()).and_then(|it| it.downcast_ref::<ViewAs>());
    let Some(ViewAs(role)) = wanted.cloned() else { return Ok(request) };
    RULE.decide(caller.rules(), false).map_err(refused)?;
    // The library, too, is told to resolve nothing else: two must err before another's rights reach a field.
    let request = request.only_introspection();
    if !asks_for_schema {
        let message =
            "With `extensions.viewAs` a query asks for `__schema`, `__type` and `__typename` and nothing else.";
        return Err(ApiError::bad_input(FIELD, Reason::InvalidType, message));
    }
    let shown_to = match role {
        None => Caller::default(),
        Some(name) => holder(&accounts.roles().await?, &name, accounts)?.into(),
    };
    Ok(request.data(shown_to).data(SchemaView::Caller))
}

fn holder(roles: &[Role], name: &str, accounts: &Accounts) -> Result<Principal, ApiError> {
    let role = roles.iter().find(|it| it.name.as_str() == name);
    let role = role
        .ok_or_else(|| ApiError::bad_input(FIELD, Reason::Unknown, "No role has the name in `extensions.viewAs`."))?;
    Ok(Principal::holder_of(role, &accounts.catalogue))
}

fn refused(reason: Refusal) -> ApiError {
    let code = match reason {
        Refusal::Unauthenticated => Code::Unauthenticated,
        Refusal::Forbidden | Refusal::NoSession | Refusal::NotFresh => Code::Forbidden,
    };
    ApiError::new(code, format!("`{FIELD}` requires {RULE}."))
}
