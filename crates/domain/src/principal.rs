//! The principal: the account a request acts for, and the questions one may ask of it. Rules ask nothing else.

use std::collections::BTreeSet;

use chrono::DateTime;

use super::{
    id::{AccessTokenId, SessionId, UserId},
    permission::{Catalogue, Permission},
    role::{self, ADMIN, Role, RoleName, effective_names, effective_permissions},
};

/// The account a request acts for, as the database knew it when the request began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    user: UserId,
    credential: Credential,
    roles: BTreeSet<RoleName>,
    permissions: BTreeSet<String>,
}

/// By what a request proves for whom it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// A sign-in.
    Session {
        /// Which.
        id: SessionId,
        /// Was the password given in it a short while ago?
        is_fresh: bool,
    },
    /// A personal access token.
    Token(AccessTokenId),
}

impl Principal {
    /// The holder of `session`, which is not fresh, with its roles and the permissions those roles give it.
    #[must_use]
    pub fn new(
        user: UserId,
        session: SessionId,
        roles: impl IntoIterator<Item = RoleName>,
        permissions: impl IntoIterator<Item = String>,
    ) -> Self {
        let credential = Credential::Session { id: session, is_fresh: false };
        Self { user, credential, roles: roles.into_iter().collect(), permissions: permissions.into_iter().collect() }
    }

    /// The same account by that session, in which the password was given a short while ago or was not.
    #[must_use]
    pub fn in_session(self, id: SessionId, is_fresh: bool) -> Self {
        Self { credential: Credential::Session { id, is_fresh }, ..self }
    }

    /// The same account by a personal access token, which was given permissions: of those it has what the account holds
    /// itself, and nothing else. No role comes with it.
    #[must_use]
    pub fn by_token(self, id: AccessTokenId, given: impl IntoIterator<Item = String>) -> Self {
        let is_admin = self.has_role(ADMIN);
        let permissions = given.into_iter().filter(|it| is_admin || self.permissions.contains(it)).collect();
        Self { credential: Credential::Token(id), roles: BTreeSet::new(), permissions, ..self }
    }

    /// Somebody who does not exist and holds `role` and nothing else, in a fresh session, to show what its holders may.
    #[must_use]
    pub fn holder_of(role: &Role, catalogue: &Catalogue) -> Self {
        Self::owner_of(UserId::new(DateTime::UNIX_EPOCH), std::slice::from_ref(role), catalogue)
    }

    /// The owner of an account that holds these roles, in a fresh session of no matter which id, to show what the owner may.
    #[must_use]
    pub fn owner_of(user: UserId, roles: &[Role], catalogue: &Catalogue) -> Self {
        let session = SessionId::new(DateTime::UNIX_EPOCH);
        let (names, permissions) = (effective_names(roles), effective_permissions(roles, catalogue));
        Self::new(user, session, names, permissions).in_session(session, true)
    }

    /// The account.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// By what the request proves that it acts for the account.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        self.credential
    }

    /// The sign-in the request came by, where it came by one.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session { id, .. } => Some(id),
            Credential::Token(_) => None,
        }
    }

    /// Did it come by a session in which the password was given a short while ago?
    #[must_use]
    pub const fn is_fresh(&self) -> bool {
        matches!(self.credential, Credential::Session { is_fresh: true, .. })
    }

    /// The roles held, by name: those given to the account, and those they include.
    pub fn roles(&self) -> impl Iterator<Item = &RoleName> {
        self.roles.iter()
    }

    /// Is this the account `user`?
    #[must_use]
    pub fn is(&self, user: UserId) -> bool {
        self.user == user
    }

    /// Does it hold the role `name`?
    #[must_use]
    pub fn has_role(&self, name: &str) -> bool {
        self.roles.iter().any(|role| role.as_str() == name)
    }

    /// Does it hold as much as whoever holds these roles: `admin`, if they give that, and every permission that they do? Who
    /// does not must neither hand them to anybody nor come to act as their holder.
    #[must_use]
    pub fn holds_as_much_as(&self, roles: &[Role]) -> bool {
        // A permission that no catalogue knows counts too: the next version may know it again.
        let holds = |name: &String| self.permissions.contains(name);
        self.has_role(ADMIN)
            || !role::make_administrator(roles)
                && role::closure(roles).iter().all(|it| it.permissions.iter().all(holds))
    }

    /// Does it still have every role and permission that `other`, the same account a moment ago, had?
    #[must_use]
    pub fn has_all_of(&self, other: &Self) -> bool {
        self.roles.is_superset(&other.roles) && self.permissions.is_superset(&other.permissions)
    }

    /// May it change an account that holds these roles? One that is protected is touched only by those who hold as much:
    /// otherwise who may disable accounts could disable those who watch him.
    #[must_use]
    pub fn may_touch(&self, roles: &[Role]) -> bool {
        !role::protect(roles) || self.holds_as_much_as(roles)
    }

    /// Does it hold the permission? The role `admin` holds every one, those of tomorrow included.
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
            roles.iter().map(|it| RoleName::parse(it).unwrap()),
            permissions.iter().map(|it| (*it).to_owned()),
        )
    }

    #[test]
    fn can_do_what_its_roles_permit_and_no_more() {
        let support = holder(&["support"], &["users:read"]);
        assert!(support.can(USERS_READ));
        assert!(!support.can(ROLES_READ));
        assert!(support.has_role("support"));
        assert!(!support.has_role("supp"));
    }

    #[test]
    fn an_administrator_can_do_everything() {
        assert!(holder(&["admin"], &[]).can(ROLES_READ));
    }

    #[test]
    fn a_token_has_what_it_was_given_and_its_account_holds() {
        let given = ["users:read", "roles:read"].map(str::to_owned);
        let by_token = |it: Principal| it.by_token(AccessTokenId::new(DateTime::UNIX_EPOCH), given.clone());
        let support = by_token(holder(&["support"], &["users:read", "sessions:read"]));
        assert!(support.can(USERS_READ) && !support.can(ROLES_READ) && !support.can(SESSIONS_READ));
        let admin = by_token(holder(&["admin"], &[]));
        assert!(admin.can(USERS_READ) && admin.can(ROLES_READ) && !admin.can(SESSIONS_READ));
        assert!(!admin.has_role("admin") && admin.session().is_none() && !admin.is_fresh());
    }

    #[test]
    fn touches_the_protected_where_it_holds_as_much() {
        let role = |name: &str, permissions: &[&str], is_protected| Role {
            id: crate::id::RoleId::new(DateTime::UNIX_EPOCH),
            name: RoleName::parse(name).unwrap(),
            description: String::new(),
            permissions: permissions.iter().map(|it| (*it).to_owned()).collect(),
            includes: Vec::new(),
            is_protected,
        };
        let including =
            |it: &Role| Role { includes: vec![std::sync::Arc::new(it.clone())], ..role("more", &[], false) };
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
            assert_eq!(caller.may_touch(&roles), may, "{caller:?} {roles:?}");
            assert_eq!(caller.holds_as_much_as(&roles), holds, "{caller:?} {roles:?}");
        }
    }

    #[test]
    fn is_itself_only() {
        let (one, other) = (holder(&[], &[]), holder(&[], &[]));
        assert!(one.is(one.user()));
        assert!(!one.is(other.user()));
    }
}
