//! `AuditEvent`: a row of the audit trail.

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

/// A row of the audit trail: who did what, on whom, from where, when. It names people by `id` only, and outlives their accounts.
pub struct AuditEvent(Box<Event>);

impl AuditEvent {
    /// Notes that an address or a sign-in time is read: of the account that did it or, where a sign-in failed, that it was tried on.
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
    /// What the cursors of its list are sealed with, so that no other list takes them.
    pub(crate) const LIST: &str = "auditEvents";
}

impl Listed for AuditEvent {
    fn cursor(&self, ctx: &Context<'_>) -> String {
        accounts(ctx).cursor(Self::LIST, self.0.id.uuid())
    }
}

/// A row of the audit trail: who did what, on whom, from where, when. It names people by `id` only, and outlives their accounts.
#[guarded(public)]
#[Object]
impl AuditEvent {
    /// Names the row.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Its place in the trail, a whole number; the first row ever is `1`. As text, since it may outgrow `Int`.
    async fn number(&self) -> String {
        self.0.number.to_string()
    }

    /// The SHA-256 of the row and of the hash of the row before, in hexadecimal. Kept elsewhere with `number`, it proves later, with `fieldguard audit verify`, that neither this row nor one before it was changed.
    async fn hash(&self) -> &str {
        &self.0.hash
    }

    /// When it happened.
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

    /// What kind of somebody did it.
    async fn actor_type(&self) -> AuditActorType {
        self.0.entry.actor.kind().into()
    }

    /// The `id` of the account that did it, where it was one. That account may be gone.
    async fn actor_id(&self) -> Option<ID> {
        self.0.entry.actor.user().map(|id| ID(id.to_string()))
    }

    /// The `id` of the session that it was done in, where there was one. That session may be over.
    async fn session_id(&self) -> Option<ID> {
        self.0.entry.actor.session().map(|id| ID(id.to_string()))
    }

    /// The `id` of the personal access token that it was done with, where there was one. That token may be gone.
    async fn access_token_id(&self) -> Option<ID> {
        self.0.entry.actor.token().map(ID::from)
    }

    /// What kind of thing it was done on, where it was done on one.
    async fn target_type(&self) -> Option<AuditTargetType> {
        self.0.entry.target.as_ref().map(|it| it.kind.into())
    }

    /// The `id` of what it was done on, where it was done on one thing. That may be gone.
    async fn target_id(&self) -> Option<ID> {
        self.0.entry.target.as_ref().map(|it| ID::from(&it.id))
    }

    /// The fields of the schema by which it was done, or which were read or refused, as `Type.field`.
    async fn coordinates(&self) -> &[String] {
        &self.0.entry.coordinates
    }

    /// Of how many accounts personal fields were read.
    async fn subject_count(&self) -> i32 {
        i32::try_from(self.0.subjects).unwrap_or(i32::MAX)
    }

    /// The `id` of every account of which personal fields were read.
    #[graphql(directive = ListSize::apply(100))]
    async fn subject_ids(&self, ctx: &Context<'_>) -> Result<Vec<ID>, ApiError> {
        if self.0.subjects == 0 {
            return Ok(Vec::new());
        }
        let subjects = accounts(ctx).audit_subjects(self.0.id).await?;
        Ok(subjects.into_iter().map(|id| ID(id.to_string())).collect())
    }

    /// How the target stood before, where its roles, its permissions or its state were changed.
    async fn before(&self) -> Option<AuditState> {
        self.0.entry.before.clone().map(AuditState)
    }

    /// How the target stood after, where its roles, its permissions or its state were changed.
    async fn after(&self) -> Option<AuditState> {
        self.0.entry.after.clone().map(AuditState)
    }

    /// Why or how, in a word: the code of a refusal, the names of the fields that were changed.
    async fn reason(&self) -> Option<&str> {
        self.0.entry.reason.as_deref()
    }

    /// The id of the request, as the log and the header `X-Request-Id` of its answer spell it. Null for what no request did.
    async fn request_id(&self) -> Option<&str> {
        self.0.entry.request_id.as_deref()
    }

    /// The address the request came from, where one is known. It is forgotten with the account it was of.
    async fn ip_address(&self, ctx: &Context<'_>) -> Option<&str> {
        if self.0.entry.ip_address.is_some() {
            self.note_read(ctx);
        }
        self.0.entry.ip_address.as_deref()
    }
}
