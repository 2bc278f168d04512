//! `@owner`: who owns the value that a field returns, as far as that is known before the field runs. Rules with
//! `or_self` can then be evaluated before execution.
//!
//! The directive grants no access: the check in the field asks the value itself. A wrong declaration denies too much or
//! makes explanations wrong. Without a declaration, the owner is unknown until the field runs.
//!
//! ```
//! use async_graphql::{ID, Object};
//! use fieldguard_guard::owner::{Owner, Ownership};
//!
//! struct Patient;
//!
//! #[Object]
//! impl Patient {
//!     async fn phone(&self) -> Option<&str> {
//!         None
//!     }
//! }
//!
//! struct Query;
//!
//! #[Object]
//! impl Query {
//!     #[graphql(directive = Owner::apply(Ownership::Caller))]
//!     async fn my_record(&self) -> Option<Patient> {
//!         None
//!     }
//!
//!     #[graphql(directive = Owner::apply(Ownership::argument("id")))]
//!     async fn patient(&self, id: ID) -> Option<Patient> {
//!         let _ = id;
//!         None
//!     }
//! }
//! ```

use std::borrow::Cow;

use async_graphql::{
    TypeDirective, Value,
    indexmap::IndexMap,
    registry::{
        __DirectiveLocation, MetaDirective, MetaDirectiveInvocation, MetaInputValue, Registry, location_traits,
    },
};

const OWNER: &str = "owner";
const CALLER: &str = "caller";
const RECIPIENT: &str = "recipient";
const PARENT: &str = "parent";
const ARGUMENT: &str = "argument";
const TYPE: &str = "type";

/// The owner of the value that a field returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// The caller.
    Caller,
    /// The caller who receives the answer, as after a sign-in. The value counts as the caller's own, even if another
    /// caller sent the request.
    Recipient,
    /// The owner of the object that has the field.
    Parent,
    /// The principal that an argument identifies.
    Argument {
        /// The argument's name.
        name: Cow<'static, str>,
        /// The only type that this applies to, if the field returns several.
        of: Option<Cow<'static, str>>,
    },
}

impl Ownership {
    /// The principal that the argument `name` identifies.
    #[must_use]
    pub const fn argument(name: &'static str) -> Self {
        Self::Argument { name: Cow::Borrowed(name), of: None }
    }

    /// As [`argument`](Self::argument), but only for values of type `of`. The owners of other values are unknown.
    #[must_use]
    pub const fn argument_of(name: &'static str, of: &'static str) -> Self {
        Self::Argument { name: Cow::Borrowed(name), of: Some(Cow::Borrowed(of)) }
    }
}

/// The `@owner` directive.
#[derive(Debug, Clone, Copy)]
pub struct Owner;

impl Owner {
    /// The directive for a field.
    #[must_use]
    pub fn apply(ownership: Ownership) -> MetaDirectiveInvocation {
        let flag = |name: &str| vec![(name.to_owned(), Value::from(true))];
        let args = match ownership {
            Ownership::Caller => flag(CALLER),
            Ownership::Recipient => flag(RECIPIENT),
            Ownership::Parent => flag(PARENT),
            Ownership::Argument { name, of } => {
                let of = of.map(|of| (TYPE.to_owned(), Value::from(of.into_owned())));
                std::iter::once((ARGUMENT.to_owned(), Value::from(name.into_owned()))).chain(of).collect()
            }
        };
        MetaDirectiveInvocation { name: OWNER.to_owned(), args: IndexMap::from_iter(args) }
    }
}

impl TypeDirective for Owner {
    fn name(&self) -> Cow<'static, str> {
        OWNER.into()
    }

    fn register(&self, registry: &mut Registry) {
        let arguments = [
            flag(CALLER, "The value belongs to the caller."),
            flag(RECIPIENT, "The value belongs to the caller who receives the response, as after a sign-in."),
            flag(PARENT, "The value has the same owner as the object that the field belongs to."),
            text(ARGUMENT, "The argument that has the identifier of the owner."),
            text(TYPE, "With `argument`: the type to which this applies. The owner of other types is unknown."),
        ];
        registry.add_directive(MetaDirective {
            name: OWNER.to_owned(),
            description: Some(
                "The owner of the value, if it is known before the field runs. `explainAccess` and the check before a mutation use it for `orSelf` of the fields below; when the field runs, the value itself decides."
                    .to_owned(),
            ),
            locations: vec![__DirectiveLocation::FIELD_DEFINITION],
            args: arguments.into_iter().map(|argument| (argument.name.clone(), argument)).collect(),
            is_repeatable: false,
            visible: None,
            composable: None,
        });
    }
}

impl location_traits::Directive_At_FIELD_DEFINITION for Owner {}

fn text(name: &str, description: &str) -> MetaInputValue {
    MetaInputValue { description: Some(description.to_owned()), ..MetaInputValue::new(name, "String") }
}

fn flag(name: &str, description: &str) -> MetaInputValue {
    MetaInputValue {
        description: Some(description.to_owned()),
        default_value: Some("false".to_owned()),
        ..MetaInputValue::new(name, "Boolean!")
    }
}

/// The owner that these directives declare.
pub(crate) fn ownership(directives: &[MetaDirectiveInvocation]) -> Option<Ownership> {
    let args = &directives.iter().find(|directive| directive.name == OWNER)?.args;
    let is_set = |flag: &str| args.get(flag) == Some(&Value::from(true));
    let text = |name: &str| match args.get(name) {
        Some(Value::String(text)) => Some(Cow::Owned(text.clone())),
        _ => None,
    };
    match () {
        () if is_set(CALLER) => Some(Ownership::Caller),
        () if is_set(RECIPIENT) => Some(Ownership::Recipient),
        () if is_set(PARENT) => Some(Ownership::Parent),
        () => Some(Ownership::Argument { name: text(ARGUMENT)?, of: text(TYPE) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ownership_round_trips_through_the_directive() {
        let all = [
            Ownership::Caller,
            Ownership::Recipient,
            Ownership::Parent,
            Ownership::argument("id"),
            Ownership::argument_of("id", "Patient"),
        ];
        for declared in all {
            assert_eq!(ownership(&[Owner::apply(declared.clone())]), Some(declared));
        }
        assert_eq!(ownership(&[]), None);
    }
}
