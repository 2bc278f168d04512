//! The types and fields that a caller can reach, computed from the rules, starting at the root types.

use std::collections::BTreeSet;

use fieldguard::domain::principal::Principal;

use crate::walk::schema::{Map, named};

/// The objects and interfaces that `caller` can reach.
pub fn types(map: &Map, caller: Option<&Principal>) -> BTreeSet<String> {
    let mut returned = BTreeSet::new();
    let mut next: Vec<&str> = map.roots.iter().map(String::as_str).collect();
    while let Some(name) = next.pop() {
        let Some(ty) = map.types.get(name) else { continue };
        let seen: Vec<_> = ty.fields.iter().filter(|field| sees(map, caller, name, &field.name)).collect();
        // A root type without visible fields is not shown.
        if (ty.fields.is_empty() || !seen.is_empty()) && returned.insert(name.to_owned()) {
            next.extend(seen.iter().map(|field| named(&field.ty)));
            next.extend(ty.possible.iter().map(String::as_str));
        }
    }
    // An interface that no field returns does not lead to its possible types.
    let interfaces = returned.iter().flat_map(|name| map.types[name].interfaces.clone());
    interfaces.collect::<BTreeSet<_>>().union(&returned).cloned().collect()
}

/// The coordinates of the fields that `caller` can reach.
pub fn coordinates(map: &Map, caller: Option<&Principal>) -> BTreeSet<String> {
    let reached = types(map, caller);
    let fields = reached.iter().flat_map(|ty| map.types[ty].fields.iter().map(move |field| (ty, &field.name)));
    fields.filter(|(ty, name)| sees(map, caller, ty, name)).map(|(ty, name)| format!("{ty}.{name}")).collect()
}

/// Whether the caller sees the field. A field that the caller may read only on their own objects is visible: ownership
/// is known only at execution.
fn sees(map: &Map, caller: Option<&Principal>, ty: &str, name: &str) -> bool {
    map.rules(&format!("{ty}.{name}")).iter().all(|rule| rule.decide(caller, true).is_ok())
}
