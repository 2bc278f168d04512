//! What rules ask of a caller.

use crate::permission::Permission;

/// For whom a request acts. Rules ask nothing else.
pub trait Principal: Send + Sync {
    /// Does the caller hold the role of this name?
    fn has_role(&self, name: &str) -> bool;

    /// May the caller do this? Where a role includes every permission, its holders may do everything.
    fn can(&self, permission: Permission) -> bool;

    /// Did a person sign in, as opposed to a program that came with a token of its own?
    fn has_session(&self) -> bool;

    /// Was the password given a short while ago? How short is for the server to say; without an answer, no caller gave it.
    fn is_fresh(&self) -> bool {
        false
    }

    /// Is this the caller's own identifier, as arguments spell it? Without an answer, none is.
    fn is_named(&self, _identifier: &str) -> bool {
        false
    }
}

#[cfg(test)]
pub(crate) mod toy {
    use super::{Permission, Principal};

    /// A caller whose session is not fresh. The role `admin` includes every permission.
    #[derive(Debug, Clone, Copy)]
    pub struct Toy {
        pub role: &'static str,
        pub permissions: &'static [Permission],
        pub has_session: bool,
        pub is_fresh: bool,
    }

    impl Toy {
        pub const fn new(role: &'static str, permissions: &'static [Permission]) -> Self {
            Self { role, permissions, has_session: true, is_fresh: false }
        }

        pub const fn fresh(self) -> Self {
            Self { is_fresh: true, ..self }
        }

        /// A program with a token of no permission.
        pub const fn program() -> Self {
            Self { has_session: false, ..Self::new("", &[]) }
        }
    }

    impl Principal for Toy {
        fn has_role(&self, name: &str) -> bool {
            self.role == name
        }

        fn can(&self, permission: Permission) -> bool {
            self.has_role("admin") || self.permissions.contains(&permission)
        }

        fn has_session(&self) -> bool {
            self.has_session
        }

        fn is_fresh(&self) -> bool {
            self.is_fresh
        }
    }
}
