//! `@skip` and `@include` (GraphQL specification, section 3.13).

use async_graphql::{
    Positioned, Value as Constant, Variables,
    parser::types::{Directive, ExecutableDocument, Selection, SelectionSet},
};
use async_graphql_value::Value;

/// Whether `@skip` or `@include` excludes what bears these directives. Without `variables`, a condition that is a variable
/// excludes nothing.
pub(super) fn is_excluded(directives: &[Positioned<Directive>], variables: Option<&Variables>) -> bool {
    directives.iter().any(|directive| match directive.node.name.node.as_str() {
        "skip" => condition(&directive.node, variables) == Some(true),
        "include" => condition(&directive.node, variables) == Some(false),
        _ => false,
    })
}

/// Whether anything in `document` is there only for certain values of variables.
pub(in crate::graphql) fn depends_on_variables(document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).any(set_depends)
}

/// Whether the directive is `@skip` or `@include`.
pub(super) fn is_condition(directive: &Directive) -> bool {
    matches!(directive.name.node.as_str(), "skip" | "include")
}

fn condition(directive: &Directive, variables: Option<&Variables>) -> Option<bool> {
    let value = directive.get_argument("if")?.node.clone();
    let value = value.into_const_with(|name| variables.and_then(|known| known.get(&name)).cloned().ok_or(()));
    if let Ok(Constant::Boolean(condition)) = value { Some(condition) } else { None }
}

fn set_depends(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| {
        let mut conditions = selection.node.directives().iter().filter(|directive| is_condition(&directive.node));
        conditions.any(|directive| directive.node.get_argument("if").is_some_and(|value| is_variable(&value.node)))
            || match &selection.node {
                Selection::Field(field) => set_depends(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => set_depends(&fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => false,
            }
    })
}

fn is_variable(value: &Value) -> bool {
    matches!(value, Value::Variable(_))
}
