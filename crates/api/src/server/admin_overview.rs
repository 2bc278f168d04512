//! `AdminOverview`: what an operator looks at first.

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain::role::ADMIN;
use fieldguard_guard::{cost_directives::Cost, guarded};

use crate::{
    error::ApiError,
    server::{account_statistics::AccountStatistics, database_kind::DatabaseKind},
    services::{accounts, settings},
};

/// What an operator looks at first.
pub struct AdminOverview;

/// What an operator looks at first.
#[guarded(role = ADMIN)]
#[Object]
impl AdminOverview {
    /// A greeting that proves the role.
    async fn message(&self) -> Option<&str> {
        Some("Welcome, Admin!")
    }

    /// How many accounts there are.
    #[graphql(directive = Cost::apply(3_000))]
    async fn accounts(&self, ctx: &Context<'_>) -> Result<Option<AccountStatistics>, ApiError> {
        Ok(Some(AccountStatistics(accounts(ctx).overview().await?.users)))
    }

    /// How many sessions are live.
    #[graphql(directive = Cost::apply(3_000))]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<u64>, ApiError> {
        Ok(Some(accounts(ctx).overview().await?.sessions))
    }

    /// The version of the server.
    async fn version(&self, ctx: &Context<'_>) -> Option<&str> {
        Some(settings(ctx).version)
    }

    /// What the accounts are kept in.
    async fn database(&self, ctx: &Context<'_>) -> Option<DatabaseKind> {
        Some(accounts(ctx).database_kind().into())
    }

    /// When the server process started.
    async fn started_at(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        Some(settings(ctx).started_at)
    }
}
