//! The `#[guarded]` attribute macro. It generates checks; `fieldguard_policy::rule` makes the decisions.

mod at_hand;
mod attribute;
mod awaited;
mod block;
mod emit;
mod errors;
mod field;
mod method;
mod planned;
mod returns;
mod root;
mod rule;
mod structure;

use proc_macro::TokenStream;

/// Gives every field of a GraphQL type its access rule.
///
/// Put it above `#[Object]`, `#[ComplexObject]` or `#[Subscription]` of async-graphql and add a rule to every method,
/// or above `#[derive(SimpleObject)]` and add a rule to every field of the struct. See `fieldguard_guard` for a
/// complete program.
///
/// ```text
/// #[guarded]
/// #[Object]
/// impl Invoice {
///     #[public]
///     async fn number(&self) -> &str { … }
///
///     /// The amount due.
///     #[requires(permission = INVOICES_READ, or_self)]
///     async fn total(&self) -> Option<i32> { … }
/// }
/// ```
///
/// A struct whose fields are the fields of the type:
///
/// ```text
/// #[guarded(public)]
/// #[derive(SimpleObject)]
/// struct Receipt {
///     /// The number printed on it.
///     number: u32,
///     /// The payer.
///     #[requires(permission = INVOICES_READ)]
///     payer: Option<String>,
/// }
/// ```
///
/// # Rules
///
/// | attribute | who passes |
/// |---|---|
/// | `#[public]` | every caller |
/// | `#[requires(signed_in)]` | signed-in callers |
/// | `#[requires(role = SUPPORT)]` | callers with the role, a `&'static str` constant |
/// | `#[requires(permission = INVOICES_READ)]` | callers with the permission, a `Permission` constant |
/// | `#[requires(role = …, permission = …)]` | callers with both |
/// | `#[requires(session)]` | callers with a session; a personal access token is not enough |
/// | `#[requires(mfa)]` | callers who proved two factors in this session |
/// | `#[requires(fresh)]` | callers who gave their password in this session within the last five minutes |
/// | … `, or_self)]` | also the owner, without the role or permission; the type must implement `Owned` |
/// | … `, session)]`, … `, mfa)]`, … `, fresh)]` | of these, only callers who also meet this; it applies to the owner, too |
///
/// **A method without a rule does not compile.** A rule on the block, `#[guarded(signed_in)]`, applies to all its
/// methods. A method's own rule applies in addition, so `#[public]` does not open a method in a restricted block.
///
/// # What a rule generates
///
/// - **The check** at the start of the method, whichever way leads there: an alias, a fragment, an interface, a union,
///   a merged object, an entity finder. It depends only on the request's `Caller` and on `self`.
/// - **A return type with which a denial nulls only the denied field.** `Option<T>` and `Result<Option<T>, E>` become
///   `Option<Result<T>>`; `T` and `Result<T, E>` become `Result<T>`, whose denial nulls the next nullable parent, as in
///   GraphQL. So a field that can be denied should return an `Option`. `Option` and `Result` are recognized by their
///   spelling; the audit of the schema finds aliases that hide an `Option`.
/// - **The error**: code `UNAUTHENTICATED` or `FORBIDDEN`, the field coordinate, what the field `requires`, the full
///   path.
/// - **Visibility**: introspection shows the field to callers who might pass. With `or_self` these are all callers;
///   `mfa` and `fresh` hide nothing.
/// - **The directive** in the printed schema, `@public` or `@auth(…)`: on the field for its rule, on the type for the
///   block's.
/// - **A reader** for every field that is at hand: its method takes nothing but `&self`, does not wait and can't fail. An
///   answer over HTTP is then written without a future per field, and a rule is decided once per list if the row does not
///   matter. The body of such a method moves to a hidden method, from which both the resolver and the reader get the value.
///   A method with a lint attribute such as `#[allow(…)]` stays as it is, and so does a block with `rename_fields`
///   or `serial`.
/// - **The last sentence of the description**, added by `fieldguard_guard::registry::complete`.
///
/// A public field that can't fail and has no arguments has no check.
///
/// # Limitations
///
/// - An `#[Interface]` must declare a guarded nullable field with its generated type: `field(name = "total", ty =
///   "Option<Result<i32, async_graphql::Error>>")`. The field gets the rule of its strictest implementer.
/// - `#[derive(SimpleObject)]` with `#[graphql(complex)]` is not supported: write an `#[Object]` block with a method
///   for each field.
/// - `#[graphql(guard = …)]`, `#[graphql(visible = …)]` and `#[graphql(derived(…))]` are rejected, because they would
///   contradict the rule or create fields without one. `#[graphql(flatten)]` takes `#[public]`, because the fields of
///   the flattened type have their own rules. `#[graphql(skip)]` is not a field and takes no rule.
/// - async-graphql's extensions are not told of the single fields of guarded objects in an answer over HTTP
///   (`Extension::resolve`). Their other hooks run.
/// - `fieldguard_guard::registry::audit` finds faults that span several blocks: call it in a test. `registry::unusable`
///   finds rules that a specific server can't satisfy and features that it does not support; a server with such a
///   schema does not start.
#[proc_macro_attribute]
pub fn guarded(arguments: TokenStream, block: TokenStream) -> TokenStream {
    block::expand(arguments.into(), block.into()).into()
}
