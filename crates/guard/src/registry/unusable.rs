//! The faults of a schema on a specific server: rules that no caller can pass, and features that the server does not
//! support.

use async_graphql::registry::{MetaField, MetaTypeName, Registry};
use fieldguard_policy::{permission::Catalogue, rule::Rule};

use super::{
    Fault,
    rows::{coordinate, fields, rules},
};

/// async-graphql's scalar for files in a `multipart/form-data` request.
const UPLOAD: &str = "Upload";

/// The faults of the schema in `registry`, in a fixed order, on a server that has the permissions in `catalogue` and
/// the roles that `is_role` accepts, and that runs queries and mutations in JSON.
#[must_use]
pub fn unusable(registry: &Registry, catalogue: &Catalogue, is_role: impl Fn(&str) -> bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (ty, field) in fields(registry) {
        let coordinate = coordinate(ty, field);
        faults.extend(rules(field).iter().flat_map(|rule| impossible(rule, &coordinate, catalogue, &is_role)));
        if takes_upload(field) {
            faults.push(Fault::Upload(coordinate));
        }
    }
    faults.extend(registry.subscription_type.clone().map(Fault::Subscription));
    faults.sort();
    faults
}

fn impossible(rule: &Rule, coordinate: &str, catalogue: &Catalogue, is_role: impl Fn(&str) -> bool) -> Vec<Fault> {
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
