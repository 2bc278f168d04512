//! The complexity limit. Every field has the cost that the schema declares (default 1); selections inside a list count
//! once per possible entry.
//!
//! The list length comes from an argument of the field or of the field above it: `first` and `last`, or a list argument
//! (`access(coordinates: […]) { fields }`). Other lists have the length that the schema declares, or five entries. An
//! argument can have its own cost, per list entry (`disableUsers(userIds: […])`) or per value (`users(filter: {search:
//! …})`).
//!
//! The operation is counted in normal form with variable values, exactly as it runs. Rules are not evaluated here.
//!
//! Introspection has a separate limit: the query that every tool sends costs more than any other should.

mod introspection;

use async_graphql::{
    Name, Positioned,
    parser::types::{Field, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::within;
use crate::{
    failure::Failure,
    registry::{Composite, OutputField, Path, TypeSystem},
    settings::{DEFAULT_PAGE_SIZE, Limits},
};

/// The assumed length of a list with no known length.
const ASSUMED_SIZE: usize = 5;
/// The number of scalar list entries that cost as much as one field. They only have to be written.
const SCALARS_PER_FIELD: usize = 10;

/// Computes the cost of operations on one schema.
pub struct Complexity {
    limit: usize,
    page_size: usize,
    introspection: usize,
}

/// The cost of an operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cost {
    fields: usize,
    introspection: usize,
}

impl Complexity {
    /// Creates the check with these `limits`. The introspection limit derives from what tools query of this schema.
    #[must_use]
    pub fn new(types: &TypeSystem, limits: &Limits) -> Self {
        let complexity = Self { limit: limits.complexity, page_size: limits.page_size, introspection: usize::MAX };
        let standard = introspection::standard(types, &complexity);
        Self { introspection: standard + standard / 4, ..complexity }
    }

    /// Checks an operation in normal form against the limit.
    ///
    /// # Errors
    ///
    /// `QUERY_TOO_COMPLEX`.
    pub fn check(&self, types: &TypeSystem, operation: &OperationDefinition) -> Result<(), Failure> {
        let Cost { fields, introspection } = self.of(types, operation);
        within("introspectionComplexity", introspection, self.introspection)?;
        within("complexity", fields, self.limit)
    }

    fn of(&self, types: &TypeSystem, operation: &OperationDefinition) -> Cost {
        let root = types.root(operation.ty);
        let count = Count { types, page_size: self.page_size };
        let mut cost = Cost::default();
        for selection in &operation.selection_set.node.items {
            // The root of a normal form contains only fields.
            let Selection::Field(field) = &selection.node else { continue };
            let total = match field.node.name.node.as_str() {
                "__schema" | "__type" => &mut cost.introspection,
                _ => &mut cost.fields,
            };
            *total = total.saturating_add(count.field(&field.node, root, None));
        }
        cost
    }
}

struct Count<'a> {
    types: &'a TypeSystem,
    page_size: usize,
}

impl<'a> Count<'a> {
    /// The cost of a selection set on a type. `size` is the length of the lists in it, if the field above defines it.
    fn set(&self, set: &SelectionSet, on: Option<&'a Composite>, size: Option<usize>) -> usize {
        set.items.iter().fold(0, |sum: usize, selection| {
            sum.saturating_add(match &selection.node {
                Selection::Field(field) => self.field(&field.node, on, size),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |condition| self.types.composite(&condition.node.on.node));
                    self.set(&fragment.node.selection_set.node, on, size)
                }
                // The normal form has no fragment spreads.
                Selection::FragmentSpread(_) => 0,
            })
        })
    }

    fn field(&self, field: &Field, on: Option<&'a Composite>, size: Option<usize>) -> usize {
        // An unknown field costs 1: validation has reported it, or async-graphql answers it itself.
        let Some(known) = on.and_then(|on| on.field(&field.name.node)) else { return 1 };
        let (target, below) = (self.types.composite(&known.target), &field.selection_set.node);
        let own = self.size(known, &field.arguments);
        let entries = own.or(size).or(known.assumed_size).unwrap_or(ASSUMED_SIZE).max(1);
        let below = match (known.is_list, below.items.is_empty()) {
            (true, true) => entries / SCALARS_PER_FIELD,
            (true, false) => entries.saturating_mul(self.set(below, target, None)),
            (false, _) => self.set(below, target, own),
        };
        known.weight.saturating_add(given_cost(known, &field.arguments)).saturating_add(below)
    }

    /// The list length that the arguments define. If a document asks for both ends of a page, the longer counts; the
    /// field rejects that.
    fn size(&self, field: &OutputField, arguments: &Arguments) -> Option<usize> {
        if !field.page_arguments.is_empty() {
            let sizes =
                field.page_arguments.iter().filter_map(|(name, default)| self.page(given(arguments, name), *default));
            return Some(sizes.max().unwrap_or(DEFAULT_PAGE_SIZE.min(self.page_size)));
        }
        field.list_arguments.iter().filter_map(|path| length_at(path, arguments)).max()
    }

    /// A page costs at least one item, because the list is queried anyway, and at most the maximum page: the field
    /// rejects larger ones.
    fn page(&self, given: Option<&Value>, default: Option<usize>) -> Option<usize> {
        let asked = match given {
            None | Some(Value::Variable(_)) => default?,
            Some(Value::Null) => return None,
            Some(Value::Number(number)) => {
                number.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(usize::MAX)
            }
            Some(_) => usize::MAX,
        };
        Some(asked.clamp(1, self.page_size))
    }
}

type Arguments = [(Positioned<Name>, Positioned<Value>)];

fn given<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a Value> {
    arguments.iter().find(|(known, _)| known.node == name).map(|(_, value)| &value.node)
}

/// The cost of the arguments in the document. Of the fields of one input object only the most expensive counts, because
/// together they narrow one search.
fn given_cost(field: &OutputField, arguments: &Arguments) -> usize {
    let cost = |(path, weight): &(Path, usize)| Some(length_at(path, arguments)?.saturating_mul(*weight));
    let by_argument = field.weighed_arguments.chunk_by(|(one, _), (next, _)| one[0] == next[0]);
    by_argument.filter_map(|paths| paths.iter().filter_map(cost).max()).fold(0, usize::saturating_add)
}

fn length_at(path: &Path, arguments: &Arguments) -> Option<usize> {
    length(given(arguments, &path[0])?, &path[1..])
}

/// The length of the list at `path` in a value, 1 if it is not a list, or `None` if there is no value.
fn length(value: &Value, path: &[String]) -> Option<usize> {
    match (value, path) {
        (Value::List(values), []) => Some(values.len()),
        (Value::Null | Value::Variable(_), _) => None,
        // A single value is accepted in place of a list (GraphQL specification, section 3.11).
        (_, []) => Some(1),
        (Value::Object(fields), [name, rest @ ..]) => length(fields.get(name.as_str())?, rest),
        _ => None,
    }
}
