//! How much an operation may ask for, pages multiplied out: every selected field costs 1, and what is selected within a
//! list in pages costs as often as the page has items.
//!
//! The sizes of pages come from the document or from the request's variables, so the cost is known per request only. What
//! can be known of it from the document alone, a [`Formula`] with those variables in it, is found once and remembered with
//! the document; where it holds no variable it is one number. Whether a field can be answered at all is not judged here.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use async_graphql::{
    Name, Value, Variables,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

use super::{
    paging::{Fields, Member, Paging},
    within,
};
use crate::graphql::{failure::Failure, settings::Limits};

/// What the operations of one document cost, by name; one without a name stands under the empty one.
pub struct Costs(HashMap<String, Formula>);

impl Costs {
    /// What the operations of `document` cost, which has been held to its [`budget`](super::budget): it has no fragment
    /// that contains itself, and no more selections than that allows.
    #[must_use]
    pub fn of(document: &ExecutableDocument, paging: &Paging) -> Self {
        let mut estimate = Estimate { document, paging, fragments: HashMap::new() };
        let operations = document.operations.iter().map(|(name, operation)| {
            let root = paging.root(operation.node.ty);
            let formula = estimate.set(&operation.node.selection_set.node, root);
            (name.map(Name::to_string).unwrap_or_default(), formula)
        });
        Self(operations.collect())
    }

    /// Holds an operation to the limit, with the variables it will run with.
    ///
    /// # Errors
    ///
    /// `QUERY_TOO_COMPLEX`.
    pub fn check(
        &self,
        operation: Option<&Name>,
        variables: &Variables,
        paging: &Paging,
        limits: &Limits,
    ) -> Result<(), Failure> {
        let formula = self.0.get(operation.map_or("", Name::as_str));
        within("complexity", formula.map_or(0, |it| it.cost(variables, paging)), limits.complexity)
    }
}

/// What a selection set costs, as far as it is known without variables.
#[derive(Clone, Default)]
struct Formula {
    known: usize,
    pages: Vec<Arc<Page>>,
}

/// A page whose size, or that of one within it, depends on variables. It is shared by all spreads of a fragment.
struct Page {
    /// What the document itself asks for.
    asked: Option<usize>,
    /// The variables that ask, each with what is asked for in its absence.
    variables: Vec<(Name, Option<usize>)>,
    below: Formula,
}

impl Formula {
    fn cost(&self, variables: &Variables, paging: &Paging) -> usize {
        self.pages.iter().fold(self.known, |sum, page| {
            let size = page.size(variables, paging);
            sum.saturating_add(size.saturating_mul(page.below.cost(variables, paging)))
        })
    }

    fn add(&mut self, other: Self) {
        self.known = self.known.saturating_add(other.known);
        self.pages.extend(other.pages);
    }
}

impl Page {
    /// Where both ends are asked for, the longer counts; the field will refuse that.
    fn size(&self, variables: &Variables, paging: &Paging) -> usize {
        let by_variables = self.variables.iter().filter_map(|(name, absent)| match variables.get(name) {
            Some(value) => paging.asked(value),
            None => *absent,
        });
        by_variables.chain(self.asked).max().unwrap_or_else(|| paging.unasked())
    }
}

struct Estimate<'a> {
    document: &'a ExecutableDocument,
    paging: &'a Paging,
    fragments: HashMap<&'a str, Formula>,
}

impl<'a> Estimate<'a> {
    /// What `set` costs, on a type with these fields. On a type there is not, every field costs 1: validation will say so.
    fn set(&mut self, set: &'a SelectionSet, on: Option<&'a Fields>) -> Formula {
        let mut sum = Formula::default();
        for selection in &set.items {
            sum.add(match &selection.node {
                Selection::Field(it) => self.field(&it.node, on.and_then(|on| on.get(it.node.name.node.as_str()))),
                Selection::InlineFragment(it) => {
                    let condition = it.node.type_condition.as_ref();
                    let on = condition.map_or(on, |it| self.paging.fields(&it.node.on.node));
                    self.set(&it.node.selection_set.node, on)
                }
                Selection::FragmentSpread(it) => self.fragment(&it.node.fragment_name.node),
            });
        }
        sum
    }

    fn field(&mut self, field: &'a Field, member: Option<&'a Member>) -> Formula {
        let mut below = self.set(&field.selection_set.node, member.and_then(|it| self.paging.fields(&it.ty)));
        let sizes = member.map(|it| it.sizes.as_slice()).unwrap_or_default();
        if sizes.is_empty() || field.selection_set.node.items.is_empty() {
            below.known = below.known.saturating_add(1);
            return below;
        }
        let page = self.page(field, sizes, below);
        if page.variables.is_empty() && page.below.pages.is_empty() {
            let size = page.size(&Variables::default(), self.paging);
            return Formula { known: size.saturating_mul(page.below.known).saturating_add(1), pages: Vec::new() };
        }
        Formula { known: 1, pages: vec![Arc::new(page)] }
    }

    fn page(&self, field: &Field, sizes: &[(String, Option<Value>)], below: Formula) -> Page {
        let mut page = Page { asked: None, variables: Vec::new(), below };
        for (name, default) in sizes {
            let default = default.as_ref().and_then(|it| self.paging.asked(it));
            let mut variable = None;
            let given = field.get_argument(name).map(|it| {
                it.node.clone().into_const_with(|name| {
                    variable = Some(name);
                    Ok::<_, Infallible>(Value::Null)
                })
            });
            match (given, variable) {
                (Some(Ok(Value::Null)), Some(variable)) => page.variables.push((variable, default)),
                (Some(Ok(value)), _) => page.asked = page.asked.max(self.paging.asked(&value)),
                (None, _) => page.asked = page.asked.max(default),
            }
        }
        page
    }

    fn fragment(&mut self, name: &'a str) -> Formula {
        if let Some(known) = self.fragments.get(name) {
            return known.clone();
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Formula::default() };
        let on = self.paging.fields(&fragment.node.type_condition.node.on.node);
        let formula = self.set(&fragment.node.selection_set.node, on);
        self.fragments.insert(name, formula.clone());
        formula
    }
}
