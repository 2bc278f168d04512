//! The policy of a schema: its types, and the rules and target types of their fields, computed once when a server
//! starts. Code that evaluates a document without running it, or tells callers what they may do, uses it.
//!
//! It contains the same rules as [`rows`](super::rows) and adds none.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_graphql::{
    parser::types::OperationType,
    registry::{MetaField, MetaType, MetaTypeName, Registry},
};
use fieldguard_policy::{Principal, rule::Rule};

use super::{
    is_system,
    reach::{self, By, Reached},
    rows,
};
use crate::{
    conventions::Conventions,
    exposes::{Exposing, Input},
    is_seen,
    owner::{self, Ownership},
};

/// The rules of a schema by type and field.
#[derive(Debug, Default)]
pub struct Policy {
    types: HashMap<String, Type>,
    roots: Vec<(OperationType, String)>,
    starts: Vec<String>,
    exposing: Exposing,
    has_exposing_arguments: bool,
    conventions: Conventions,
}

/// An object, an interface or a union.
#[derive(Debug)]
pub struct Type {
    /// The type's name.
    pub name: String,
    /// The fields by name; empty for a union.
    pub members: BTreeMap<String, Member>,
    /// The object types of its values; for an object only itself.
    pub possible: Vec<String>,
    interfaces: Vec<String>,
}

/// A field.
#[derive(Debug)]
pub struct Member {
    /// The field coordinate, `Type.field`.
    pub coordinate: String,
    /// The rules. A caller must pass all of them.
    pub rules: Vec<Rule>,
    /// The named type of the field, without lists and non-null markers.
    pub target: String,
    /// Whether the field is non-null, so that its null propagates to the parent.
    pub is_required: bool,
    /// The arguments that expose other fields.
    pub(crate) exposing: Vec<Input>,
    /// The owner of the value that the field returns, where it is known before execution.
    pub ownership: Option<Ownership>,
}

impl Policy {
    /// The policy of the completed schema in `registry`.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        let roots = [
            (OperationType::Query, Some(&registry.query_type)),
            (OperationType::Mutation, registry.mutation_type.as_ref()),
            (OperationType::Subscription, registry.subscription_type.as_ref()),
        ];
        let types = registry.types.values().filter(|ty| !is_system(ty.name()) && ty.is_composite());
        let exposing = Exposing::of(registry);
        let types: HashMap<_, _> = types.map(|ty| (ty.name().to_owned(), Type::of(registry, ty, &exposing))).collect();
        let mut members = types.values().flat_map(|ty| ty.members.values());
        Self {
            has_exposing_arguments: members.any(|member| !member.exposing.is_empty()),
            types,
            roots: roots.into_iter().filter_map(|(kind, name)| Some((kind, name?.clone()))).collect(),
            starts: reach::starts(registry).map(str::to_owned).collect(),
            exposing,
            conventions: Conventions::PLAIN,
        }
    }

    /// Sets the server's conventions.
    #[must_use]
    pub fn with(self, conventions: Conventions) -> Self {
        Self { conventions, ..self }
    }

    /// The server's conventions.
    #[must_use]
    pub const fn conventions(&self) -> &Conventions {
        &self.conventions
    }

    /// The input types whose values expose fields.
    pub(crate) const fn exposing(&self) -> &Exposing {
        &self.exposing
    }

    /// Whether any field of the schema has an argument that exposes others.
    pub(crate) const fn has_exposing_arguments(&self) -> bool {
        self.has_exposing_arguments
    }

    /// The type `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// The root type of this kind of operation.
    #[must_use]
    pub fn root(&self, kind: OperationType) -> Option<&Type> {
        self.find(&self.roots.iter().find(|(root, _)| *root == kind)?.1)
    }

    /// The field at a coordinate.
    #[must_use]
    pub fn member(&self, coordinate: &str) -> Option<&Member> {
        let (ty, field) = coordinate.split_once('.')?;
        self.find(ty)?.members.get(field)
    }

    /// The fields that `caller` sees, by coordinate: fields that may be allowed, on types that such fields lead to.
    /// Introspection shows the same.
    #[must_use]
    pub fn seen(&self, caller: Option<&dyn Principal>) -> BTreeMap<&str, &Member> {
        let types = self.seen_types(caller).into_iter().filter_map(|name| self.find(name));
        let members = types.flat_map(|ty| ty.members.values()).filter(|member| is_seen(&member.rules, caller));
        members.map(|member| (member.coordinate.as_str(), member)).collect()
    }

    /// The objects, interfaces and unions that `caller` sees: the targets of visible fields. An interface is visible if
    /// an implementing object is, and makes other implementing objects visible only if a field has its type.
    #[must_use]
    pub fn seen_types(&self, caller: Option<&dyn Principal>) -> BTreeSet<&str> {
        let mut reached = Reached::default();
        let mut next: Vec<_> = self.starts.iter().map(|name| (name.as_str(), By::Field)).collect();
        while let Some((name, by)) = next.pop() {
            let Some(ty) = self.find(name) else { continue };
            let Some(is_new) = reached.note(&ty.name, by) else { continue };
            if is_new {
                let seen = ty.members.values().filter(|member| is_seen(&member.rules, caller));
                next.extend(seen.map(|member| (member.target.as_str(), By::Field)));
                next.extend(ty.interfaces.iter().map(|name| (name.as_str(), By::Implementer)));
            }
            if by == By::Field {
                next.extend(ty.possible.iter().map(|name| (name.as_str(), By::Field)));
            }
        }
        reached.types()
    }

    /// All fields by coordinate.
    #[must_use]
    pub fn all(&self) -> BTreeMap<&str, &Member> {
        let members = self.types.values().flat_map(|ty| ty.members.values());
        members.map(|member| (member.coordinate.as_str(), member)).collect()
    }
}

impl Type {
    fn of(registry: &Registry, ty: &MetaType, exposing: &Exposing) -> Self {
        let fields = ty.fields().into_iter().flat_map(|fields| fields.values()).filter(|field| !is_system(&field.name));
        let possible = ty.possible_types().into_iter().flatten().cloned();
        Self {
            name: ty.name().to_owned(),
            members: fields.map(|field| (field.name.clone(), Member::of(ty, field, exposing))).collect(),
            possible: if ty.is_abstract() { possible.collect() } else { vec![ty.name().to_owned()] },
            interfaces: registry.implements.get(ty.name()).into_iter().flatten().cloned().collect(),
        }
    }
}

impl Member {
    fn of(ty: &MetaType, field: &MetaField, exposing: &Exposing) -> Self {
        let coordinate = rows::coordinate(ty, field);
        Self {
            rules: rows::rules(field),
            target: MetaTypeName::concrete_typename(&field.ty).to_owned(),
            is_required: field.ty.ends_with('!'),
            exposing: exposing.arguments(field),
            ownership: owner::ownership(&field.directive_invocations),
            coordinate,
        }
    }
}
