//! Queries that require a role or a permission.

#![expect(clippy::too_many_arguments, reason = "GraphQL has no way to group the arguments of a field")]

use async_graphql::{Context, Error, ID, Object};
use fieldguard_domain::{
    id::UserId,
    permission::{AUDIT_READ, ROLES_READ, USERS_READ},
    role::ADMIN,
};
use fieldguard_guard::{
    connection::Connection,
    cost_directives::Cost,
    guarded,
    owner::{Owner, Ownership},
};

use crate::{
    access::{
        document_access::DocumentAccess,
        explain::{self, ExplainedCaller},
    },
    audit::{audit_event::AuditEvent, audit_event_filter::AuditEventFilter},
    error::ApiError,
    pages::{connection, connection_arguments::ConnectionArguments},
    roles::{permission::Permission, role::Role},
    server::admin_overview::AdminOverview,
    services::accounts,
    users::{
        user::User, user_connection::UserConnection, user_filter::UserFilter,
        user_listing_arguments::UserListingArguments, user_order::UserOrder,
    },
};

/// Queries that require a role or a permission.
#[derive(Default)]
pub struct AdminQuery;

#[guarded(signed_in)]
#[Object]
impl AdminQuery {
    /// An overview of the server for administrators.
    #[requires(role = ADMIN)]
    async fn admin(&self) -> Option<AdminOverview> {
        Some(AdminOverview)
    }

    /// The users who match the filter, in the given order. Without arguments, all users, oldest first. You can't filter or sort by a field you can't read.
    #[requires(permission = USERS_READ)]
    #[graphql(directive = Cost::apply(100))]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns at most this many users from the start of the list.")] first: Option<i32>,
        #[graphql(desc = "Returns users after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns at most this many users from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Returns users before this cursor.")] before: Option<String>,
        #[graphql(desc = "Selects users. A cursor is valid only with the filter it was returned for.")] filter: Option<
            UserFilter,
        >,
        #[graphql(desc = "The order. A cursor is valid only with the order it was returned for.")] order_by: Option<
            UserOrder,
        >,
    ) -> Result<Option<UserConnection>, ApiError> {
        let asked = UserListingArguments { filter, order_by }.listing(ctx)?;
        let arguments = ConnectionArguments { first, after, last, before };
        let page = arguments.page_at(ctx, |cursor| accounts(ctx).user_position(&asked.listing, cursor))?;
        let page = accounts(ctx).users(&asked.listing, page).await?;
        Ok(Some(UserConnection::new(ctx, asked, page).await))
    }

    /// The user with the given `id`. Null if there is none.
    #[requires(permission = USERS_READ)]
    #[graphql(directive = Cost::apply(25), directive = Owner::apply(Ownership::argument("id")))]
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the user.")] id: ID,
    ) -> Result<Option<User>, ApiError> {
        let Some(id) = UserId::parse(&id) else { return Ok(None) };
        Ok(accounts(ctx).user(id).await?.map(User::from))
    }

    /// All roles, by name.
    #[requires(permission = ROLES_READ)]
    async fn roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<Role>>, ApiError> {
        Ok(Some(accounts(ctx).roles().await?.into_iter().map(Role::from).collect()))
    }

    /// All permissions that roles and personal access tokens can have, by name.
    #[requires(permission = ROLES_READ)]
    async fn permissions(&self, ctx: &Context<'_>) -> Option<Vec<Permission>> {
        Some(accounts(ctx).catalogue.iter().map(Permission::from).collect())
    }

    /// The audit log, newest events first: sign-ins, changes, refused changes, and reads of other users' personal fields.
    #[requires(permission = AUDIT_READ)]
    #[graphql(directive = Cost::apply(100))]
    async fn audit_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns at most this many events from the start of the list.")] first: Option<i32>,
        #[graphql(desc = "Returns events after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns at most this many events from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Returns events before this cursor.")] before: Option<String>,
        #[graphql(desc = "Selects events.")] filter: Option<AuditEventFilter>,
    ) -> Result<Option<Connection<AuditEvent>>, ApiError> {
        let arguments = ConnectionArguments { first, after, last, before };
        let page = arguments.page(ctx, AuditEvent::LIST)?;
        if let Some(filter) = &filter {
            filter.note_read(ctx).await?;
        }
        let filter = filter.map(Into::into).unwrap_or_default();
        Ok(Some(connection(accounts(ctx).audit_events(&filter, page).await?, AuditEvent::from)))
    }

    /// What a role or a user can do with each field of a document, without running it. The document must be valid and within the limits. Fields under `@skip` or `@include` count as included; variables are not needed. Without a role and a user, it explains the document for an anonymous caller.
    #[requires(permission = ROLES_READ)]
    #[graphql(directive = Cost::apply(500))]
    async fn explain_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The document to explain.", secret)] document: String,
        #[graphql(desc = "The operation to explain, if the document has several.")] operation_name: Option<String>,
        #[graphql(desc = "Explains for a caller with this role only, in a fresh session.")] as_role: Option<String>,
        #[graphql(
            desc = "Explains for this user, with their own roles (requires the permission `users:read` unless it is you) or with the one in `asRole`. Fields are judged as the user's own where the document names the user by `id`."
        )]
        as_user_id: Option<ID>,
    ) -> Result<Option<DocumentAccess>, Error> {
        let whom = ExplainedCaller::find(ctx, as_role, as_user_id).await?;
        Ok(Some(explain::explain(ctx, &document, operation_name.as_deref(), &whom).await?))
    }
}
