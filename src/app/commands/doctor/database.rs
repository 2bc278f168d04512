//! The database and its schema.

use super::Finding;
use crate::{app::database::inspect_store, config::Config, store::Store};

pub(super) async fn check(config: &Config, store: &Store) -> Vec<Finding> {
    let found = match inspect_store(config, store).await {
        Ok(found) => found,
        Err(error) => return vec![Finding::problem("migrations", error.to_string())],
    };
    let schema = if found.pending.is_empty() {
        Finding::ok("migrations", "the schema is current")
    } else {
        let names = found.pending.join(", ");
        Finding::warning("migrations", format!("to apply: {names}; run `fieldguard migrate` or start the server"))
    };
    vec![Finding::ok("database", found.server), schema]
}
