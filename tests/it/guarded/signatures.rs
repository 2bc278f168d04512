//! Every supported resolver signature compiles, answers like an unguarded resolver, and is denied where its rule denies
//! it.

use async_graphql::{Context, EmptyMutation, EmptySubscription, ID, Object, Schema, TypeName};
use fieldguard::guarded;
use serde_json::json;

use super::{BOOKS_READ, ask, data, errors, principal_with, reader, refused};

/// An error type that is not `Display` and reaches the answer by its conversion.
struct Broken(&'static str);

impl From<Broken> for async_graphql::Error {
    fn from(broken: Broken) -> Self {
        let mut error = Self::new(broken.0);
        error.extensions.get_or_insert_default().set("code", "BROKEN");
        error
    }
}

fn whole(value: i32) -> Result<i32, Broken> {
    if value < 0 { Err(Broken("negative")) } else { Ok(value) }
}

struct Query {
    name: String,
}

#[guarded(permission = BOOKS_READ)]
#[Object]
impl Query {
    async fn optional(&self, value: Option<i32>) -> Option<i32> {
        let value = value?;
        if value == 0 {
            return None;
        }
        Some(value)
    }

    async fn fallible_optional(&self, value: i32) -> Result<Option<i32>, Broken> {
        if value == 0 {
            return Ok(None);
        }
        let value = whole(value)?;
        Ok(Some(value))
    }

    async fn optional_fallible(&self, value: i32) -> Option<Result<i32, Broken>> {
        if value == 0 {
            return None;
        }
        Some(whole(value))
    }

    async fn fallible(&self, #[graphql(default = 5)] value: i32) -> Result<i32, Broken> {
        Ok(whole(value)? + 1)
    }

    async fn library_result(&self, value: i32) -> async_graphql::Result<Option<i32>> {
        if value < 0 {
            return Err("negative".into());
        }
        Ok(Some(value))
    }

    async fn plain(&self) -> i32 {
        7
    }

    fn sync_optional(&self, value: Option<i32>) -> Option<i32> {
        let value = value?;
        if value == 0 {
            return None;
        }
        Some(value)
    }

    fn sync_fallible_optional(&self, value: i32) -> Result<Option<i32>, Broken> {
        let value = whole(value)?;
        Ok(Some(value))
    }

    fn sync_optional_fallible(&self, value: i32) -> Option<Result<i32, Broken>> {
        Some(whole(value))
    }

    fn sync_fallible(&self, value: i32) -> Result<i32, Broken> {
        let value = whole(value)?;
        Ok(value)
    }

    fn sync_plain(&self) -> i32 {
        8
    }

    async fn borrowed(&self) -> Option<&str> {
        Some(&self.name)
    }

    fn sync_borrowed(&self) -> Option<&str> {
        Some(&self.name)
    }

    async fn borrowed_fallible<'a>(&'a self) -> Result<Option<&'a str>, Broken> {
        whole(1)?;
        Ok(Some(&self.name))
    }

    async fn borrowed_from_context<'a>(&self, ctx: &Context<'a>) -> Option<&'a str> {
        ctx.data_opt::<String>().map(String::as_str)
    }

    async fn ignored_context(&self, _: &Context<'_>, mut value: String) -> Option<String> {
        value.push('!');
        Some(value)
    }

    async fn list(&self) -> Option<Vec<&str>> {
        Some(vec![&self.name])
    }

    #[graphql(name = "renamed", deprecation = "old")]
    async fn r#type(&self) -> Option<bool> {
        Some(true)
    }

    #[cfg(not(test))]
    async fn absent(&self) -> Option<Missing> {
        None
    }

    #[graphql(skip)]
    fn no_field(&self) -> usize {
        self.name.len()
    }
}

#[tokio::test]
async fn guarded_resolver_answers_like_an_unguarded_one() {
    let query = Query { name: "ann".to_owned() };
    assert_eq!(query.no_field(), 3);
    let schema = Schema::build(query, EmptyMutation, EmptySubscription).data("held".to_owned()).finish();
    let librarian = principal_with(&["user"], &[BOOKS_READ]);
    let document = r#"{
        optional(value: 1) none: optional(value: 0) nothing: optional
        fallibleOptional(value: 1) noFallible: fallibleOptional(value: 0)
        optionalFallible(value: 1) noOptional: optionalFallible(value: 0)
        fallible defaulted: fallible(value: 1) libraryResult(value: 1) plain
        syncOptional(value: 1) syncNone: syncOptional(value: 0) syncFallibleOptional(value: 1)
        syncOptionalFallible(value: 1) syncFallible(value: 1) syncPlain
        borrowed syncBorrowed borrowedFallible borrowedFromContext ignoredContext(value: "a")
        list renamed
    }"#;
    assert_eq!(
        data(&ask(&schema, document, Some(&librarian)).await),
        &json!({
            "optional": 1, "none": null, "nothing": null, "fallibleOptional": 1, "noFallible": null,
            "optionalFallible": 1, "noOptional": null, "fallible": 6, "defaulted": 2, "libraryResult": 1, "plain": 7,
            "syncOptional": 1, "syncNone": null, "syncFallibleOptional": 1, "syncOptionalFallible": 1,
            "syncFallible": 1, "syncPlain": 8, "borrowed": "ann", "syncBorrowed": "ann", "borrowedFallible": "ann",
            "borrowedFromContext": "held", "ignoredContext": "a!", "list": ["ann"], "renamed": true,
        })
    );
}

