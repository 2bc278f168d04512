//! `AuditEvent`: an event of the audit log.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain::{
    audit::{Action, Entry, Event},
    id::UserId,
};
use fieldguard_guard::{connection::Listed, cost_directives::ListSize, guarded};

use crate::{
    audit::{
        audit_action::AuditAction, audit_actor_type::AuditActorType, audit_state::AuditState,
        audit_target_type::AuditTargetType,
    },
    error::ApiError,
    reads,
    services::accounts,
};

/// An event of the audit log: who did what to whom, from where and when. It names users by `id` only, and stays when they are deleted.
pub struct AuditEvent(Box<Event>);

impl AuditEvent {
    /// Notes that an address or a sign-in time is read: of the user who acted or, where a sign-in failed, of the user it was tried for.
    fn note_read(&self, ctx: &Context<'_>) {
        let Entry { actor, target, action, .. } = &self.0.entry;
        let tried_on =
            || target.as_ref().filter(|_| *action == Action::SignInFailed).and_then(|it| UserId::parse(&it.id));
        if let Some(owner) = actor.user().or_else(tried_on) {
            reads::note_unless_own(ctx, owner, || "AuditEvent".into());
        }
    }
}

impl From<Event> for AuditEvent {
    fn from(event: Event) -> Self {
        Self(Box::new(event))
    }
}

impl AuditEvent {
    /// The list that its cursors are bound to.
    pub(crate) const LIST: &str = "auditEvents";
}

impl Listed for AuditEvent {
    fn cursor(&self, ctx: &Context<'_>) -> String {
        accounts(ctx).cursor(Self::LIST, self.0.id.uuid())
    }
}

/// An event of the audit log: who did what to whom, from where and when. It names users by `id` only, and stays when they are deleted.
#[guarded(public)]
#[Object]
impl AuditEvent {
    /// The unique identifier of the event.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The position in the audit log, starting at `1`. It is a string because it can exceed the range of `Int`.
    async fn sequence(&self) -> String {
        self.0.number.to_string()
    }

    /// The SHA-256 hash of this event and the hash before it, in hexadecimal. Store it elsewhere with `sequence`: `fieldguard audit verify` then proves that neither this event nor an earlier one was changed.
    async fn hash(&self) -> &str {
        &self.0.hash
    }

    /// When the event happened.
    async fn occurred_at(&self, ctx: &Context<'_>) -> DateTime<Utc> {
        if matches!(self.0.entry.action, Action::SignIn | Action::SignInFailed | Action::Reauthenticated) {
            self.note_read(ctx);
        }
        self.0.entry.at
    }

    /// What was done.
    async fn action(&self) -> AuditAction {
        self.0.entry.action.into()
    }

    /// The type of the actor.
    async fn actor_type(&self) -> AuditActorType {
        self.0.entry.actor.kind().into()
    }

    /// The `id` of the user who acted. The user may no longer exist.
    async fn actor_id(&self) -> Option<ID> {
        self.0.entry.actor.user().map(|id| ID(id.to_string()))
    }

    /// The `id` of the session in which the actor acted. The session may no longer exist.
    async fn session_id(&self) -> Option<ID> {
        self.0.entry.actor.session().map(|id| ID(id.to_string()))
    }

    /// The `id` of the personal access token with which the actor acted. The token may no longer exist.
    async fn personal_access_token_id(&self) -> Option<ID> {
        self.0.entry.actor.token().map(ID::from)
    }

    /// The type of the object that was acted on.
    async fn target_type(&self) -> Option<AuditTargetType> {
        self.0.entry.target.as_ref().map(|it| it.kind.into())
    }

    /// The `id` of the object that was acted on. The object may no longer exist.
    async fn target_id(&self) -> Option<ID> {
        self.0.entry.target.as_ref().map(|it| ID::from(&it.id))
    }

    /// The coordinates of the fields that were called, read or refused, as `Type.field`.
    async fn coordinates(&self) -> &[String] {
        &self.0.entry.coordinates
    }

    /// The number of users whose personal fields were read.
    async fn subject_count(&self) -> i32 {
        i32::try_from(self.0.subjects).unwrap_or(i32::MAX)
    }

    /// The `id`s of the users whose personal fields were read.
    #[graphql(directive = ListSize::apply(100))]
    async fn subject_ids(&self, ctx: &Context<'_>) -> Result<Vec<ID>, ApiError> {
        if self.0.subjects == 0 {
            return Ok(Vec::new());
        }
        let subjects = accounts(ctx).audit_subjects(self.0.id).await?;
        Ok(subjects.into_iter().map(|id| ID(id.to_string())).collect())
    }

    /// The target before the change, if its roles, permissions or state changed.
    async fn before(&self) -> Option<AuditState> {
        self.0.entry.before.clone().map(AuditState::from)
    }

    /// The target after the change, if its roles, permissions or state changed.
    async fn after(&self) -> Option<AuditState> {
        self.0.entry.after.clone().map(AuditState::from)
    }

    /// The code of a refusal, or the names of the fields that were changed.
    async fn reason(&self) -> Option<&str> {
        self.0.entry.reason.as_deref()
    }

    /// The ID of the request, as in the log and in the response header `X-Request-Id`. Null for events outside requests.
    async fn request_id(&self) -> Option<&str> {
        self.0.entry.request_id.as_deref()
    }

    /// The IP address of the client. It is deleted together with the user.
    async fn ip_address(&self, ctx: &Context<'_>) -> Option<&str> {
        if self.0.entry.ip_address.is_some() {
            self.note_read(ctx);
        }
        self.0.entry.ip_address.as_deref()
    }
}
