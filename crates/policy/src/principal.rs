//! What a rule needs to know about a caller.

use crate::permission::Permission;

/// The authenticated caller of a request.
pub trait Principal: Send + Sync {
    /// Whether the caller holds the role with this name.
    fn has_role(&self, name: &str) -> bool;

    /// Whether the caller holds the permission. A role may include every permission.
    fn can(&self, permission: Permission) -> bool;

    /// Whether the caller signed in as a user. A program with its own token has no session.
    fn has_session(&self) -> bool;

    /// Whether the user gave the password a short while ago. The server defines how short. By default, no caller did.
    fn is_fresh(&self) -> bool {
        false
    }

    /// Whether the user proved two factors, such as a password and a code of an authenticator app. By default, no
    /// caller did.
    fn is_multi_factor(&self) -> bool {
        false
    }

    /// Whether this is the caller's own identifier, as arguments spell it. By default, none is.
    fn is_named(&self, _identifier: &str) -> bool {
        false
    }
}

#[cfg(test)]
pub(crate) mod stub {
    use super::{Permission, Principal};

    /// A caller whose session is not fresh. The role `admin` includes every permission.
    #[derive(Debug, Clone, Copy)]
    pub struct StubPrincipal {
        pub role: &'static str,
        pub permissions: &'static [Permission],
        pub has_session: bool,
        pub is_fresh: bool,
        pub is_multi_factor: bool,
    }

    impl StubPrincipal {
        pub const fn new(role: &'static str, permissions: &'static [Permission]) -> Self {
            Self { role, permissions, has_session: true, is_fresh: false, is_multi_factor: false }
        }

        pub const fn fresh(self) -> Self {
            Self { is_fresh: true, ..self }
        }

        pub const fn multi_factor(self) -> Self {
            Self { is_multi_factor: true, ..self }
        }

        /// A program with a token without permissions.
        pub const fn program() -> Self {
            Self { has_session: false, ..Self::new("", &[]) }
        }
    }

    impl Principal for StubPrincipal {
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

        fn is_multi_factor(&self) -> bool {
            self.is_multi_factor
        }
    }
}
