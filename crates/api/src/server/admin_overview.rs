//! `AdminOverview`: an overview of the server for administrators.

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain::role::ADMIN;
use fieldguard_guard::{cost_directives::Cost, guarded};

use crate::{
    error::ApiError,
    server::{database_type::DatabaseType, user_statistics::UserStatistics},
    services::{accounts, settings},
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
