//! `AuditEventFilter`: which audit events are listed.

use async_graphql::{Context, ID, InputObject};
use fieldguard_domain::{audit::Filter, id::UserId};

use crate::{
    audit::audit_action::AuditAction, error::ApiError, pages::time_range::TimeRange, reads, services::accounts,
};

/// Selects audit events that match every given field.
#[derive(InputObject)]
pub struct AuditEventFilter {
    /// The `id` of the user who acted.
    actor_id: Option<ID>,
    /// The `id` of the user, session, role, personal access token or key that was acted on. For a user, this includes every read of their personal fields.
    target_id: Option<ID>,
    /// The action.
    action: Option<AuditAction>,
    /// When the event happened.
    occurred_at: Option<TimeRange>,
    /// The ID of the request, as in the log and in the response header `X-Request-Id`.
    request_id: Option<String>,
}

impl AuditEventFilter {
    /// Notes that the events of a user are read: what they did, or what was done to them. A target may be no user.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub(crate) async fn note_read(&self, ctx: &Context<'_>) -> Result<(), ApiError> {
        for (id, coordinate) in [(&self.actor_id, "AuditEvent.actorId"), (&self.target_id, "AuditEvent.targetId")] {
            let Some(id) = id.as_ref().and_then(|id| UserId::parse(id)) else { continue };
            if accounts(ctx).user(id).await?.is_some() {
                reads::note_told(ctx, id, &[coordinate.to_owned()]);
            }
        }
        Ok(())
    }
}

impl From<AuditEventFilter> for Filter {
    fn from(filter: AuditEventFilter) -> Self {
        let (since, until) = filter.occurred_at.map(TimeRange::bounds).unwrap_or_default();
        Self {
            actor: filter.actor_id.map(|id| id.0),
            target: filter.target_id.map(|id| id.0),
            action: filter.action.map(Into::into),
            since,
            until,
            request_id: filter.request_id,
        }
    }
}
