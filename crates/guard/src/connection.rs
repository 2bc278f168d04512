//! Paginated lists in Relay's form (GraphQL Cursor Connections Specification), for items of any type.
//!
//! An item provides its cursor. The server decides how to cut a list into pages and which cursors to accept.
//!
//! ```
//! use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Schema, SimpleObject};
//! use fieldguard_guard::{connection::{Connection, Listed}, guarded};
//!
//! #[guarded(public)]
//! #[derive(SimpleObject)]
//! struct Tree {
//!     name: &'static str,
//! }
//!
//! impl Listed for Tree {
//!     fn cursor(&self, _ctx: &Context<'_>) -> String {
//!         self.name.to_owned()
//!     }
//! }
//!
//! struct Query;
//!
//! #[guarded(public)]
//! #[Object]
//! impl Query {
//!     async fn trees(&self) -> Connection<Tree> {
//!         Connection::new(["ash", "elm"].map(|name| Tree { name }), false, true)
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
//! let answer = schema.execute("{ trees { nodes { name } pageInfo { hasNextPage endCursor } } }").await;
//! let expected = r#"{trees: {nodes: [{name: "ash"}, {name: "elm"}], pageInfo: {hasNextPage: true, endCursor: "elm"}}}"#;
//! assert_eq!(answer.data.to_string(), expected);
//! assert!(schema.sdl().contains("type TreeConnection") && schema.sdl().contains("type TreeEdge"));
//! # });
//! ```

use std::borrow::Cow;

use async_graphql::{Context, Object, OutputType, SimpleObject, TypeName};
use fieldguard_macros::guarded;

use crate::{
    owner::{Owner, Ownership},
    plan::Planned,
};

/// An item of a paginated list.
pub trait Listed: Planned {
    /// The item's cursor, for `after` and `before`. Make it opaque, so that clients don't construct cursors.
    fn cursor(&self, ctx: &Context<'_>) -> String;
}

/// A page of a list of `T`: the schema type `TConnection`.
pub struct Connection<T> {
    edges: Vec<Edge<T>>,
    has_previous: bool,
    has_next: bool,
}

impl<T> Connection<T> {
    /// A page with these items. The flags say whether there are items before and after it.
    #[must_use]
    pub fn new(items: impl IntoIterator<Item = T>, has_previous: bool, has_next: bool) -> Self {
        Self { edges: items.into_iter().map(|node| Edge { node }).collect(), has_previous, has_next }
    }
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A page of a list.
#[guarded(public)]
#[Object(name_type)]
impl<T: Listed> Connection<T> {
    /// The items of this page and their cursors.
    #[graphql(directive = Owner::apply(Ownership::Parent))]
    async fn edges(&self) -> Vec<&Edge<T>> {
        self.edges.iter().collect()
    }

    /// The items of this page.
    #[graphql(directive = Owner::apply(Ownership::Parent))]
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Information about this page.
    async fn page_info(&self, ctx: &Context<'_>) -> PageInfo {
        let cursor = |edge: &Edge<T>| edge.node.cursor(ctx);
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: self.edges.first().map(cursor),
            end_cursor: self.edges.last().map(cursor),
        }
    }
}

/// An item of a list with its cursor: the schema type `TEdge`.
pub struct Edge<T> {
    node: T,
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// An item of a list and its cursor.
#[guarded(public)]
#[Object(name_type)]
impl<T: Listed> Edge<T> {
    /// The cursor of the item, for `after` and `before`. It is opaque.
    async fn cursor(&self, ctx: &Context<'_>) -> String {
        self.node.cursor(ctx)
    }

    /// The item.
    #[graphql(directive = Owner::apply(Ownership::Parent))]
    async fn node(&self) -> &T {
        &self.node
    }
}

/// Information about a page of a list.
#[guarded(public)]
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PageInfo {
    /// Whether there are items after this page.
    pub has_next_page: bool,
    /// Whether there are items before this page.
    pub has_previous_page: bool,
    /// The cursor of the first item. Null on an empty page.
    pub start_cursor: Option<String>,
    /// The cursor of the last item. Null on an empty page.
    pub end_cursor: Option<String>,
}
