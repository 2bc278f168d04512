//! The coordinate of a running field, `Type.field` (GraphQL specification, "Schema Coordinates"). Only error paths need
//! it, so it may walk the document.

use std::{borrow::Cow, collections::HashSet, ptr};

use async_graphql::{
    Context, Positioned,
    parser::types::{Field, OperationType, Selection, SelectionSet},
    registry::{MetaType, MetaTypeName, Registry},
};

/// The coordinate of the field in `ctx`. `type_name` names the Rust type that defines the field, if it is known.
///
/// A part of a merged object is not a schema type: its fields belong to the merged type, which only the document
/// reveals.
#[must_use]
pub fn of(ctx: &Context<'_>, type_name: Option<fn() -> Cow<'static, str>>) -> String {
    let own = type_name.map(|name| name());
    let registry = &ctx.schema_env.registry;
    let in_schema = own.as_deref().filter(|name| registry.types.contains_key(*name));
    let parent = in_schema.or_else(|| Walk::of(ctx).parent()).or(own.as_deref()).unwrap_or(&registry.query_type);
    format!("{parent}.{}", ctx.item.node.name.node)
}

/// A walk to one field of the document. It visits a fragment once per type on which it is spread.
struct Walk<'a> {
    ctx: &'a Context<'a>,
    registry: &'a Registry,
    walked: HashSet<(&'a str, &'a str)>,
}

impl<'a> Walk<'a> {
    fn of(ctx: &'a Context<'a>) -> Self {
        Self { ctx, registry: &ctx.schema_env.registry, walked: HashSet::new() }
    }

    /// The type that the field is selected on.
    fn parent(mut self) -> Option<&'a str> {
        let operation = &self.ctx.query_env.operation.node;
        let root = match operation.ty {
            OperationType::Query => Some(self.registry.query_type.as_str()),
            OperationType::Mutation => self.registry.mutation_type.as_deref(),
            OperationType::Subscription => self.registry.subscription_type.as_deref(),
        };
        self.find(&operation.selection_set.node, root?)
    }

    fn find(&mut self, set: &'a SelectionSet, parent: &'a str) -> Option<&'a str> {
        set.items.iter().find_map(|selection| match &selection.node {
            Selection::Field(field) => self.find_in_field(field, parent),
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                let parent = condition.map_or(parent, |condition| self.narrowed(parent, &condition.node.on.node));
                self.find(&fragment.node.selection_set.node, parent)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = &self.ctx.query_env.fragments.get(&spread.node.fragment_name.node)?.node;
                let parent = self.narrowed(parent, &fragment.type_condition.node.on.node);
                let is_new = self.walked.insert((&spread.node.fragment_name.node, parent));
                if is_new { self.find(&fragment.selection_set.node, parent) } else { None }
            }
        })
    }

    fn find_in_field(&mut self, field: &'a Positioned<Field>, parent: &'a str) -> Option<&'a str> {
        if ptr::eq(field, self.ctx.item) {
            return Some(parent);
        }
        let meta = self.registry.types.get(parent)?.field_by_name(&field.node.name.node)?;
        self.find(&field.node.selection_set.node, MetaTypeName::concrete_typename(&meta.ty))
    }

    /// The narrower of two types. In a valid document one includes the other.
    fn narrowed(&self, parent: &'a str, condition: &'a str) -> &'a str {
        let is_object = matches!(self.registry.types.get(parent), Some(MetaType::Object { .. }));
        if is_object { parent } else { condition }
    }
}
