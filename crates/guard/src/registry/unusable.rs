//! The faults of a schema on a certain server: what no caller of it can have, and what it has no way to serve.

use async_graphql::registry::{MetaField, MetaTypeName, Registry};
use fieldguard_policy::{permission::Catalogue, rule::Rule};

use super::{
    Fault,
    rows::{coordinate, fields, rules},
};

/// The scalar of async-graphql for files that are sent beside a document, as `multipart/form-data`.
const UPLOAD: &str = "Upload";

/// The faults of the schema in `registry` on a server that grants the permissions in `catalogue`, gives roles of the names that
/// `is_role` takes, and answers queries and mutations, in JSON. In a fixed order.
#[must_use]
pub fn unusable(registry: &Registry, catalogue: &Catalogue, is_role: impl Fn(&str) -> bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (ty, field) in fields(registry) {
        let coordinate = coordinate(ty, field);
        faults.extend(rules(field).iter().flat_map(|rule| unmet(rule, &coordinate, catalogue, &is_role)));
        if takes_upload(field) {
            faults.push(Fault::Upload(coordinate));
        }
    }
    faults.extend(registry.subscription_type.clone().map(Fault::Subscription));
    faults.sort();
    faults
}

fn unmet(rule: &Rule, coordinate: &str, catalogue: &Catalogue, is_role: impl Fn(&str) -> bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(permission) =
        rule.demanded_permission().filter(|permission| catalogue.find(permission.name()).is_none())
    {
        faults.push(Fault::UnknownPermission(coordinate.to_owned(), permission.name().to_owned()));
    }
    if let Some(name) = rule.demanded_role().filter(|name| !is_role(name)) {
        faults.push(Fault::ImpossibleRole(coordinate.to_owned(), name.to_owned()));
    }
    faults
}

fn takes_upload(field: &MetaField) -> bool {
    field.args.values().any(|argument| MetaTypeName::concrete_typename(&argument.ty) == UPLOAD)
}
