//! Limits on a parsed document, checked before async-graphql validates it: its validation rules visit a fragment once
//! per spread, and a malicious document can keep them busy for minutes.

use async_graphql::parser::types::ExecutableDocument;

use super::{
    cost::{Cost, Counter},
    directives, merging, within,
};
use crate::{failure::Failure, settings::Limits};

/// The maximum nesting of introspection lists. Tools query `types { fields }` and `types { possibleTypes }`; each
/// further level multiplies the answer by the size of the schema.
const INTROSPECTION: usize = 2;

/// Checks all operations of a document, because all of them are validated, whichever runs.
///
/// # Errors
///
/// `QUERY_TOO_COMPLEX`, with the limit, its value and the document's value.
pub fn check(document: &ExecutableDocument, limits: &Limits) -> Result<(), Failure> {
    within("directives", directives::count(document), limits.directives)?;
    let mut counter = Counter::new(document, limits.set_nesting);
    let mut total = Cost::default();
    for (_, operation) in document.operations.iter() {
        let cost = counter.count(&operation.node.selection_set.node)?;
        check_operation(cost, limits)?;
        total.selections = total.selections.saturating_add(cost.selections);
        total.aliases = total.aliases.saturating_add(cost.aliases);
    }
    // Validation also visits fragments that no operation spreads.
    for fragment in document.fragments.values() {
        total.selections = total.selections.max(counter.count(&fragment.node.selection_set.node)?.selections);
    }
    within("selections", total.selections, limits.selections)?;
    within("aliases", total.aliases, limits.aliases)?;
    within("merging", merging::work(document), limits.merging)
}

fn check_operation(cost: Cost, limits: &Limits) -> Result<(), Failure> {
    within("selections", cost.selections, limits.selections)?;
    within("depth", cost.depth, limits.depth)?;
    within("rootFields", cost.width, limits.root_fields)?;
    within("introspection", cost.introspection, INTROSPECTION)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use async_graphql::{ServerError, parser::parse_query};

    use super::*;

    fn limits() -> Limits {
        Limits { depth: 4, selections: 20, merging: 60, aliases: 3, root_fields: 5, directives: 2, ..Limits::default() }
    }

    fn exceeded_limit(document: &str) -> Option<String> {
        exceeded_limit_with(document, &limits())
    }

    /// The limit that a document exceeds, or the code of another error.
    fn exceeded_limit_with(document: &str, limits: &Limits) -> Option<String> {
        let failure = check(&parse_query(document).unwrap(), limits).err()?;
        let extensions = ServerError::from(failure).extensions.unwrap();
        let name = extensions.get("limit").or(extensions.get("code"));
        name.map(|name| name.to_string().trim_matches('"').to_owned())
    }

    #[test]
    fn each_limit_is_enforced() {
        for (document, expected) in [
            ("{ a { b { c { d } } } }", None),
            ("{ a { b { c { d { e } } } } }", Some("depth")),
            ("{ a { ...F } } fragment F on Q { b { c { d { e } } } }", Some("depth")),
            ("{ a b c d e f }", Some("rootFields")),
            ("{ a b c ...F } fragment F on Q { d e f }", Some("rootFields")),
            ("{ a: x b: x c: x }", None),
            ("{ a: x b: x c: x d: x }", Some("aliases")),
            ("query A { a: x b: x } query B { c: x d: x }", Some("aliases")),
            ("query ($v: Int @a) @b { x @c }", Some("directives")),
            ("{ ...F @a } fragment F on Q @b { x @c }", Some("directives")),
            ("{ ...F } fragment F on Q { x ...F }", Some("GRAPHQL_VALIDATION_FAILED")),
            ("{ x } fragment F on Q { ...G } fragment G on Q { ...F }", Some("GRAPHQL_VALIDATION_FAILED")),
            ("{ __schema { types { fields { args { type { ofType { ofType { name } } } } } } } }", None),
            ("{ __type { fields { type { fields { type { fields { name } } } } } } }", Some("introspection")),
            ("{ ...Missing }", None),
            ("{ x(a: 1 b: 1 c: 1 d: 1 e: 1 f: 1 g: 1) }", None),
            ("{ x(a: 1 b: 1 c: 1 d: 1 e: 1 f: 1 g: 1 h: 1) }", Some("merging")),
        ] {
            assert_eq!(exceeded_limit(document).as_deref(), expected, "{document}");
        }
    }

    #[test]
    fn set_nesting_counts_through_fragments() {
        for (document, expected) in [
            ("{ a { b { c } } }", None),
            ("{ a { b { c { d } } } }", Some("setNesting")),
            ("{ a { ... on Q { b } } }", None),
            ("{ ...F } fragment F on Q { b { c } }", None),
            ("{ a { ...F } } fragment F on Q { b { c } }", Some("setNesting")),
            ("{ ...F a { ...F } } fragment F on Q { b { c } }", Some("setNesting")),
            ("{ a } fragment F on Q { ...G } fragment G on Q { ...H } fragment H on Q { b }", None),
            ("{ a } fragment F on Q { ...G } fragment G on Q { ...H } fragment H on Q { b { c } }", Some("setNesting")),
        ] {
            let limits = Limits { set_nesting: 3, ..limits() };
            assert_eq!(exceeded_limit_with(document, &limits).as_deref(), expected, "{document}");
        }
    }

    #[test]
    fn doubling_fragments_are_counted_without_expansion() {
        for last in [" fragment F60 on Q { x }", ""] {
            let mut document = format!("{{ ...F0 }}{last}");
            for n in 0..60 {
                write!(document, " fragment F{n} on Q {{ ...F{m} ...F{m} }}", m = n + 1).unwrap();
            }
            assert_eq!(exceeded_limit(&document).as_deref(), Some("selections"), "ends in {last:?}");
        }
    }
}
