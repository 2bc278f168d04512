//! Arguments that tell of a field. Whoever filters or sorts by a value reads it, a bit with every question; so such an argument
//! is held to the rule of the field it tells of. The rule is the one the schema has for that field and stands nowhere else:
//! where it is changed, the argument changes with it.

use async_graphql::Context;

use super::refusal;
use crate::{
    domain::rule::Rule,
    graphql::{
        caller::Caller,
        error::{ApiError, Code, INTERNAL_MESSAGE},
        registry,
    },
};

/// Holds `argument` of the field in `ctx`, named by its way from there (`filter.email`), to the rules of the field `field` of
/// the type `type_name`, of which it tells. Call it where the argument is given, before anything is looked up: a refusal must
/// not depend on what there is. A filter tells of everybody's values, so nobody passes as an owner.
///
/// Answers whether it tells of something personal: then whoever is found by it has been read, see [`crate::graphql::reads`].
///
/// # Errors
///
/// `UNAUTHENTICATED` or `FORBIDDEN`, with the coordinate of that field, what its rule demands, and the argument.
/// `INTERNAL_SERVER_ERROR` where the schema has no such field, or it no rule.
pub fn argument(ctx: &Context<'_>, argument: &str, type_name: &str, field: &str) -> Result<bool, ApiError> {
    let rules = registry::rules_of(&ctx.schema_env.registry, type_name, field);
    if rules.is_empty() {
        return Err(ApiError::new(Code::InternalServerError, INTERNAL_MESSAGE));
    }
    let caller = Caller::of(ctx);
    for rule in &rules {
        rule.decide(caller, false).map_err(|reason| {
            let coordinate = format!("{type_name}.{field}");
            ApiError::refusal(refusal::of_argument(rule, reason, &coordinate, argument, caller))
        })?;
    }
    Ok(rules.iter().any(Rule::yields_to_owner))
}
