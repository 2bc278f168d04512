//! A guarded type in a crate that depends on the engine under the name `gate`.

use gate::{
    Owned, guarded,
    policy::{Principal, permission::Permission},
};

const SEEDS_READ: Permission = Permission::new("seeds:read", "Read every packet of seeds.");

/// A user with a plot.
#[derive(Debug)]
pub struct Gardener {
    /// The plot's number.
    pub plot: u8,
}

impl Principal for Gardener {
    fn has_role(&self, _name: &str) -> bool {
        false
    }

    fn can(&self, _permission: Permission) -> bool {
        false
    }

    fn has_session(&self) -> bool {
        true
    }
}

/// A packet of seeds.
pub struct Seeds {
    /// The plot that the seeds belong to.
    pub plot: u8,
}

impl Owned for Seeds {
    type Principal = Gardener;

    fn is_owned_by(&self, caller: Option<&Gardener>) -> bool {
        caller.is_some_and(|gardener| gardener.plot == self.plot)
    }
}

#[guarded]
#[async_graphql::Object]
impl Seeds {
    #[requires(permission = SEEDS_READ, or_self)]
    async fn kind(&self, language: Option<String>) -> Option<&str> {
        Some(if language.as_deref() == Some("la") { "Pisum sativum" } else { "peas" })
    }
}
