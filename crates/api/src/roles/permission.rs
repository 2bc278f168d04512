//! `Permission`: what a role or a personal access token allows.

use async_graphql::SimpleObject;
use fieldguard_domain::permission::{self, Catalogue};
use fieldguard_guard::guarded;

/// A permission, which roles and personal access tokens give.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct Permission {
    /// The name, such as `users:read`.
    name: String,
    /// What the permission allows.
    description: String,
}

impl Permission {
    /// The permissions of these names that the catalogue knows.
    pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a String>, catalogue: &Catalogue) -> Vec<Self> {
        names.into_iter().filter_map(|name| catalogue.find(name)).map(Self::from).collect()
    }
}

impl From<permission::Permission> for Permission {
    fn from(permission: permission::Permission) -> Self {
        Self { name: permission.name().to_owned(), description: permission.description().to_owned() }
    }
}
