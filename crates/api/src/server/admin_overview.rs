//! `AdminOverview`: an overview of the server for administrators.

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain::role::ADMIN;
use fieldguard_guard::{connection::Connection, cost_directives::Cost, guarded};

use crate::{
    error::ApiError,
    pages::{connection, connection_arguments::ConnectionArguments},
    server::{database_type::DatabaseType, user_statistics::UserStatistics},
    services::{accounts, settings},
    webhooks::{webhook_event::WebhookEvent, webhook_event_state::WebhookEventState},
};

/// An overview of the server for administrators.
pub struct AdminOverview;

/// An overview of the server for administrators.
#[guarded(role = ADMIN)]
#[Object]
impl AdminOverview {
    /// A greeting for administrators, to try out access.
    async fn message(&self) -> Option<&str> {
        Some("Welcome, Admin!")
    }

    /// How many users there are. From 10,000 users on, the numbers can be 10 seconds old.
    #[graphql(directive = Cost::apply(3_000))]
    async fn users(&self, ctx: &Context<'_>) -> Result<Option<UserStatistics>, ApiError> {
        Ok(Some(accounts(ctx).user_counts().await?.into()))
    }

    /// The number of live sessions. From 10,000 sessions on, it can be 10 seconds old.
    #[graphql(directive = Cost::apply(3_000))]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<u64>, ApiError> {
        Ok(Some(accounts(ctx).session_count().await?))
    }

    /// The events for the receiver of webhooks, newest first. Without `state`, events in any state.
    #[graphql(directive = Cost::apply(100))]
    async fn webhook_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns at most this many events from the start of the list.")] first: Option<i32>,
        #[graphql(desc = "Returns events after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns at most this many events from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Returns events before this cursor.")] before: Option<String>,
        #[graphql(desc = "Selects events in this state.")] state: Option<WebhookEventState>,
    ) -> Result<Option<Connection<WebhookEvent>>, ApiError> {
        let page = ConnectionArguments { first, after, last, before }.page(ctx, WebhookEvent::LIST)?;
        let page = accounts(ctx).webhook_events(state.map(Into::into), page).await?;
        Ok(Some(connection(page, WebhookEvent::from)))
    }

    /// The version of the server.
    async fn version(&self, ctx: &Context<'_>) -> Option<&str> {
        Some(settings(ctx).version)
    }

    /// The type of the database.
    async fn database(&self, ctx: &Context<'_>) -> Option<DatabaseType> {
        Some(accounts(ctx).database_kind().into())
    }

    /// When the server process started.
    async fn started_at(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        Some(settings(ctx).started_at)
    }
}
