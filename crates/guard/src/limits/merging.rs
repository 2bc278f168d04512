//! How much work it is to find out whether fields of one name can be merged. The library compares, in every selection set
//! with all that its fragments spread into it, arguments with arguments, and reports every difference: 16 KiB of fragments
//! over many fields and many arguments take it minutes and gigabytes. This counts an upper bound of that work first; what
//! can be merged is not judged here.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// What one selection set has, fragments spread into it.
#[derive(Clone, Copy, Default)]
struct Row {
    /// Fields and spreads.
    selections: usize,
    /// Arguments of all these fields.
    arguments: usize,
    /// Arguments of the field that has the most.
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

    /// Every field looked at, and each of its arguments compared with those of the first of its name.
    fn work(self) -> usize {
        let compared = self.most.saturating_mul(self.selections.saturating_add(self.arguments));
        self.selections.saturating_add(compared)
    }
}

/// The work of all selection sets of a document in which no fragment contains itself.
pub(super) fn work(document: &ExecutableDocument) -> usize {
    let mut rows = Rows { document, fragments: HashMap::new() };
    let operations = document.operations.iter().map(|(_, it)| &it.node.selection_set.node);
    let fragments = document.fragments.values().map(|it| &it.node.selection_set.node);
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
                Selection::Field(it) => self.work(&it.node.selection_set.node),
                Selection::InlineFragment(it) => self.work(&it.node.selection_set.node),
                Selection::FragmentSpread(_) => 0,
            })
        })
    }

    fn row(&mut self, set: &'a SelectionSet) -> Row {
        set.items.iter().fold(Row::default(), |sum, selection| {
            sum.beside(match &selection.node {
                Selection::Field(it) => {
                    let arguments = it.node.arguments.len();
                    Row { selections: 1, arguments, most: arguments }
                }
                Selection::InlineFragment(it) => self.row(&it.node.selection_set.node),
                Selection::FragmentSpread(it) => self.fragment(&it.node.fragment_name.node),
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
