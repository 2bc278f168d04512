//! Attribute macros for tests that need more than the machine may have. Such a test is listed as ignored where that is
//! missing, with the reason: the runner of Rust's tests decides so when it is built, not when it runs.
//!
//! What is needed is named by an environment variable. The tests are built again where it is set or unset.

use proc_macro::{TokenStream, TokenTree};

const POSTGRES: &str = "FIELDGUARD_TEST_POSTGRES_URL";

/// Ignores a test unless the environment variable in the attribute is set: `#[needs("FIELDGUARD_TEST_STRACE")]`. It stands
/// above the attribute that makes the function a test.
#[proc_macro_attribute]
pub fn needs(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let variable = attribute.to_string().trim_matches('"').to_owned();
    let mut tokens = ignored_without(&variable);
    tokens.extend(item);
    tokens.extend(tracked(&variable));
    tokens
}

/// Makes two tests of an asynchronous function, `sqlite` and `postgres`, in a module of its name; the second is ignored
/// where no server is named. `each` and its like, when the function calls them, then take that database alone. The
/// attribute's arguments are those of `#[tokio::test]`.
#[proc_macro_attribute]
pub fn on_each_database(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let (of_tests, function) = split(item);
    let name = name(&function);
    let ignored = if is_ignored(&of_tests) { TokenStream::new() } else { ignored_without(POSTGRES) };
    let mut tokens = function;
    tokens.extend(parse(&format!(
        "mod {name} {{
            use crate::database::{{Kind, on}};
            {of_tests} #[::tokio::test({attribute})]
            async fn sqlite() {{ on(Kind::Sqlite, Box::pin(super::{name}())).await; }}
            {of_tests} {ignored} #[::tokio::test({attribute})]
            async fn postgres() {{ on(Kind::Postgres, Box::pin(super::{name}())).await; }}
        }}"
    )));
    tokens.extend(tracked(POSTGRES));
    tokens
}

/// Takes from a function the attributes that are the business of its tests: `#[ignore]` and `#[should_panic]`.
fn split(item: TokenStream) -> (TokenStream, TokenStream) {
    let (mut of_tests, mut function) = (TokenStream::new(), TokenStream::new());
    let mut tokens = item.into_iter().peekable();
    while let Some(sign) = tokens.next_if(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == '#')) {
        let attribute = tokens.next().expect("an attribute follows its sign");
        let for_tests = ["ignore", "should_panic"].contains(&first_word(&attribute).as_str());
        let kept = if for_tests { &mut of_tests } else { &mut function };
        kept.extend([sign, attribute]);
    }
    function.extend(tokens);
    (of_tests, function)
}

fn first_word(attribute: &TokenTree) -> String {
    let TokenTree::Group(group) = attribute else { return String::new() };
    group.stream().into_iter().next().map(|token| token.to_string()).unwrap_or_default()
}

fn is_ignored(attributes: &TokenStream) -> bool {
    attributes.clone().into_iter().any(|token| first_word(&token) == "ignore")
}

fn name(function: &TokenStream) -> String {
    let mut tokens = function.clone().into_iter().map(|token| token.to_string());
    tokens.find(|token| token == "fn").and_then(|_| tokens.next()).expect("the attribute stands above a function")
}

#[expect(clippy::disallowed_methods, reason = "the variable is for tests, not a setting")]
fn ignored_without(variable: &str) -> TokenStream {
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => TokenStream::new(),
        _ => parse(&format!("#[ignore = \"set {variable}\"]")),
    }
}

/// Has the compiler note that the result depends on the variable.
fn tracked(variable: &str) -> TokenStream {
    parse(&format!("const _: Option<&str> = option_env!(\"{variable}\");"))
}

fn parse(text: &str) -> TokenStream {
    text.parse().expect("it is Rust")
}
