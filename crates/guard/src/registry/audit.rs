//! The faults a guarded schema can have though it compiles. Judged for every role there could be, not for those there are.

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
    /// A field without a rule.
    #[error("`{0}` has no rule: guard its type with `#[guarded]`; on an interface: no implementer is the strictest")]
    Unruled(String),
    /// A field that says a rule which nothing enforces.
    #[error("`{0}` says `@auth`, but no check stands behind it: write it as a method in a `#[guarded]` block")]
    Unchecked(String),
    /// A refusal of this field would null more than the field.
    #[error("`{0}` can be refused and is non-null: make its type nullable")]
    NonNull(String),
    /// A refusal of this field would null more than the field, though its type is nullable.
    #[error("`{0}` can be refused, and an alias hides that its type is an `Option`: write `Option<…>` itself")]
    HiddenNull(String),
    /// Some caller is shown the type without a field in it.
    #[error("`{0}` is shown to callers who see none of its fields: open one of them, or guard the way to it")]
    Empty(String),
    /// Some caller is shown the first field, on an interface, and not the second, on a type behind it.
    #[error("`{0}` is shown to callers who do not see `{1}`: an interface's field is as strict as its implementers'")]
    Wider(String, String),
    /// The argument, the input field or the value of an enum tells of a field that the schema does not have, or that has no rule.
    #[error("`{0}` says that it exposes `{1}`, which is no field with a rule: write its coordinate, as `Type.field`")]
    UnknownExposed(String, String),
    /// The field says that an argument names its owner, and has no such argument.
    #[error("`{0}` says that its argument `{1}` names the owner, and it has no such argument")]
    UnknownOwner(String, String),
    /// The field demands a permission that no role can give.
    #[error(
        "`{0}` demands the permission `{1}`, which is in no catalogue: add it to the one that the program is made with"
    )]
    UnknownPermission(String, String),
    /// The field demands a role whose name no role can have.
    #[error("`{0}` demands the role `{1}`, and no role can have this name")]
    ImpossibleRole(String, String),
    /// The field takes a file, which only requests in `multipart/form-data` carry.
    #[error("`{0}` takes an `Upload`, and requests are taken in JSON alone: take a URL or a text instead")]
    Upload(String),
    /// The schema has subscriptions.
    #[error("`{0}` is a type of subscriptions, and this server has no transport for them: leave it out")]
    Subscription(String),
}

/// The faults of the completed schema in `registry`, in a fixed order.
#[must_use]
pub fn audit(registry: &Registry, conventions: &Conventions) -> Vec<Fault> {
    let superuser = conventions.superuser;
    let ways = ways(registry, superuser);
    let mut faults = of_fields(registry);
    faults.extend(empty_types(registry, &ways, superuser));
    faults.extend(unknown_owners(registry));
    faults.extend(exposes::declarations(registry).into_iter().filter_map(|(place, exposed)| {
        let is_known = exposed.split_once('.').is_some_and(|(ty, field)| !rules_of(registry, ty, field).is_empty());
        (!is_known).then_some(Fault::UnknownExposed(place, exposed))
    }));
    faults.extend(wider_interfaces(registry, &ways, superuser));
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
        // A refused subscription is one error and no event, whatever its events' type.
        let is_stream = registry.subscription_type.as_deref() == Some(ty.name());
        if rules.is_empty() {
            faults.push(Fault::Unruled(coordinate));
        } else if !is_open && field.visible.is_none() {
            faults.push(Fault::Unchecked(coordinate));
        } else if field.directive_invocations.iter().any(|it| it.args.contains_key(HIDDEN_NULL)) {
            faults.push(Fault::HiddenNull(coordinate));
        } else if !is_open && field.ty.ends_with('!') && !is_stream {
            faults.push(Fault::NonNull(coordinate));
        }
    }
    faults
}

/// By type, the demands on the callers who are shown it: each the least of one way to it.
type Ways<'a> = BTreeMap<&'a str, Vec<Demands>>;

fn ways<'a>(registry: &'a Registry, superuser: Option<&str>) -> Ways<'a> {
    let mut ways = Ways::new();
    let mut next: Vec<_> = reach::starts(registry).map(|it| (it, Demands::default())).collect();
    while let Some((name, way)) = next.pop() {
        let Some(ty) = registry.types.get(name) else { continue };
        let known = ways.entry(name).or_default();
        if known.iter().any(|it| way.cover(it, superuser)) {
            continue;
        }
        known.retain(|it| !it.cover(&way, superuser));
        known.push(way.clone());
        next.extend(reach::steps(registry, ty).into_iter().map(|step| {
            let demands = match step.way {
                reach::Way::Field(field) => Demands::to_see(&rules(field)),
                _ => Demands::default(),
            };
            (step.to, way.and(&demands))
        }));
    }
    ways
}

fn empty_types<'a>(registry: &'a Registry, ways: &Ways<'a>, superuser: Option<&str>) -> Vec<Fault> {
    let may_be_empty = [registry.mutation_type.as_deref(), registry.subscription_type.as_deref()];
    let shown = registry.types.values().filter(|ty| !is_system(ty.name()) && !may_be_empty.contains(&Some(ty.name())));
    let is_empty = |ty: &&MetaType| {
        let Some(fields) = ty.fields() else { return false };
        let ways = ways.get(ty.name()).map(Vec::as_slice).unwrap_or_default();
        let own = || fields.values().filter(|it| !is_system(&it.name));
        !ways.iter().all(|way| own().any(|it| way.cover(&Demands::to_see(&rules(it)), superuser)))
    };
    shown.filter(is_empty).map(|ty| Fault::Empty(ty.name().to_owned())).collect()
}

fn wider_interfaces<'a>(registry: &'a Registry, ways: &Ways<'a>, superuser: Option<&str>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (interface, field) in fields(registry).filter(|(ty, _)| ty.possible_types().is_some()) {
        let ways = ways.get(interface.name()).map(Vec::as_slice).unwrap_or_default();
        for (ty, behind) in implementers(registry, interface, &field.name) {
            let hidden = Demands::to_see(&rules(behind));
            let shown = Demands::to_see(&rules(field));
            if !ways.iter().all(|way| way.and(&shown).cover(&hidden, superuser)) {
                faults.push(Fault::Wider(coordinate(interface, field), coordinate(ty, behind)));
            }
        }
    }
    faults
}
