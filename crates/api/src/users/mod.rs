//! Users, and what administrators do with them.

pub(crate) mod batches;
pub mod inputs;
pub mod mutation;
pub mod payloads;
pub mod user;
pub mod user_action;
pub mod user_connection;
pub mod user_edge;
pub mod user_filter;
pub mod user_listing_arguments;
pub mod user_order;
pub mod user_order_field;
pub mod user_state;

/// The cost of each user in a bulk mutation. A change takes about 0.15 ms of processor time, and the most complex operation
/// that is admitted may take 20 ms.
pub const CHANGED_USER: u32 = 80;
