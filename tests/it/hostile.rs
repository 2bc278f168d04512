//! Random malicious documents. If the nesting check accepts a document, the parser and the budget check survive it.
//! `fuzz/` does the same with coverage guidance.

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

/// Fragments that reach more of the parser than random characters do.
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

/// Ignored tokens that may stand between any two tokens, with brackets that do not count.
const NOISE: [&str; 5] = [" ", "\n", ",", "# ]}){[( \"\n", "\r#\"\"\"{\r\n"];

fn value() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["1", r#""[{(\"[""#, r#""""[\"""{ " [""""#, r#""""#, "E"]);
    leaf.prop_map(str::to_owned).prop_recursive(10, 24, 2, |inner| {
        let noise = prop::sample::select(&NOISE[..]);
        prop_oneof![
            (noise.clone(), prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(noise, values)| format!("[{noise}{}]", values.join(noise))),
            (noise, inner).prop_map(|(noise, value)| format!("{{x:{noise}{value}}}")),
        ]
    })
}

/// A document that parses.
fn document() -> impl Strategy<Value = String> {
    let leaf =
        (prop::sample::select(&NOISE[..]), value()).prop_map(|(noise, value)| format!("{{a{noise}(x:{value})}}"));
    leaf.prop_recursive(8, 24, 2, |inner| {
        let noise = prop::sample::select(&NOISE[..]);
        (noise, prop::collection::vec(inner, 1..3))
            .prop_map(|(noise, sets)| format!("{{{noise}a {}}}", sets.join(" a")))
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        document(),
        prop::collection::vec(prop::sample::select(&TOKENS[..]), 0..120).prop_map(|tokens| tokens.concat()),
        prop::collection::vec(prop::sample::select(&TOKENS[..12]), 0..400).prop_map(|tokens| tokens.concat()),
        ".{0,200}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nesting_check_bounds_the_depth_of_documents_that_parse(text in text(), nesting in 1_usize..12) {
        let limits = Limits { nesting, ..Limits::default() };
        if nesting::check(&text, &limits).is_ok() && let Ok(document) = parse_query(&text) {
            prop_assert!(depth(&document) <= nesting, "{text}");
            let _ = budget::check(&document, &limits);
        }
    }
}

/// The actual nesting depth of the document's selection sets and values.
fn depth(document: &ExecutableDocument) -> usize {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).map(selection_depth).max().unwrap_or_default()
}

fn selection_depth(set: &SelectionSet) -> usize {
    let below = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => {
            let arguments = field.node.arguments.iter().map(|(_, value)| value.node.clone().into_const());
            let arguments = arguments.flatten().map(|value| 1 + value_depth(&value)).max();
            selection_depth(&field.node.selection_set.node).max(arguments.unwrap_or_default())
        }
        Selection::InlineFragment(inline) => selection_depth(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => 0,
    });
    if set.items.is_empty() { 0 } else { 1 + below.max().unwrap_or_default() }
}

fn value_depth(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(value_depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(value_depth).max().unwrap_or_default(),
        _ => 0,
    }
}
