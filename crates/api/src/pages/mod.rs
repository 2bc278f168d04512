//! Pages of lists (GraphQL Cursor Connections Specification).

pub mod connection_arguments;
pub mod order_direction;
pub mod time_range;

use fieldguard_domain::page::Page;
use fieldguard_guard::connection::Connection;

/// The connection of a page, with each item converted by `node`.
pub(crate) fn connection<M, T>(page: Page<M>, node: impl Fn(M) -> T) -> Connection<T> {
    Connection::new(page.items.into_iter().map(node), page.has_previous, page.has_next)
}
