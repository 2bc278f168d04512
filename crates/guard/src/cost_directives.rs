//! The directives `@cost` and `@listSize` declare what a field costs for the complexity limit. Both are a subset of the
//! GraphQL cost directives specification. `@exclusive` declares fields of which an operation may select one.
//!
//! A field costs 1, and a list entry costs as much as its fields. Declare a cost for a field that queries the database
//! or computes over all data. Declare a size for a list that is longer than five entries and has no size argument.
//! Declare a cost for an argument or input field that causes extra work; for a list, it counts once per entry:
//!
//! ```
//! use fieldguard_guard::cost_directives::{Cost, Exclusive, ListSize};
//!
//! struct Library;
//!
//! #[async_graphql::Object]
//! impl Library {
//!     #[graphql(directive = Cost::apply(500))]
//!     async fn pages(&self) -> u64 {
//!         42
//!     }
//!
//!     #[graphql(directive = ListSize::apply(26))]
//!     async fn letters(&self) -> Vec<String> {
//!         ('a'..='z').map(String::from).collect()
//!     }
//!
//!     async fn sum(&self, #[graphql(directive = Cost::apply(80))] pages: Vec<u64>) -> u64 {
//!         pages.into_iter().sum()
//!     }
//!
//!     #[graphql(directive = Exclusive::apply("prints"))]
//!     async fn print(&self) -> String {
//!         "The whole library".to_owned()
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

const COST: &str = "cost";
const WEIGHT: &str = "weight";
const LIST_SIZE: &str = "listSize";
const ASSUMED_SIZE: &str = "assumedSize";
const EXCLUSIVE: &str = "exclusive";
const GROUP: &str = "group";

/// `@cost`: the cost of a field or of an argument, where a plain field costs 1.
#[derive(Debug, Clone, Copy)]
pub struct Cost;

/// `@listSize`: the maximum number of entries of a list without a size argument.
#[derive(Debug, Clone, Copy)]
pub struct ListSize;

/// `@exclusive`: an operation may select one field of the group.
#[derive(Debug, Clone, Copy)]
pub struct Exclusive;

impl Cost {
    /// The directive for a field, an argument or an input field.
    #[must_use]
    pub fn apply(weight: u32) -> MetaDirectiveInvocation {
        let args = IndexMap::from_iter([(WEIGHT.to_owned(), Value::from(weight.to_string()))]);
        MetaDirectiveInvocation { name: COST.to_owned(), args }
    }
}

impl ListSize {
    /// The directive for a field.
    #[must_use]
    pub fn apply(assumed_size: u32) -> MetaDirectiveInvocation {
        let args = IndexMap::from_iter([(ASSUMED_SIZE.to_owned(), Value::from(assumed_size))]);
        MetaDirectiveInvocation { name: LIST_SIZE.to_owned(), args }
    }
}

impl Exclusive {
    /// The directive for a root field. An error names `group` as the limit that the document exceeds.
    #[must_use]
    pub fn apply(group: &str) -> MetaDirectiveInvocation {
        let args = IndexMap::from_iter([(GROUP.to_owned(), Value::from(group))]);
        MetaDirectiveInvocation { name: EXCLUSIVE.to_owned(), args }
    }
}

impl TypeDirective for Cost {
    fn name(&self) -> Cow<'static, str> {
        COST.into()
    }

    fn register(&self, registry: &mut Registry) {
        let description = "The cost of the field in the limit `complexity`; a plain field costs 1. On an argument or an input field: the cost it adds when it is given, for each entry if it is a list. Of several fields of an input object, the most expensive one counts.";
        let weight = ("String!", WEIGHT, "The cost, a whole number.");
        registry.add_directive(MetaDirective {
            locations: vec![
                __DirectiveLocation::ARGUMENT_DEFINITION,
                __DirectiveLocation::FIELD_DEFINITION,
                __DirectiveLocation::INPUT_FIELD_DEFINITION,
            ],
            ..definition(COST, description, weight)
        });
    }
}

impl TypeDirective for ListSize {
    fn name(&self) -> Cow<'static, str> {
        LIST_SIZE.into()
    }

    fn register(&self, registry: &mut Registry) {
        let description =
            "The size of the list that the limit `complexity` assumes if no argument of the field sets it.";
        let size = ("Int", ASSUMED_SIZE, "The number of entries.");
        registry.add_directive(definition(LIST_SIZE, description, size));
    }
}

impl TypeDirective for Exclusive {
    fn name(&self) -> Cow<'static, str> {
        EXCLUSIVE.into()
    }

    fn register(&self, registry: &mut Registry) {
        let description = "A document can select only one field of the group. A document that selects more is refused with `QUERY_TOO_COMPLEX` before it runs.";
        let group = ("String!", GROUP, "The group, which the error names as the limit.");
        registry.add_directive(definition(EXCLUSIVE, description, group));
    }
}

impl location_traits::Directive_At_ARGUMENT_DEFINITION for Cost {}
impl location_traits::Directive_At_FIELD_DEFINITION for Cost {}
impl location_traits::Directive_At_INPUT_FIELD_DEFINITION for Cost {}
impl location_traits::Directive_At_FIELD_DEFINITION for ListSize {}
impl location_traits::Directive_At_FIELD_DEFINITION for Exclusive {}

/// The cost that these directives declare for a field, an argument or an input field.
#[must_use]
pub fn weight(directives: &[MetaDirectiveInvocation]) -> Option<usize> {
    match argument(directives, COST, WEIGHT)? {
        Value::String(weight) => weight.parse().ok(),
        _ => None,
    }
}

/// The list size that these directives declare.
#[must_use]
pub fn assumed_size(directives: &[MetaDirectiveInvocation]) -> Option<usize> {
    match argument(directives, LIST_SIZE, ASSUMED_SIZE)? {
        Value::Number(size) => usize::try_from(size.as_u64()?).ok(),
        _ => None,
    }
}

/// The `@exclusive` group that these directives declare.
#[must_use]
pub fn exclusive(directives: &[MetaDirectiveInvocation]) -> Option<String> {
    match argument(directives, EXCLUSIVE, GROUP)? {
        Value::String(group) => Some(group.clone()),
        _ => None,
    }
}

fn argument<'a>(directives: &'a [MetaDirectiveInvocation], directive: &str, argument: &str) -> Option<&'a Value> {
    directives.iter().find(|known| known.name == directive)?.args.get(argument)
}

fn definition(
    name: &str,
    description: &str,
    (ty, argument, argument_description): (&str, &str, &str),
) -> MetaDirective {
    let mut value = MetaInputValue::new(argument, ty);
    value.description = Some(argument_description.to_owned());
    MetaDirective {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        locations: vec![__DirectiveLocation::FIELD_DEFINITION],
        args: IndexMap::from_iter([(argument.to_owned(), value)]),
        is_repeatable: false,
        visible: None,
        composable: None,
    }
}
