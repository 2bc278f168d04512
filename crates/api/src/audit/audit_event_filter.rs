//! `AuditEventFilter`: which rows of the audit trail are asked for.

use async_graphql::{Context, ID, InputObject};
use chrono::{DateTime, Utc};
use fieldguard_domain::{audit::Filter, id::UserId};

use crate::{audit::audit_action::AuditAction, error::ApiError, reads, services::accounts};

/// Which rows of the audit trail are asked for: those that meet every field that is given.
#[derive(InputObject)]
pub struct AuditEventFilter {
    /// Done by the account of this `id`.
    actor_id: Option<ID>,
    /// Done on the account, session, role, token or key of this `id`; for an account also every read of its personal fields.
    target_id: Option<ID>,
    /// This was done.
    action: Option<AuditAction>,
    /// At this time or later.
    since: Option<DateTime<Utc>>,
    /// Before this time.
    until: Option<DateTime<Utc>>,
    /// By the request of this id, as the log and the header `X-Request-Id` of its answer spell it.
    request_id: Option<String>,
}

impl AuditEventFilter {
    /// Notes that the trail of an account is read: what it did, or what was done to it. A target may be no account.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub(crate) async fn note_read(&self, ctx: &Context<'_>) -> Result<(), ApiError> {
        for (id, field) in [(&self.actor_id, "actorId"), (&self.target_id, "targetId")] {
            let Some(id) = id.as_ref().and_then(|it| UserId::parse(it)) else { continue };
            if accounts(ctx).user(id).await?.is_some() {
                reads::note_told(ctx, id, "AuditEvent", field);
            }
        }
        Ok(())
    }
}

impl From<AuditEventFilter> for Filter {
    fn from(filter: AuditEventFilter) -> Self {
        Self {
            actor: filter.actor_id.map(|it| it.0),
            target: filter.target_id.map(|it| it.0),
            action: filter.action.map(Into::into),
            since: filter.since,
            until: filter.until,
            request_id: filter.request_id,
        }
    }
}
