//! What selections expand to: every fragment counted wherever it is spread, yet looked at once. A document of 840 bytes
//! whose fragments spread the next one twice expands to a billion selections; with a memo per fragment and arithmetic
//! that saturates, counting them takes microseconds.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use super::within;
use crate::{code::Code, failure::Failure};

/// What a selection set costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// Fields, fragments expanded.
    pub selections: usize,
    /// Fields that are renamed.
    pub aliases: usize,
    /// How deep fields nest. What lies below `__schema` and `__type` does not count: the introspection query that every
    /// tool sends is deeper than any document of a person.
    pub depth: usize,
    /// Fields of the set itself.
    pub width: usize,
    /// How deep the lists of introspection nest (`fields { type { fields { … } } }`), each of which multiplies the answer.
    pub introspection: usize,
    /// How deep selection sets nest, this one included, those of fragments too.
    pub sets: usize,
}

impl Cost {
    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            depth: self.depth.max(other.depth),
            width: self.width.saturating_add(other.width),
            introspection: self.introspection.max(other.introspection),
            sets: self.sets.max(other.sets),
        }
    }
}

const INTROSPECTION_LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// Counts the selections of one document.
pub(super) struct Counter<'a> {
    document: &'a ExecutableDocument,
    /// Nothing while the fragment is being counted: a walk that meets that has come round in a circle.
    fragments: HashMap<&'a str, Option<Cost>>,
    /// How many sets are being counted, each within the one before.
    open: usize,
    /// How deep sets may nest. A walk through a document recurses with every set, through fragments too: a chain of 600
    /// fragments, each of which spreads the next, overflows the stack and ends the process.
    deepest: usize,
}

impl<'a> Counter<'a> {
    pub(super) fn new(document: &'a ExecutableDocument, deepest: usize) -> Self {
        Self { document, fragments: HashMap::new(), open: 0, deepest }
    }

    /// What `set` costs.
    ///
    /// # Errors
    ///
    /// `GRAPHQL_VALIDATION_FAILED` for a fragment that contains itself.
    pub(super) fn count(&mut self, set: &'a SelectionSet) -> Result<Cost, Failure> {
        self.open += 1;
        within("setNesting", self.open, self.deepest)?;
        let start = Cost { sets: 1, ..Cost::default() };
        let cost = set.items.iter().try_fold(start, |sum, selection| {
            let cost = match &selection.node {
                Selection::Field(field) => self.field(&field.node)?,
                Selection::InlineFragment(inline) => self.count(&inline.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            };
            Ok::<_, Failure>(sum.beside(Cost { sets: cost.sets.saturating_add(1), ..cost }))
        })?;
        self.open -= 1;
        Ok(cost)
    }

    fn field(&mut self, field: &'a Field) -> Result<Cost, Failure> {
        let set = &field.selection_set.node;
        let below = if set.items.is_empty() { Cost::default() } else { self.count(set)? };
        let name = field.name.node.as_str();
        let is_schema = matches!(name, "__schema" | "__type");
        Ok(Cost {
            selections: below.selections.saturating_add(1),
            aliases: below.aliases.saturating_add(field.alias.is_some().into()),
            depth: if is_schema { 1 } else { below.depth.saturating_add(1) },
            width: 1,
            sets: below.sets,
            introspection: below.introspection + usize::from(INTROSPECTION_LISTS.contains(&name)),
        })
    }

    fn fragment(&mut self, name: &'a str) -> Result<Cost, Failure> {
        match self.fragments.get(name) {
            Some(Some(known)) => {
                within("setNesting", self.open.saturating_add(known.sets), self.deepest)?;
                return Ok(*known);
            }
            Some(None) => {
                let message = format!("The fragment `{name}` contains itself.");
                return Err(Failure::new(Code::GraphqlValidationFailed, message));
            }
            None => {}
        }
        // A fragment there is not is left to validation, which says that it is missing. It costs as much as a field: were it
        // free, fragments that double and end in one would be free too, and validation would walk all of them.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Cost { selections: 1, ..Cost::default() });
        };
        self.fragments.insert(name, None);
        let cost = self.count(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(cost));
        Ok(cost)
    }
}
