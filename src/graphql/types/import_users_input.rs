//! `ImportUsersInput`: the accounts to import.

use async_graphql::InputObject;

use super::{CHANGED_ACCOUNT, imported_user_input::ImportedUserInput};
use crate::graphql::cost_directives::Cost;

/// The accounts to import.
#[derive(InputObject)]
pub struct ImportUsersInput {
    /// The accounts, 100 at most.
    #[graphql(directive = Cost::apply(CHANGED_ACCOUNT))]
    pub users: Vec<ImportedUserInput>,
}
