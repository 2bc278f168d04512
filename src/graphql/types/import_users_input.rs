//! `ImportUsersInput`: the accounts to import.

use async_graphql::InputObject;

use super::imported_user_input::ImportedUserInput;

/// The accounts to import.
#[derive(InputObject)]
pub struct ImportUsersInput {
    /// The accounts, 100 at most.
    pub users: Vec<ImportedUserInput>,
}
