//! The principal: the authenticated caller, and the questions that rules ask about it.

use std::collections::BTreeSet;

use chrono::DateTime;

use super::{
    id::{PersonalAccessTokenId, SessionId, UserId},
    permission::{Catalogue, Permission},
    role::{self, ADMIN, Role, RoleName, effective_names, effective_permissions},
};

/// The user a request acts for, as the database had it when the request began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    user: UserId,
    credential: Credential,
    roles: BTreeSet<RoleName>,
    permissions: BTreeSet<String>,
}

/// How a request authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// A session.
    Session {
        /// The session's identifier.
        id: SessionId,
        /// Whether the user proved who they are in it a short while ago.
        is_fresh: bool,
        /// Whether the user proved two factors in it.
        is_multi_factor: bool,
    },
    /// A personal access token.
    Token(PersonalAccessTokenId),
}

impl Principal {
    /// A caller in `session`, which is not fresh, with their roles and the permissions of those roles.
    #[must_use]
    pub fn new(
        user: UserId,
        session: SessionId,
        roles: impl IntoIterator<Item = RoleName>,
        permissions: impl IntoIterator<Item = String>,
    ) -> Self {
        let credential = Credential::Session { id: session, is_fresh: false, is_multi_factor: false };
        Self { user, credential, roles: roles.into_iter().collect(), permissions: permissions.into_iter().collect() }
    }

    /// The same user in another session, fresh or not, in which they proved one factor.
    #[must_use]
    pub fn in_session(self, id: SessionId, is_fresh: bool) -> Self {
        Self { credential: Credential::Session { id, is_fresh, is_multi_factor: false }, ..self }
    }

    /// The same user, who proved two factors in the session if `is_multi_factor`. A personal access token proves none.
    #[must_use]
    pub fn by_factors(self, is_multi_factor: bool) -> Self {
        let credential = match self.credential {
            Credential::Session { id, is_fresh, .. } => Credential::Session { id, is_fresh, is_multi_factor },
            token @ Credential::Token(_) => token,
        };
        Self { credential, ..self }
    }

    /// The same user with a personal access token. `given` are the token's permissions; those that the user does not
    /// hold have no effect. The token carries no role.
    #[must_use]
    pub fn by_token(self, id: PersonalAccessTokenId, given: impl IntoIterator<Item = String>) -> Self {
        let is_admin = self.has_role(ADMIN);
        let permissions = given.into_iter().filter(|name| is_admin || self.permissions.contains(name)).collect();
        Self { credential: Credential::Token(id), roles: BTreeSet::new(), permissions, ..self }
    }

    /// A fictitious user with `role` only, in a fresh session with two factors, to show what the role permits.
    #[must_use]
    pub fn holder_of(role: &Role, catalogue: &Catalogue) -> Self {
        Self::owner_of(UserId::new(DateTime::UNIX_EPOCH), std::slice::from_ref(role), catalogue)
    }

    /// The owner of an account with these roles, in a fresh session with two factors and an arbitrary id, to show what
    /// the owner may do.
    #[must_use]
    pub fn owner_of(user: UserId, roles: &[Role], catalogue: &Catalogue) -> Self {
        let session = SessionId::new(DateTime::UNIX_EPOCH);
        let (names, permissions) = (effective_names(roles), effective_permissions(roles, catalogue));
        Self::new(user, session, names, permissions).in_session(session, true).by_factors(true)
    }

    /// The user.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// How the request authenticated.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        self.credential
    }

    /// The session of the request, if it has one.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session { id, .. } => Some(id),
            Credential::Token(_) => None,
        }
    }

    /// Whether the user proved who they are in the session a short while ago.
    #[must_use]
    pub const fn is_fresh(&self) -> bool {
        matches!(self.credential, Credential::Session { is_fresh: true, .. })
    }

    /// Whether the user proved two factors in the session.
    #[must_use]
    pub const fn is_multi_factor(&self) -> bool {
        matches!(self.credential, Credential::Session { is_multi_factor: true, .. })
    }

    /// The names of the roles held: those assigned to the user, and those they include.
    pub fn roles(&self) -> impl Iterator<Item = &RoleName> {
        self.roles.iter()
    }

    /// Whether this is the user `user`.
    #[must_use]
    pub fn is(&self, user: UserId) -> bool {
        self.user == user
    }

    /// Whether the user holds the role `name`.
    #[must_use]
    pub fn has_role(&self, name: &str) -> bool {
        self.roles.iter().any(|role| role.as_str() == name)
    }

    /// Whether the user holds everything these roles give: `admin` if they include it, and every permission. Otherwise
    /// the user must neither assign the roles nor act as their holder.
    #[must_use]
    pub fn has_permissions_of(&self, roles: &[Role]) -> bool {
        // A permission that is not in the catalogue counts too: the next version may know it again.
        let holds = |name: &String| self.permissions.contains(name);
        self.has_role(ADMIN)
            || !role::make_administrator(roles)
                && role::closure(roles).iter().all(|role| role.permissions.iter().all(holds))
    }

    /// Whether the user still has every role and permission that `other`, the same user a moment ago, had.
    #[must_use]
    pub fn has_all_of(&self, other: &Self) -> bool {
        self.roles.is_superset(&other.roles) && self.permissions.is_superset(&other.permissions)
    }

    /// Whether the user may change an account with these roles. A protected account can be changed only by users who
    /// hold as much. Otherwise a user who may disable accounts could disable those who supervise them.
    #[must_use]
    pub fn may_change(&self, roles: &[Role]) -> bool {
        !role::protect(roles) || self.has_permissions_of(roles)
    }

    /// Whether the user holds the permission. The role `admin` holds every permission, including future ones.
    #[must_use]
    pub fn can(&self, permission: Permission) -> bool {
        self.permissions.contains(permission.name()) || self.has_role(ADMIN)
    }
}

