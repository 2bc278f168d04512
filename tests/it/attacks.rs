//! Documents made to exhaust a server, in the size in which each way of sending takes them: 16 KiB by POST, what fits into a
//! URL by GET.

use std::fmt::Write as _;

/// What a document may have by POST, some left for what stands around an attack.
pub const POST_BYTES: usize = 16_000;
/// What it may have by GET, where some characters take three bytes.
pub const GET_BYTES: usize = 6_000;

/// A document, and the refusal it must get.
pub struct Attack {
    /// What it is, for messages.
    pub name: String,
    /// The code of the refusal.
    pub code: &'static str,
    /// The limit that the refusal names, where it names one.
    pub limit: Option<&'static str>,
    /// What is sent.
    pub document: String,
}

/// What nests this deep between the two texts.
pub fn nested(depth: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}

/// So many parts, told apart by their number.
pub fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

/// Fragments of which each spreads the next twice: 2^60 selections.
pub fn doubling() -> String {
    let mut document = String::from("{ ...F0 } fragment F60 on Query { serverInfo { version } }");
    for n in 0..60 {
        write!(document, " fragment F{n} on Query {{ ...F{m} ...F{m} }}", m = n + 1).unwrap();
    }
    document
}

/// Arguments of different names.
pub fn arguments(count: usize) -> String {
    repeated(count, |n| format!("a{n}:1"))
}

/// A fragment of many fields, the first with many arguments, which other fragments spread that no operation spreads.
pub fn spreading(fields: usize, arguments: usize, fragments: usize) -> String {
    let fields = "__typename ".repeat(fields);
    let fragment = format!("fragment F on Query {{ __typename({}) {fields} }}", self::arguments(arguments));
    format!("{{ __typename }} {fragment} {}", repeated(fragments, |n| format!("fragment A{n} on Query{{...F}}")))
}

/// Fragments of which each spreads the next.
pub fn chain(length: usize) -> String {
    repeated(length, |n| format!("fragment A{n} on Query{{...A{}}}", n + 1))
}

/// Documents in which `value` stands wherever a value may.
pub fn places(value: &str) -> [(&'static str, String); 9] {
    [
        ("an argument", format!("{{ node(id: {value}) {{ id }} }}")),
        ("an argument of a mutation", format!("mutation {{ login(input: {value}) {{ expiresIn }} }}")),
        ("a variable's default", format!("query ($a: ID = {value}) {{ node(id: $a) {{ id }} }}")),
        ("a variable's directive", format!("query ($a: ID @a(b: {value})) {{ node(id: $a) {{ id }} }}")),
        ("a field's directive", format!("{{ serverInfo @include(if: {value}) {{ version }} }}")),
        ("an operation's directive", format!("query @a(b: {value}) {{ serverInfo {{ version }} }}")),
        ("a fragment's directive", format!("{{ ...F }} fragment F on Query @a(b: {value}) {{ __typename }}")),
        ("a spread's directive", format!("{{ ...F @skip(if: {value}) }} fragment F on Query {{ __typename }}")),
        ("an inline fragment's directive", format!("{{ ... @skip(if: {value}) {{ __typename }} }}")),
    ]
}

/// Documents in which `directives` stand wherever directives may.
fn directed(directives: &str) -> [(&'static str, String); 6] {
    [
        ("a field", format!("{{ __typename {directives} }}")),
        ("a variable", format!("query ($a: ID {directives}) {{ node(id: $a) {{ id }} }}")),
        ("an operation", format!("query {directives} {{ __typename }}")),
        ("a fragment", format!("{{ ...F }} fragment F on Query {directives} {{ __typename }}")),
        ("a spread", format!("{{ ...F {directives} }} fragment F on Query {{ __typename }}")),
        ("an inline fragment", format!("{{ ... {directives} {{ __typename }} }}")),
    ]
}

/// Every attack, in documents of not much more than `bytes`.
pub fn all(bytes: usize) -> Vec<Attack> {
    let mut attacks = Vec::new();
    let mut add = |name: String, limit: &'static str, document: String| {
        attacks.push(Attack { name, code: "QUERY_TOO_COMPLEX", limit: Some(limit), document });
    };
    for (kind, open, close) in [("lists", "[", "]"), ("objects", "{a:", "}"), ("both", "[{a:", "}]")] {
        let value = nested(bytes / (open.len() + close.len()) - 30, open, close);
        for (place, document) in places(&value) {
            add(format!("nested {kind} in {place}"), "nesting", document);
        }
    }
    for directive in ["@include(if:true)", "@a"] {
        for (place, document) in directed(&format!("{directive} ").repeat(bytes / (directive.len() + 2))) {
            add(format!("a flood of {directive} on {place}"), "directives", document);
        }
    }
    let login = r#"login(input:{username:"bob",password:"a guess"}){expiresIn}"#;
    let half = bytes / 2;
    for (name, limit, document) in [
        ("nested selections", "nesting", "{a".repeat(half)),
        ("deep fields", "depth", format!("{}{}", "{ a ".repeat(30), "}".repeat(30))),
        ("fragments that double", "selections", doubling()),
        ("fragments that double to nothing", "selections", doubling().replace("fragment F60", "fragment G")),
        ("fragments that double, unused", "selections", doubling().replacen("...F0", "__typename", 1)),
        ("many aliases", "aliases", format!("{{ serverInfo {{ {} }} }}", repeated(500, |n| format!("a{n}:version")))),
        ("aliases of a root field", "rootFields", format!("{{ {} }}", repeated(400, |n| format!("a{n}:__typename")))),
        ("aliases over operations", "aliases", repeated(200, |n| format!("query A{n}{{serverInfo{{a:version}}}}"))),
        ("aliases of one sign-in", "signIns", format!("mutation {{ {} }}", repeated(10, |n| format!("a{n}:{login}")))),
        ("fields to merge", "merging", merged(400)),
        ("fragments to merge", "merging", spreading(200, 200, 100)),
        ("a chain of fragments", "setNesting", format!("{{ ...A0 }} {}", chain(250))),
        ("a chain of fragments, unused", "setNesting", format!("{{ __typename }} {}", chain(250))),
        ("a circle of many fragments", "setNesting", circle(250)),
    ] {
        add(name.to_owned(), limit, document);
    }
    for (name, document) in [
        ("a fragment in itself", "{ ...F } fragment F on Query { ...F }".to_owned()),
        ("a circle of two", "{ ...A0 } fragment A0 on Query { ...A1 } fragment A1 on Query { ...A0 }".to_owned()),
        ("a circle of fragments", circle(40)),
        ("a circle of fragments, unused", circle(40).replacen("...A0", "__typename", 1)),
    ] {
        attacks.push(Attack { name: name.to_owned(), code: "GRAPHQL_VALIDATION_FAILED", limit: None, document });
    }
    attacks
}

fn merged(count: usize) -> String {
    format!("{{ serverInfo {{ version({}) {} }} }}", arguments(count), "version ".repeat(count))
}

/// A chain whose last fragment spreads the first.
fn circle(length: usize) -> String {
    format!("{{ ...A0 }} {} fragment A{length} on Query{{...A0}}", chain(length))
}
