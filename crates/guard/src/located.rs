//! Keeps the path of an error. async-graphql shortens the path of an error that passes through a list to the list item,
//! and drops it at an interface; so an error carries its own path, and the executor restores it.

use std::{any::Any, sync::Arc};

use async_graphql::{Context, Error, PathSegment, QueryPathNode, QueryPathSegment, ServerError};

/// The path of an error and its original source, stored as its source.
struct Located {
    path: Vec<PathSegment>,
    source: Option<Arc<dyn Any + Send + Sync>>,
}

/// Adds the path of the field in `ctx` to `error`.
pub(super) fn locate(ctx: &Context<'_>, mut error: Error) -> Error {
    let has_path = error.source.as_ref().is_some_and(|source| source.is::<Located>());
    if let (false, Some(node)) = (has_path, &ctx.path_node) {
        let (path, source) = (path_to(node), error.source.take());
        crate::unanswered::note(ctx, &error, &path);
        error.source = Some(Arc::new(Located { path, source }));
    }
    error
}

/// Restores the path and the original source of every error. Call it once, when the answer is built.
pub fn restore_paths(errors: &mut [ServerError]) {
    for error in errors {
        let Some(located) = error.source.take_if(|source| source.is::<Located>()) else { continue };
        let Ok(located) = located.downcast::<Located>() else { continue };
        error.path.clone_from(&located.path);
        error.source.clone_from(&located.source);
    }
}

fn path_to(node: &QueryPathNode<'_>) -> Vec<PathSegment> {
    let mut path: Vec<_> = std::iter::once(node).chain(node.parents()).map(segment).collect();
    path.reverse();
    path
}

fn segment(node: &QueryPathNode<'_>) -> PathSegment {
    match node.segment {
        QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
        QueryPathSegment::Index(index) => PathSegment::Index(index),
    }
}
