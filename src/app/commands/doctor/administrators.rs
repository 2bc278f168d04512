//! Whether an administrator can sign in.

use super::Finding;
use crate::store::{Store, administrators};

const CHECK: &str = "administrators";

pub(super) async fn check(store: &Store) -> Finding {
    match administrators::enabled(store).await {
        Err(error) => Finding::problem(CHECK, error.to_string()),
        Ok(0) => Finding::warning(CHECK, "none can sign in; run `fieldguard admin create NAME`"),
        Ok(count) => Finding::ok(CHECK, format!("{count} can sign in")),
    }
}
