//! Counts what selections expand to: each fragment counts at every spread but is visited once. A document of 840 bytes
//! in which each fragment spreads the next one twice expands to a billion selections; with one cached result per
//! fragment and saturating arithmetic, counting takes microseconds.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use super::within;
use crate::{code::Code, failure::Failure};

/// The cost of a selection set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// Fields, with fragments expanded.
    pub selections: usize,
    /// Fields with an alias.
    pub aliases: usize,
    /// The depth of fields. Fields below `__schema` and `__type` don't count: the introspection query that every tool
    /// sends is deeper than handwritten documents.
    pub depth: usize,
    /// Fields of the set itself.
    pub width: usize,
    /// The nesting of introspection lists (`fields { type { fields { … } } }`). Each level multiplies the answer.
    pub introspection: usize,
    /// The nesting of selection sets, including this one and those of fragments.
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
    /// `None` while a fragment is being counted: finding it then means that it contains itself.
    fragments: HashMap<&'a str, Option<Cost>>,
    /// The number of nested sets that are being counted.
    open: usize,
    /// The maximum nesting of sets. Walks through a document recurse into sets and fragments: a chain of 600 fragments
    /// overflows the stack and crashes the process.
    deepest: usize,
}

impl<'a> Counter<'a> {
    pub(super) fn new(document: &'a ExecutableDocument, deepest: usize) -> Self {
        Self { document, fragments: HashMap::new(), open: 0, deepest }
    }

    /// The cost of `set`.
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
        // Validation reports a missing fragment. It must cost as much as a field: if it were free, doubling fragments
        // that end in one would be free too, and validation would walk all of them.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Cost { selections: 1, ..Cost::default() });
        };
        self.fragments.insert(name, None);
        let cost = self.count(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(cost));
        Ok(cost)
    }
}
