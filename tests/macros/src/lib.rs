//! Attribute macros for tests with external requirements. If the requirement is missing, the test is listed as ignored,
//! with the reason. Rust's test runner decides this at compile time.
//!
//! An environment variable names each requirement. Setting or unsetting it rebuilds the tests.

use proc_macro::{TokenStream, TokenTree};

const POSTGRES: &str = "FIELDGUARD_TEST_POSTGRES_URL";

/// Ignores a test unless the given environment variable is set: `#[needs("FIELDGUARD_TEST_STRACE")]`. Put it above the
/// attribute that makes the function a test.
#[proc_macro_attribute]
pub fn needs(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let variable = attribute.to_string().trim_matches('"').to_owned();
    let mut tokens = ignored_without(&variable);
    tokens.extend(item);
    tokens.extend(tracked(&variable));
    tokens
}

/// Generates two tests of an asynchronous function, `sqlite` and `postgres`, in a module with its name. The second is
/// ignored if no server is configured. In each, `each` and similar functions use only that database. The arguments are
/// those of `#[tokio::test]`.
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

/// Separates the attributes that belong on the tests, `#[ignore]` and `#[should_panic]`, from the function.
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

/// Makes the compiler rebuild when the variable changes.
fn tracked(variable: &str) -> TokenStream {
    parse(&format!("const _: Option<&str> = option_env!(\"{variable}\");"))
}

fn parse(text: &str) -> TokenStream {
    text.parse().expect("the text is valid Rust")
}
