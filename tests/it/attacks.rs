//! Documents that try to exhaust a server. Each is about as long as the method allows: 16 KiB by POST, and what fits
//! into a URL by GET.

use std::fmt::Write as _;

/// The size of a document by POST, in bytes, with room for the rest of an attack.
pub const POST_BYTES: usize = 16_000;
/// The size of a document by GET, in bytes. Some characters take three bytes.
pub const GET_BYTES: usize = 6_000;

/// A document, and the error it must get.
pub struct Attack {
    /// The name, for assertion messages.
    pub name: String,
    /// The code of the error.
    pub code: &'static str,
    /// The limit that the error names, if it names one.
    pub limit: Option<&'static str>,
    pub document: String,
}

/// Nests `1` this deep in `open` and `close`.
pub fn nested(depth: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}

/// Joins `count` parts, each made from its number.
pub fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

/// Fragments that each spread the next twice: 2^60 selections.
pub fn doubling() -> String {
    let mut document = String::from("{ ...F0 } fragment F60 on Query { serverInfo { version } }");
    for n in 0..60 {
        write!(document, " fragment F{n} on Query {{ ...F{m} ...F{m} }}", m = n + 1).unwrap();
    }
    document
}

/// Arguments with different names.
pub fn arguments(count: usize) -> String {
    repeated(count, |n| format!("a{n}:1"))
}

/// A fragment of many fields, the first with many arguments. Unused fragments spread it.
pub fn spreading(fields: usize, arguments: usize, fragments: usize) -> String {
    let fields = "__typename ".repeat(fields);
    let fragment = format!("fragment F on Query {{ __typename({}) {fields} }}", self::arguments(arguments));
    format!("{{ __typename }} {fragment} {}", repeated(fragments, |n| format!("fragment A{n} on Query{{...F}}")))
}

/// Fragments that each spread the next.
pub fn chain(length: usize) -> String {
    repeated(length, |n| format!("fragment A{n} on Query{{...A{}}}", n + 1))
}

/// Documents with `value` in every place where a value may stand.
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

/// Documents with `directives` in every place where directives may stand.
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

/// Every attack, in documents of about `bytes`.
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

/// A chain of fragments whose last one spreads the first.
fn circle(length: usize) -> String {
    format!("{{ ...A0 }} {} fragment A{length} on Query{{...A0}}", chain(length))
}
