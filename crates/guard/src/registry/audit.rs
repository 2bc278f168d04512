//! The faults that a guarded schema can have although it compiles. They are computed for all possible roles, not only
//! existing ones.

use std::collections::BTreeMap;

use async_graphql::registry::{MetaField, MetaType, Registry};
use fieldguard_policy::rule::Rule;

use super::{
    demands::Demands,
    is_system, reach,
    rows::{coordinate, fields, implementers, rules, rules_of},
};
use crate::{
    conventions::Conventions,
    directive::HIDDEN_NULL,
    exposes,
    owner::{self, Ownership},
};

/// A fault of a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// A field has no rule.
    #[error(
        "`{0}` has no rule: add `#[guarded]` to its type. If it is an interface field, no implementer has the strictest rule"
    )]
    Unruled(String),
    /// A field declares a rule that nothing enforces.
    #[error("`{0}` has `@auth` but no check: write it as a method in a `#[guarded]` block")]
    Unchecked(String),
    /// A denial of this field would null more than the field.
    #[error("`{0}` can be denied and is non-null: make its type nullable")]
    NonNull(String),
    /// A denial of this field would null more than the field, although its type is nullable.
    #[error("`{0}` can be denied, and an alias hides that its type is an `Option`: write `Option<…>`")]
    HiddenNull(String),
    /// Some callers see the type but none of its fields.
    #[error(
        "`{0}` is visible to callers who see none of its fields: relax the rule of a field, or restrict the fields that lead to `{0}`"
    )]
    Empty(String),
    /// Some callers see the first field, on an interface, but not the second, on an implementing type.
    #[error(
        "`{0}` is visible to callers who do not see `{1}`: make the rule of the interface field as strict as its implementers'"
    )]
    Wider(String, String),
    /// An argument, input field or enum value exposes a field that does not exist or has no rule.
    #[error("`{0}` exposes `{1}`, which is not a field with a rule: use a field coordinate, `Type.field`")]
    UnknownExposed(String, String),
    /// A field declares that an argument identifies its owner but has no such argument.
    #[error(
        "`{0}` declares that its argument `{1}` identifies the owner, but has no such argument: fix the name in `Ownership::argument`"
    )]
    UnknownOwner(String, String),
    /// A field requires a permission that no role can have.
    #[error("`{0}` requires the permission `{1}`, which is not in the server's catalogue: add it there")]
    UnknownPermission(String, String),
    /// A field requires a role that can't exist.
    #[error("`{0}` requires the role `{1}`, which is not a valid role name: use a valid one")]
    ImpossibleRole(String, String),
    /// A field takes a file, which only `multipart/form-data` requests can contain.
    #[error("`{0}` takes an `Upload`, but this server only accepts JSON requests: use a URL or a string instead")]
    Upload(String),
    /// The schema has subscriptions.
    #[error("`{0}` is a subscription type, but this server does not support subscriptions: remove it")]
    Subscription(String),
}

/// The faults of the completed schema in `registry`, in a fixed order.
#[must_use]
pub fn audit(registry: &Registry, conventions: &Conventions) -> Vec<Fault> {
    let superuser = conventions.superuser;
    let paths = paths(registry, superuser);
    let mut faults = of_fields(registry);
    faults.extend(empty_types(registry, &paths, superuser));
    faults.extend(unknown_owners(registry));
    faults.extend(exposes::declarations(registry).into_iter().filter_map(|(place, exposed)| {
        let is_known = exposed.split_once('.').is_some_and(|(ty, field)| !rules_of(registry, ty, field).is_empty());
        (!is_known).then_some(Fault::UnknownExposed(place, exposed))
    }));
    faults.extend(wider_interfaces(registry, &paths, superuser));
    faults.sort();
    faults
}

fn unknown_owners(registry: &Registry) -> Vec<Fault> {
    let unknown = |(ty, field): (&MetaType, &MetaField)| match owner::ownership(&field.directive_invocations)? {
        Ownership::Argument { name, .. } if !field.args.contains_key(&*name) => {
            Some(Fault::UnknownOwner(coordinate(ty, field), name.into_owned()))
        }
        _ => None,
    };
    fields(registry).filter_map(unknown).collect()
}

fn of_fields(registry: &Registry) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (ty, field) in fields(registry) {
        let (rules, coordinate) = (rules(field), coordinate(ty, field));
        let is_open = rules.iter().all(Rule::is_public);
        // A denied subscription is one error without events, whatever its event type.
        let is_stream = registry.subscription_type.as_deref() == Some(ty.name());
        if rules.is_empty() {
            faults.push(Fault::Unruled(coordinate));
        } else if !is_open && field.visible.is_none() {
            faults.push(Fault::Unchecked(coordinate));
        } else if field.directive_invocations.iter().any(|directive| directive.args.contains_key(HIDDEN_NULL)) {
            faults.push(Fault::HiddenNull(coordinate));
        } else if !is_open && field.ty.ends_with('!') && !is_stream {
            faults.push(Fault::NonNull(coordinate));
        }
    }
    faults
}

/// For each type, the demands on callers who see it: one minimal set per path to it.
type Paths<'a> = BTreeMap<&'a str, Vec<Demands>>;

fn paths<'a>(registry: &'a Registry, superuser: Option<&str>) -> Paths<'a> {
    let mut paths = Paths::new();
    let mut next: Vec<_> = reach::starts(registry).map(|name| (name, Demands::default())).collect();
    while let Some((name, path)) = next.pop() {
        let Some(ty) = registry.types.get(name) else { continue };
        let known = paths.entry(name).or_default();
        if known.iter().any(|known| path.cover(known, superuser)) {
            continue;
        }
        known.retain(|known| !known.cover(&path, superuser));
        known.push(path.clone());
        next.extend(reach::steps(registry, ty).into_iter().map(|step| {
            let demands = match step.way {
                reach::Way::Field(field) => Demands::to_see(&rules(field)),
                _ => Demands::default(),
            };
            (step.to, path.and(&demands))
        }));
    }
    paths
}

fn empty_types<'a>(registry: &'a Registry, paths: &Paths<'a>, superuser: Option<&str>) -> Vec<Fault> {
    let may_be_empty = [registry.mutation_type.as_deref(), registry.subscription_type.as_deref()];
    let shown = registry.types.values().filter(|ty| !is_system(ty.name()) && !may_be_empty.contains(&Some(ty.name())));
    let is_empty = |ty: &&MetaType| {
        let Some(fields) = ty.fields() else { return false };
        let paths = paths.get(ty.name()).map(Vec::as_slice).unwrap_or_default();
        let own = || fields.values().filter(|field| !is_system(&field.name));
        !paths.iter().all(|path| own().any(|field| path.cover(&Demands::to_see(&rules(field)), superuser)))
    };
    shown.filter(is_empty).map(|ty| Fault::Empty(ty.name().to_owned())).collect()
}

fn wider_interfaces<'a>(registry: &'a Registry, paths: &Paths<'a>, superuser: Option<&str>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (interface, field) in fields(registry).filter(|(ty, _)| ty.possible_types().is_some()) {
        let paths = paths.get(interface.name()).map(Vec::as_slice).unwrap_or_default();
        for (ty, behind) in implementers(registry, interface, &field.name) {
            let hidden = Demands::to_see(&rules(behind));
            let shown = Demands::to_see(&rules(field));
            if !paths.iter().all(|path| path.and(&shown).cover(&hidden, superuser)) {
                faults.push(Fault::Wider(coordinate(interface, field), coordinate(ty, behind)));
            }
        }
    }
    faults
}
