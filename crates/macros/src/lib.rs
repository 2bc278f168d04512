//! The `#[guarded]` attribute macro. It writes checks and decides nothing: the decision is `fieldguard_policy::rule`.

mod attribute;
mod block;
mod emit;
mod errors;
mod field;
mod method;
mod returns;
mod root;
mod rule;
mod structure;

use proc_macro::TokenStream;

/// Gives every field of a GraphQL type its access rule.
///
/// It stands above `#[Object]`, `#[ComplexObject]` or `#[Subscription]` of async-graphql, and every method of the block says who
/// may use it; or above `#[derive(SimpleObject)]`, and every field of the struct says it. A complete program with permissions of its own is at `fieldguard_guard`.
///
/// ```text
/// #[guarded]
/// #[Object]
/// impl Invoice {
///     #[public]
///     async fn number(&self) -> &str { … }
///
///     /// What is to be paid.
///     #[requires(permission = INVOICES_READ, or_self)]
///     async fn total(&self) -> Option<i32> { … }
/// }
/// ```
///
/// A struct whose fields are all there is:
///
/// ```text
/// #[guarded(public)]
/// #[derive(SimpleObject)]
/// struct Receipt {
///     /// The number printed on it.
///     number: u32,
///     /// By whom it was paid.
///     #[requires(permission = INVOICES_READ)]
///     payer: Option<String>,
/// }
/// ```
///
/// # Rules
///
/// | above a method | who passes |
/// |---|---|
/// | `#[public]` | everyone, signed in or not |
/// | `#[requires(signed_in)]` | everyone who is signed in |
/// | `#[requires(role = SUPPORT)]` | holders of the role, a `&'static str` constant |
/// | `#[requires(permission = INVOICES_READ)]` | whose roles give the permission, a `Permission` constant |
/// | `#[requires(role = …, permission = …)]` | who meets both |
/// | `#[requires(session)]` | who signed in; a personal access token does not do |
/// | `#[requires(fresh)]` | who gave the password in this session within the last five minutes |
/// | … `, or_self)]` | the owner too, without the role or permission; the type implements `Owned` |
/// | … `, session)]`, … `, fresh)]` | of those, who meets this as well, owner or not |
///
/// **A method without a rule does not compile.** A rule on the block, `#[guarded(signed_in)]`, covers the methods that
/// have none of their own and adds to those that do: both hold, so `#[public]` opens nothing in a closed block.
///
/// # What it makes of a rule
///
/// - **The check**, first thing inside the method, whichever way leads there: an alias, a fragment, an interface, a
///   union, a merged object, an entity finder. It looks at the request's `Caller` and at `self`, and at nothing else.
/// - **A return type that nulls exactly the refused field.** `Option<T>` and `Result<Option<T>, E>` become
///   `Option<Result<T>>`; `T` and `Result<T, E>` become `Result<T>`, whose refusal nulls the next nullable parent, as
///   GraphQL has it. So a field that can be refused answers an `Option`. `Option` and `Result` are known by their
///   spelling; where an alias hides an `Option`, the audit of the schema finds it.
/// - **The error**: code `UNAUTHENTICATED` or `FORBIDDEN`, the field's coordinate, what it `requires`, the full path.
/// - **Visibility**: introspection shows the field to callers who might pass. With `or_self` that is everyone;
///   `fresh` hides nothing.
/// - **The directive** in the printed schema, `@public` or `@auth(…)`, on the field always, on the type for the block's.
/// - **The last sentence of the description**, once the schema is completed by `fieldguard_guard::registry::complete`.
///
/// A public field that cannot fail is left as it is written and costs nothing.
///
/// # Where it needs help
///
/// - An `#[Interface]` names a guarded nullable field by the type made of it:
///   `field(name = "total", ty = "Option<Result<i32, async_graphql::Error>>")`. Such a field takes the rule of its
///   strictest implementer.
/// - `#[derive(SimpleObject)]` with `#[graphql(complex)]` is not for it: write an `#[Object]` block, which has a method for each
///   field.
/// - `#[graphql(guard = …)]`, `#[graphql(visible = …)]` and `#[graphql(derived(…))]` are refused, since they would say a
///   second thing about access or make fields without a rule. `#[graphql(flatten)]` takes `#[public]`, for the flattened
///   type's fields carry their own rules. `#[graphql(skip)]` is no field and takes no rule.
/// - `fieldguard_guard::registry::audit` finds what no single block can: call it in a test. `registry::unusable` finds what
///   a certain server cannot give or serve; a server with such a schema does not start.
#[proc_macro_attribute]
pub fn guarded(arguments: TokenStream, block: TokenStream) -> TokenStream {
    block::expand(arguments.into(), block.into()).into()
}
