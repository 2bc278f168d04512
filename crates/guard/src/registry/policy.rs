//! The policy: a schema's types, the rules of their fields and where those lead, read once when a server starts. What
//! judges a document without running it, or tells callers what they may do, asks this.
//!
//! It holds what [`rows`](super::rows) lists and no rule of its own.

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

/// A schema's rules, by type and field.
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
    /// Its name.
    pub name: String,
    /// Its fields by name; none where it is a union.
    pub members: BTreeMap<String, Member>,
    /// The objects that a value of it can be: itself alone, where it is one.
    pub possible: Vec<String>,
    interfaces: Vec<String>,
}

/// A field.
#[derive(Debug)]
pub struct Member {
    /// Its coordinate, `Type.field`.
    pub coordinate: String,
    /// Its rules, of which all hold.
    pub rules: Vec<Rule>,
    /// The type behind it, lists and nulls peeled off.
    pub target: String,
    /// Would its null be its parent's?
    pub is_required: bool,
    /// Those of its arguments that tell of other fields.
    pub(crate) exposing: Vec<Input>,
    /// Whose it is what the field answers, where that is known before it does.
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
        let types = registry.types.values().filter(|it| !is_system(it.name()) && it.is_composite());
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

    /// The same on a server with these conventions.
    #[must_use]
    pub fn with(self, conventions: Conventions) -> Self {
        Self { conventions, ..self }
    }

    /// What rules mean on this server.
    #[must_use]
    pub const fn conventions(&self) -> &Conventions {
        &self.conventions
    }

    /// The input types whose values tell of fields.
    pub(crate) const fn exposing(&self) -> &Exposing {
        &self.exposing
    }

    /// Has any field of the schema an argument that tells of others?
    pub(crate) const fn has_exposing_arguments(&self) -> bool {
        self.has_exposing_arguments
    }

    /// The type of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// The root of operations of that kind.
    #[must_use]
    pub fn root(&self, kind: OperationType) -> Option<&Type> {
        self.find(&self.roots.iter().find(|(it, _)| *it == kind)?.1)
    }

    /// The field at a coordinate.
    #[must_use]
    pub fn member(&self, coordinate: &str) -> Option<&Member> {
        let (ty, field) = coordinate.split_once('.')?;
        self.find(ty)?.members.get(field)
    }

    /// Every field that `caller` is shown, by coordinate: one that may come to let the caller through, on a type that such
    /// fields lead to. Introspection shows the same.
    #[must_use]
    pub fn seen(&self, caller: Option<&dyn Principal>) -> BTreeMap<&str, &Member> {
        let types = self.seen_types(caller).into_iter().filter_map(|it| self.find(it));
        let members = types.flat_map(|it| it.members.values()).filter(|it| is_seen(&it.rules, caller));
        members.map(|it| (it.coordinate.as_str(), it)).collect()
    }

    /// The objects, interfaces and unions that `caller` is shown: those that fields lead to which are shown. An interface is
    /// shown with an object that implements it, and leads to other such objects only where a field has its type.
    #[must_use]
    pub fn seen_types(&self, caller: Option<&dyn Principal>) -> BTreeSet<&str> {
        let mut reached = Reached::default();
        let mut next: Vec<_> = self.starts.iter().map(|it| (it.as_str(), By::Field)).collect();
        while let Some((name, by)) = next.pop() {
            let Some(ty) = self.find(name) else { continue };
            let Some(is_new) = reached.note(&ty.name, by) else { continue };
            if is_new {
                let seen = ty.members.values().filter(|it| is_seen(&it.rules, caller));
                next.extend(seen.map(|it| (it.target.as_str(), By::Field)));
                next.extend(ty.interfaces.iter().map(|it| (it.as_str(), By::Implementer)));
            }
            if by == By::Field {
                next.extend(ty.possible.iter().map(|it| (it.as_str(), By::Field)));
            }
        }
        reached.types()
    }

    /// Every field there is, by coordinate.
    #[must_use]
    pub fn all(&self) -> BTreeMap<&str, &Member> {
        let members = self.types.values().flat_map(|it| it.members.values());
        members.map(|it| (it.coordinate.as_str(), it)).collect()
    }
}

impl Type {
    fn of(registry: &Registry, ty: &MetaType, exposing: &Exposing) -> Self {
        let fields = ty.fields().into_iter().flat_map(|it| it.values()).filter(|it| !is_system(&it.name));
        let possible = ty.possible_types().into_iter().flatten().cloned();
        Self {
            name: ty.name().to_owned(),
            members: fields.map(|it| (it.name.clone(), Member::of(ty, it, exposing))).collect(),
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
