//! The directives `@skip` and `@include` (GraphQL specification, section 3.13).

use std::collections::HashSet;

use async_graphql::Value as Constant;
use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

/// Whether `@skip` or `@include` excludes a selection with these directives. Without `variables`, a condition on a
/// variable excludes nothing.
pub(super) fn is_excluded(directives: &[Positioned<Directive>], variables: Option<&Variables>) -> bool {
    directives.iter().any(|directive| match directive.node.name.node.as_str() {
        "skip" => condition(&directive.node, variables) == Some(true),
        "include" => condition(&directive.node, variables) == Some(false),
        _ => false,
    })
}

/// The variables that `@skip` and `@include` use in `operation` and the fragments of `document` that it spreads.
pub(crate) fn deciding_variables<'a>(
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
) -> Vec<&'a Name> {
    let mut deciding = Deciding { document, spread: HashSet::new(), variables: Vec::new() };
    deciding.add(&operation.selection_set.node);
    deciding.variables
}

struct Deciding<'a> {
    document: &'a ExecutableDocument,
    /// The fragments already visited.
    spread: HashSet<&'a Name>,
    variables: Vec<&'a Name>,
}

impl<'a> Deciding<'a> {
    fn add(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            let conditions = selection.node.directives().iter().filter(|directive| is_condition(&directive.node));
            self.variables.extend(conditions.filter_map(|directive| match &directive.node.get_argument("if")?.node {
                Value::Variable(name) => Some(name),
                _ => None,
            }));
            match &selection.node {
                Selection::Field(field) => self.add(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => self.add(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => self.add_fragment(&spread.node.fragment_name.node),
            }
        }
    }

    fn add_fragment(&mut self, name: &'a Name) {
        if let Some(fragment) = self.document.fragments.get(name)
            && self.spread.insert(name)
        {
            self.add(&fragment.node.selection_set.node);
        }
    }
}

/// Whether the directive is `@skip` or `@include`.
pub(crate) fn is_condition(directive: &Directive) -> bool {
    matches!(directive.name.node.as_str(), "skip" | "include")
}

fn condition(directive: &Directive, variables: Option<&Variables>) -> Option<bool> {
    let value = directive.get_argument("if")?.node.clone();
    let value = value.into_const_with(|name| variables.and_then(|known| known.get(&name)).cloned().ok_or(()));
    if let Ok(Constant::Boolean(condition)) = value { Some(condition) } else { None }
}