#[tokio::test]
async fn resolver_of_every_signature_is_denied() {
    let schema = Schema::new(Query { name: "ann".to_owned() }, EmptyMutation, EmptySubscription);
    let nullable = [
        "optional(value: 1)",
        "fallibleOptional(value: 1)",
        "optionalFallible(value: 1)",
        "libraryResult(value: 1)",
        "syncOptional(value: 1)",
        "syncFallibleOptional(value: 1)",
        "syncOptionalFallible(value: 1)",
        "borrowed",
        "syncBorrowed",
        "borrowedFallible",
        "borrowedFromContext",
        "ignoredContext(value: \"a\")",
        "list",
        "renamed",
    ];
    for field in nullable {
        let answer = ask(&schema, &format!("{{ it: {field} }}"), Some(&reader())).await;
        assert_eq!(answer["data"], json!({"it": null}), "{field}");
        assert_eq!(errors(&answer), refused("FORBIDDEN", &["it"]), "{field}");
    }
    for field in ["fallible", "plain", "syncFallible(value: 1)", "syncPlain"] {
        let answer = ask(&schema, &format!("{{ it: {field} }}"), Some(&reader())).await;
        assert_eq!(answer["data"], json!(null), "{field}");
        assert_eq!(errors(&answer), refused("FORBIDDEN", &["it"]), "{field}");
    }
}

#[tokio::test]
async fn resolver_error_nulls_one_field_and_keeps_its_code() {
    let schema = Schema::new(Query { name: "ann".to_owned() }, EmptyMutation, EmptySubscription);
    let document = "{ plain a: fallibleOptional(value: -1) b: optionalFallible(value: -1) \
                    c: syncFallibleOptional(value: -1) d: syncOptionalFallible(value: -1) }";
    let answer = ask(&schema, document, Some(&principal_with(&["user"], &[BOOKS_READ]))).await;
    assert_eq!(answer["data"], json!({"plain": 7, "a": null, "b": null, "c": null, "d": null}));
    assert_eq!(errors(&answer), refused("BROKEN", &["a", "b", "c", "d"]));
}

struct Pair<T> {
    one: T,
}

#[guarded]
#[Object(concrete(name = "Words", params(String)), concrete(name = "Numbers", params(i32)))]
impl<T> Pair<T>
where
    T: async_graphql::OutputType + Clone,
{
    #[requires(permission = BOOKS_READ)]
    async fn one(&self) -> Option<T> {
        Some(self.one.clone())
    }

    #[requires(permission = BOOKS_READ)]
    async fn two(&self) -> Option<&T> {
        Some(&self.one)
    }
}

struct Named<T>(T);

impl TypeName for Named<i32> {
    fn type_name() -> std::borrow::Cow<'static, str> {
        "NamedByItself".into()
    }
}

#[guarded]
#[Object(name_type)]
impl Named<i32> {
    #[requires(signed_in)]
    async fn value(&self) -> Option<i32> {
        Some(self.0)
    }
}

struct Held<'a>(&'a str);

#[guarded]
#[Object]
impl<'a> Held<'a> {
    #[requires(signed_in)]
    async fn text(&self) -> Option<&'a str> {
        Some(self.0)
    }
}

struct Generic;

#[guarded(public)]
#[Object]
impl Generic {
    async fn words(&self) -> Pair<String> {
        Pair { one: "w".to_owned() }
    }

    async fn numbers(&self) -> Pair<i32> {
        Pair { one: 1 }
    }

    async fn named(&self) -> Named<i32> {
        Named(1)
    }

    async fn held(&self) -> Held<'static> {
        Held("h")
    }

    async fn id(&self) -> ID {
        ID::from("i")
    }
}

#[tokio::test]
async fn generic_types_are_guarded_under_their_concrete_names() {
    let schema = Schema::new(Generic, EmptyMutation, EmptySubscription);
    let document = "{ id words { one two } numbers { one two } named { value } held { text } }";
    assert_eq!(
        data(&ask(&schema, document, Some(&principal_with(&["user"], &[BOOKS_READ]))).await),
        &json!({
            "id": "i", "words": {"one": "w", "two": "w"}, "numbers": {"one": 1, "two": 1}, "named": {"value": 1},
            "held": {"text": "h"},
        })
    );
    let answer = ask(&schema, "{ words { one } numbers { one } named { value } held { text } }", None).await;
    let errors = answer["errors"].as_array().unwrap();
    let mut coordinates: Vec<_> =
        errors.iter().map(|error| error["extensions"]["coordinate"].as_str().unwrap()).collect();
    coordinates.sort_unstable();
    assert_eq!(coordinates, ["Held.text", "NamedByItself.value", "Numbers.one", "Words.one"]);
}

struct Names;

/// The items that the macro generates for a method have unique names, whatever the methods are called.
#[guarded(signed_in)]
#[Object]
#[expect(non_snake_case, reason = "names that are equal in upper case")]
impl Names {
    async fn the_block(&self) -> Option<i32> {
        Some(1)
    }

    async fn block(&self) -> Option<i32> {
        Some(2)
    }

    #[requires(permission = BOOKS_READ)]
    async fn shelfMark(&self) -> Option<i32> {
        Some(3)
    }

    #[graphql(name = "mark")]
    async fn shelfmark(&self) -> Option<i32> {
        Some(4)
    }
}

#[tokio::test]
async fn generated_names_of_methods_do_not_collide() {
    let schema = Schema::new(Names, EmptyMutation, EmptySubscription);
    let answer = ask(&schema, "{ theBlock block shelfMark mark }", Some(&reader())).await;
    assert_eq!(answer["data"], json!({ "theBlock": 1, "block": 2, "shelfMark": null, "mark": 4 }));
}
