//! What a caller can reach, computed from the rules: from the roots over the fields he may see.

use std::collections::BTreeSet;

use fieldguard::domain::principal::Principal;

use crate::walk::schema::{Map, named};

/// The objects and interfaces that `caller` can reach.
pub fn types(map: &Map, caller: Option<&Principal>) -> BTreeSet<String> {
    let mut returned = BTreeSet::new();
    let mut next: Vec<&str> = map.roots.iter().map(String::as_str).collect();
    while let Some(name) = next.pop() {
        let Some(ty) = map.types.get(name) else { continue };
        let seen: Vec<_> = ty.fields.iter().filter(|it| sees(map, caller, name, &it.name)).collect();
        // A root of which nothing is seen is not there.
        if (ty.fields.is_empty() || !seen.is_empty()) && returned.insert(name.to_owned()) {
            next.extend(seen.iter().map(|it| named(&it.ty)));
            next.extend(ty.possible.iter().map(String::as_str));
        }
    }
    // An interface that no field has leads to no other type.
    let interfaces = returned.iter().flat_map(|name| map.types[name].interfaces.clone());
    interfaces.collect::<BTreeSet<_>>().union(&returned).cloned().collect()
}

/// The fields that `caller` can reach, as coordinates.
pub fn coordinates(map: &Map, caller: Option<&Principal>) -> BTreeSet<String> {
    let reached = types(map, caller);
    let fields = reached.iter().flat_map(|ty| map.types[ty].fields.iter().map(move |it| (ty, &it.name)));
    fields.filter(|(ty, name)| sees(map, caller, ty, name)).map(|(ty, name)| format!("{ty}.{name}")).collect()
}

/// Whoever would pass on a value of his own sees the field: that it may be his shows only when he asks.
fn sees(map: &Map, caller: Option<&Principal>, ty: &str, name: &str) -> bool {
    map.rules(&format!("{ty}.{name}")).iter().all(|rule| rule.decide(caller, true).is_ok())
}
