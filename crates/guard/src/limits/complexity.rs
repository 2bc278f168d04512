//! How much an operation may ask for: every field costs what the schema declares, 1 unless it says otherwise, and what is
//! selected within a list costs as often as the list may have entries.
//!
//! The arguments of a field, or those of the field above it, say how long a list is: `first` and `last`, or a list argument
//! (`access(coordinates: […]) { fields }`). Other lists have the length that the schema declares, or five entries. An argument
//! may have a cost of its own, for each entry of a list (`disableUsers(userIds: […])`) or for a single value
//! (`users(filter: {search: …})`).
//!
//! The operation is counted in normal form, with the values of its variables: exactly what runs. Authorization is not judged
//! here.
//!
//! Introspection has a limit of its own: the query that every tool sends asks for more than any other should.

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

/// How many entries a list has of which nothing says how many.
const ASSUMED_SIZE: usize = 5;
/// So many entries of a list of scalars cost as much as one field: they are written and nothing else.
const SCALARS_PER_FIELD: usize = 10;

/// Counts operations on one schema.
pub struct Complexity {
    limit: usize,
    page_size: usize,
    introspection: usize,
}

/// What an operation costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cost {
    fields: usize,
    introspection: usize,
}

impl Complexity {
    /// Holds operations to `limits`, and their introspection to what tools ask of this schema.
    #[must_use]
    pub fn new(types: &TypeSystem, limits: &Limits) -> Self {
        let complexity = Self { limit: limits.complexity, page_size: limits.page_size, introspection: usize::MAX };
        let standard = introspection::standard(types, &complexity);
        Self { introspection: standard + standard / 4, ..complexity }
    }

    /// Holds an operation in normal form to the limit.
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
            // A root in normal form has fields alone.
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
    /// What a set costs on a type. `size` is how many entries the lists in it have, where the field above says so.
    fn set(&self, set: &SelectionSet, on: Option<&'a Composite>, size: Option<usize>) -> usize {
        set.items.iter().fold(0, |sum: usize, selection| {
            sum.saturating_add(match &selection.node {
                Selection::Field(field) => self.field(&field.node, on, size),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |condition| self.types.composite(&condition.node.on.node));
                    self.set(&fragment.node.selection_set.node, on, size)
                }
                // The normal form has no fragments by name.
                Selection::FragmentSpread(_) => 0,
            })
        })
    }

    fn field(&self, field: &Field, on: Option<&'a Composite>, size: Option<usize>) -> usize {
        // On a type there is not, a field costs 1: validation has said so, or the library answers it itself.
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

    /// How many entries the arguments ask for, where they say so. Where both ends of a page are asked for, the longer counts;
    /// the field refuses that.
    fn size(&self, field: &OutputField, arguments: &Arguments) -> Option<usize> {
        if !field.page_arguments.is_empty() {
            let sizes =
                field.page_arguments.iter().filter_map(|(name, default)| self.page(given(arguments, name), *default));
            return Some(sizes.max().unwrap_or(DEFAULT_PAGE_SIZE.min(self.page_size)));
        }
        field.list_arguments.iter().filter_map(|path| length_at(path, arguments)).max()
    }

    /// A page costs as much as one item at least, since its list is looked up all the same, and as the longest page at most:
    /// what asks for more is refused by its field.
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

/// The cost of the arguments in the document. The fields of one input object count as the dearest of them, since they narrow
/// one search together.
fn given_cost(field: &OutputField, arguments: &Arguments) -> usize {
    let cost = |(path, weight): &(Path, usize)| Some(length_at(path, arguments)?.saturating_mul(*weight));
    let by_argument = field.weighed_arguments.chunk_by(|(one, _), (next, _)| one[0] == next[0]);
    by_argument.filter_map(|paths| paths.iter().filter_map(cost).max()).fold(0, usize::saturating_add)
}

fn length_at(path: &Path, arguments: &Arguments) -> Option<usize> {
    length(given(arguments, &path[0])?, &path[1..])
}

/// How long the list is that stands at `path` within a value, 1 where it is no list; nothing where there is no value.
fn length(value: &Value, path: &[String]) -> Option<usize> {
    match (value, path) {
        (Value::List(values), []) => Some(values.len()),
        (Value::Null | Value::Variable(_), _) => None,
        // One value stands for a list of it (GraphQL specification, section 3.11).
        (_, []) => Some(1),
        (Value::Object(fields), [name, rest @ ..]) => length(fields.get(name.as_str())?, rest),
        _ => None,
    }
}
