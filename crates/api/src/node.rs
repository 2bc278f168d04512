//! `Node`: an object with an id, as Relay refetches it.

use async_graphql::{Context, ID, Interface};
use fieldguard_domain::{
    id::{AuditEventId, PersonalAccessTokenId, RoleId, SecurityEventId, SessionId, UserId},
    permission::{AUDIT_READ, ROLES_READ, SESSIONS_READ, USERS_READ},
    principal::Principal,
};

use crate::{
    audit::{audit_event::AuditEvent, security_event::SecurityEvent},
    error::ApiError,
    reads,
    roles::role::Role,
    services::accounts,
    sessions::session::Session,
    tokens::personal_access_token::PersonalAccessToken,
    users::user::User,
};

/// An object with a unique `id`, which `node` fetches.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The unique and permanent identifier of the object."))]
pub enum Node {
    /// A user.
    User(User),
    /// A role.
    Role(Role),
    /// A session.
    Session(Session),
    /// A personal access token.
    PersonalAccessToken(PersonalAccessToken),
    /// A security event.
    SecurityEvent(SecurityEvent),
    /// An event of the audit log.
    AuditEvent(AuditEvent),
}

impl Node {
    /// The object with that id, where `caller` can read it.
    ///
    /// # Errors
    ///
    /// `SERVICE_UNAVAILABLE` where the database cannot be asked.
    pub async fn find(ctx: &Context<'_>, caller: &Principal, id: &ID) -> Result<Option<Self>, ApiError> {
        let accounts = accounts(ctx);
        if let Some(id) = UserId::parse(id).filter(|id| caller.is(*id) || caller.can(USERS_READ))
            && let Some(user) = accounts.user(id).await?
        {
            return Ok(Some(Self::User(user.into())));
        }
        if let Some(id) = SessionId::parse(id)
            && let Some(session) = accounts.session(id).await?
        {
            let may = caller.is(session.user) || caller.can(SESSIONS_READ);
            return Ok(may.then(|| Self::Session(session.into())));
        }
        if let Some(id) = PersonalAccessTokenId::parse(id)
            && let Some(token) = accounts.personal_access_token(id).await?
        {
            let may = caller.is(token.user) || caller.can(SESSIONS_READ);
            return Ok(may.then(|| Self::PersonalAccessToken(token.into())));
        }
        if let Some(id) = SecurityEventId::parse(id)
            && let Some((owner, event)) = accounts.security_event(id).await?
        {
            let may = caller.is(owner) || caller.can(AUDIT_READ);
            if may {
                reads::note_unless_own(ctx, owner, || "Query".into());
            }
            return Ok(may.then(|| Self::SecurityEvent(event.into())));
        }
        if let Some(id) = AuditEventId::parse(id).filter(|_| caller.can(AUDIT_READ))
            && let Some(event) = accounts.audit_event(id).await?
        {
            return Ok(Some(Self::AuditEvent(event.into())));
        }
        let Some(id) = RoleId::parse(id).filter(|_| caller.can(ROLES_READ)) else { return Ok(None) };
        Ok(accounts.role(id).await?.map(|role| Self::Role(role.into())))
    }
}
