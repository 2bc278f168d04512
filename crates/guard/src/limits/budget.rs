//! The budget of a parsed document, held before the library validates it: its rules walk fragments as often as they are
//! spread, and some hostile documents keep them busy for minutes.

use async_graphql::parser::types::ExecutableDocument;

use super::{
    cost::{Cost, Counter},
    directives, merging, within,
};
use crate::{failure::Failure, settings::Limits};

/// How deep introspection may nest lists: what tools ask is `types { fields }` and `types { possibleTypes }`, and each
/// further level multiplies the answer by the size of the schema.
const INTROSPECTION: usize = 2;

/// Holds every operation of a document to the limits; which one will run does not matter, since all are validated.
///
/// # Errors
///
/// `QUERY_TOO_COMPLEX`, naming the limit, its value and what was asked.
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
    // A fragment that no operation spreads is validated too.
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

    fn broken(document: &str) -> Option<String> {
        broken_of(document, &limits())
    }

    /// The limit a document breaks, or the code of another refusal.
    fn broken_of(document: &str, limits: &Limits) -> Option<String> {
        let failure = check(&parse_query(document).unwrap(), limits).err()?;
        let extensions = ServerError::from(failure).extensions.unwrap();
        let name = extensions.get("limit").or(extensions.get("code"));
        name.map(|it| it.to_string().trim_matches('"').to_owned())
    }

    #[test]
    fn holds_a_document_to_each_limit() {
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
            assert_eq!(broken(document).as_deref(), expected, "{document}");
        }
    }

    #[test]
    fn counts_how_deep_sets_nest_through_fragments() {
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
            assert_eq!(broken_of(document, &limits).as_deref(), expected, "{document}");
        }
    }

    #[test]
    fn counts_what_doubles_without_expanding_it() {
        for last in [" fragment F60 on Q { x }", ""] {
            let mut document = format!("{{ ...F0 }}{last}");
            for n in 0..60 {
                write!(document, " fragment F{n} on Q {{ ...F{m} ...F{m} }}", m = n + 1).unwrap();
            }
            assert_eq!(broken(&document).as_deref(), Some("selections"), "ends in {last:?}");
        }
    }
}
