//! Limits the work of checking whether fields with the same name can be merged. In every selection set, with all
//! fragments expanded, async-graphql compares arguments with arguments and reports every difference: 16 KiB of
//! fragments with many fields and arguments take minutes and gigabytes. This module computes an upper bound of that
//! work; it does not check merging itself.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// The size of one selection set, with fragments expanded.
#[derive(Clone, Copy, Default)]
struct Row {
    /// Fields and fragment spreads.
    selections: usize,
    /// The arguments of all fields.
    arguments: usize,
    /// The highest number of arguments of one field.
    most: usize,
}

impl Row {
    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            arguments: self.arguments.saturating_add(other.arguments),
            most: self.most.max(other.most),
        }
    }

    /// Every field is visited, and its arguments are compared with those of the first field of the same name.
    fn work(self) -> usize {
        let compared = self.most.saturating_mul(self.selections.saturating_add(self.arguments));
        self.selections.saturating_add(compared)
    }
}

/// The work for all selection sets of a document. No fragment may contain itself.
pub(super) fn work(document: &ExecutableDocument) -> usize {
    let mut rows = Rows { document, fragments: HashMap::new() };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).fold(0_usize, |sum, set| sum.saturating_add(rows.work(set)))
}

struct Rows<'a> {
    document: &'a ExecutableDocument,
    fragments: HashMap<&'a str, Row>,
}

impl<'a> Rows<'a> {
    fn work(&mut self, set: &'a SelectionSet) -> usize {
        let own = self.row(set).work();
        set.items.iter().fold(own, |sum, selection| {
            sum.saturating_add(match &selection.node {
                Selection::Field(field) => self.work(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => self.work(&fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => 0,
            })
        })
    }

    fn row(&mut self, set: &'a SelectionSet) -> Row {
        set.items.iter().fold(Row::default(), |sum, selection| {
            sum.beside(match &selection.node {
                Selection::Field(field) => {
                    let arguments = field.node.arguments.len();
                    Row { selections: 1, arguments, most: arguments }
                }
                Selection::InlineFragment(fragment) => self.row(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            })
        })
    }

    fn fragment(&mut self, name: &'a str) -> Row {
        let spread = Row { selections: 1, ..Row::default() };
        if let Some(known) = self.fragments.get(name) {
            return *known;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return spread };
        let row = spread.beside(self.row(&fragment.node.selection_set.node));
        self.fragments.insert(name, row);
        row
    }
}
