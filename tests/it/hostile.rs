//! Documents made to hurt, by chance: whatever the scan lets through, the parser and the budget survive. The same with
//! coverage as its guide is in `fuzz/`.

use async_graphql::{
    Value,
    parser::{
        parse_query,
        types::{ExecutableDocument, Selection, SelectionSet},
    },
};
use fieldguard::{
    api::settings::Limits,
    guard::limits::{budget, nesting},
};
use proptest::prelude::*;

/// Pieces that lead somewhere more often than random characters do.
const TOKENS: [&str; 36] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "{ a ",
    "{ a: b",
    "(x: ",
    "[[",
    "]]",
    "}}",
    "{x: ",
    "$v",
    "@d",
    "...",
    "... on T {",
    "...F",
    "fragment F on T {",
    "query ",
    "mutation M {",
    "query ($v: [T!] = [",
    ":",
    "1",
    "-1.5e3",
    "true",
    "\"s\"",
    "\"\\\"[\"",
    "\"[",
    "\"\"\"[ \\\"\"\" [\"\"\"",
    "\"\"\"",
    "# [[{\n",
    "\n",
    ",",
    "\u{feff}",
    "é",
];

/// What may stand between any two tokens, with brackets in it that are none.
const NOISE: [&str; 5] = [" ", "\n", ",", "# ]}){[( \"\n", "\r#\"\"\"{\r\n"];

fn value() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["1", r#""[{(\"[""#, r#""""[\"""{ " [""""#, r#""""#, "E"]);
    leaf.prop_map(str::to_owned).prop_recursive(10, 24, 2, |inner| {
        let noise = prop::sample::select(&NOISE[..]);
        prop_oneof![
            (noise.clone(), prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(n, it)| format!("[{n}{}]", it.join(n))),
            (noise, inner).prop_map(|(noise, it)| format!("{{x:{noise}{it}}}")),
        ]
    })
}

/// A document that parses.
fn document() -> impl Strategy<Value = String> {
    let leaf = (prop::sample::select(&NOISE[..]), value()).prop_map(|(noise, it)| format!("{{a{noise}(x:{it})}}"));
    leaf.prop_recursive(8, 24, 2, |inner| {
        let noise = prop::sample::select(&NOISE[..]);
        (noise, prop::collection::vec(inner, 1..3)).prop_map(|(noise, it)| format!("{{{noise}a {}}}", it.join(" a")))
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        document(),
        prop::collection::vec(prop::sample::select(&TOKENS[..]), 0..120).prop_map(|it| it.concat()),
        prop::collection::vec(prop::sample::select(&TOKENS[..12]), 0..400).prop_map(|it| it.concat()),
        ".{0,200}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_scan_bounds_the_nesting_of_whatever_parses(text in text(), nesting in 1_usize..12) {
        let limits = Limits { nesting, ..Limits::default() };
        if nesting::check(&text, &limits).is_ok() && let Ok(document) = parse_query(&text) {
            prop_assert!(depth(&document) <= nesting, "{text}");
            let _ = budget::check(&document, &limits);
        }
    }
}

/// How deep the selection sets and values of a document really nest.
fn depth(document: &ExecutableDocument) -> usize {
    let operations = document.operations.iter().map(|(_, it)| &it.node.selection_set.node);
    let fragments = document.fragments.values().map(|it| &it.node.selection_set.node);
    operations.chain(fragments).map(of_selections).max().unwrap_or_default()
}

fn of_selections(set: &SelectionSet) -> usize {
    let below = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => {
            let arguments = field.node.arguments.iter().map(|(_, value)| value.node.clone().into_const());
            let arguments = arguments.flatten().map(|value| 1 + of_value(&value)).max();
            of_selections(&field.node.selection_set.node).max(arguments.unwrap_or_default())
        }
        Selection::InlineFragment(inline) => of_selections(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => 0,
    });
    if set.items.is_empty() { 0 } else { 1 + below.max().unwrap_or_default() }
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(of_value).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(of_value).max().unwrap_or_default(),
        _ => 0,
    }
}