impl fieldguard_policy::Principal for Principal {
    fn has_role(&self, name: &str) -> bool {
        self.has_role(name)
    }

    fn can(&self, permission: Permission) -> bool {
        self.can(permission)
    }

    fn has_session(&self) -> bool {
        self.session().is_some()
    }

    fn is_fresh(&self) -> bool {
        self.is_fresh()
    }

    fn is_multi_factor(&self) -> bool {
        self.is_multi_factor()
    }

    fn is_named(&self, identifier: &str) -> bool {
        UserId::parse(identifier) == Some(self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{ROLES_READ, SESSIONS_READ, USERS_READ};

    fn holder(roles: &[&str], permissions: &[&str]) -> Principal {
        let epoch = DateTime::UNIX_EPOCH;
        Principal::new(
            UserId::new(epoch),
            SessionId::new(epoch),
            roles.iter().map(|name| RoleName::parse(name).unwrap()),
            permissions.iter().map(|name| (*name).to_owned()),
        )
    }

    #[test]
    fn has_exactly_the_permissions_of_its_roles() {
        let support = holder(&["support"], &["users:read"]);
        assert!(support.can(USERS_READ));
        assert!(!support.can(ROLES_READ));
        assert!(support.has_role("support"));
        assert!(!support.has_role("supp"));
    }

    #[test]
    fn an_administrator_has_every_permission() {
        assert!(holder(&["admin"], &[]).can(ROLES_READ));
    }

    #[test]
    fn a_token_has_the_given_permissions_that_its_owner_holds() {
        let given = ["users:read", "roles:read"].map(str::to_owned);
        let by_token =
            |holder: Principal| holder.by_token(PersonalAccessTokenId::new(DateTime::UNIX_EPOCH), given.clone());
        let support = by_token(holder(&["support"], &["users:read", "sessions:read"]));
        assert!(support.can(USERS_READ) && !support.can(ROLES_READ) && !support.can(SESSIONS_READ));
        let admin = by_token(holder(&["admin"], &[]));
        assert!(admin.can(USERS_READ) && admin.can(ROLES_READ) && !admin.can(SESSIONS_READ));
        assert!(!admin.has_role("admin") && admin.session().is_none() && !admin.is_fresh());
    }

    #[test]
    fn may_change_protected_users_only_if_it_holds_as_much() {
        let role = |name: &str, permissions: &[&str], is_protected| Role {
            id: crate::id::RoleId::new(DateTime::UNIX_EPOCH),
            name: RoleName::parse(name).unwrap(),
            description: String::new(),
            permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
            includes: Vec::new(),
            is_protected,
        };
        let including = |included: &Role| Role {
            includes: vec![std::sync::Arc::new(included.clone())],
            ..role("more", &[], false)
        };
        let (desk, safe) = (role("desk", &["users:read"], false), role("safe", &["audit:read"], true));
        let admin = role("admin", &[], true);
        let support = holder(&["support"], &["users:read"]);
        let auditor = holder(&["x"], &["users:read", "audit:read"]);
        for (caller, roles, may, holds) in [
            (&support, vec![desk.clone()], true, true),
            (&support, vec![safe.clone()], false, false),
            (&support, vec![including(&safe)], false, false),
            (&support, vec![role("other", &["audit:read"], false)], true, false),
            (&auditor, vec![desk.clone(), including(&safe)], true, true),
            (&auditor, vec![safe.clone(), role("other", &["roles:read"], false)], false, false),
            (&auditor, vec![admin.clone()], false, false),
            (&auditor, vec![including(&admin)], false, false),
            (&holder(&["admin"], &[]), vec![including(&admin), safe.clone()], true, true),
        ] {
            assert_eq!(caller.may_change(&roles), may, "{caller:?} {roles:?}");
            assert_eq!(caller.has_permissions_of(&roles), holds, "{caller:?} {roles:?}");
        }
    }

    #[test]
    fn is_only_its_own_user() {
        let (one, other) = (holder(&[], &[]), holder(&[], &[]));
        assert!(one.is(one.user()));
        assert!(!one.is(other.user()));
    }
}
