//! `@owner`: whose it is what a field answers, as far as that is known before it answers. Rules that make way for the owner can
//! then be decided before anything runs.
//!
//! Nothing is let through by it: the check inside the field asks the value itself. A wrong declaration refuses too much or
//! explains wrongly. Where a field declares nothing, whose its values are is unknown until it runs.
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

/// Whose it is what a field answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// The caller's own.
    Caller,
    /// That of the caller who is handed it, as by a sign-in: it counts as the caller's own, also where the request came from another.
    Recipient,
    /// That of the owner of the object whose field it is.
    Parent,
    /// That of the principal whose identifier stands in an argument.
    Argument {
        /// The argument's name.
        name: Cow<'static, str>,
        /// The only type for whose values it holds, where the field answers several.
        of: Option<Cow<'static, str>>,
    },
}

impl Ownership {
    /// That of the principal whose identifier stands in the argument of that name.
    #[must_use]
    pub const fn argument(name: &'static str) -> Self {
        Self::Argument { name: Cow::Borrowed(name), of: None }
    }

    /// The same for values of the type `of` alone: whose the others are is unknown.
    #[must_use]
    pub const fn argument_of(name: &'static str, of: &'static str) -> Self {
        Self::Argument { name: Cow::Borrowed(name), of: Some(Cow::Borrowed(of)) }
    }
}

/// `@owner`: whose it is what a field answers.
#[derive(Debug, Clone, Copy)]
pub struct Owner;

impl Owner {
    /// The directive as it stands on a field.
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
            flag(CALLER, "It is the caller's own."),
            flag(RECIPIENT, "It belongs to the caller that receives the answer, as after a sign-in."),
            flag(PARENT, "It has the owner of the object that the field belongs to."),
            text(ARGUMENT, "The argument whose value is the identifier of the owner."),
            text(TYPE, "With `argument`: the type for whose values this holds. The owner of others is unknown."),
        ];
        registry.add_directive(MetaDirective {
            name: OWNER.to_owned(),
            description: Some(
                "Who owns what the field answers, where that is known before it answers. `orSelf` of the fields below it is judged by this in `explainAccess` and before a mutation; the value itself decides in the end."
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

/// What a field with these directives says of its owner.
pub(crate) fn ownership(directives: &[MetaDirectiveInvocation]) -> Option<Ownership> {
    let args = &directives.iter().find(|directive| directive.name == OWNER)?.args;
    let says = |flag: &str| args.get(flag) == Some(&Value::from(true));
    let text = |name: &str| match args.get(name) {
        Some(Value::String(text)) => Some(Cow::Owned(text.clone())),
        _ => None,
    };
    match () {
        () if says(CALLER) => Some(Ownership::Caller),
        () if says(RECIPIENT) => Some(Ownership::Recipient),
        () if says(PARENT) => Some(Ownership::Parent),
        () => Some(Ownership::Argument { name: text(ARGUMENT)?, of: text(TYPE) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_back_as_it_was_declared() {
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
