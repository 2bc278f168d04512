//! `ImportUsersInput`: the accounts to import.

use async_graphql::InputObject;
use fieldguard_guard::cost_directives::Cost;

use crate::users::{CHANGED_ACCOUNT, imported_user_input::ImportedUserInput};

/// The accounts to import.
#[derive(InputObject)]
pub struct ImportUsersInput {
    /// The accounts, 100 at most.
    #[graphql(directive = Cost::apply(CHANGED_ACCOUNT))]
    pub users: Vec<ImportedUserInput>,
}
