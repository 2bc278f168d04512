//! What takes a role or a permission: reading others' accounts and roles, and administering them.

#![expect(clippy::too_many_arguments, reason = "GraphQL has no way to group the arguments of a field")]

use async_graphql::{Context, Error, ID, Object};
use fieldguard_domain::{
    id::UserId,
    permission::{AUDIT_READ, ROLES_ASSIGN, ROLES_READ, USERS_READ, USERS_WRITE},
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
        explain::{self, Whom},
    },
    audit::{audit_event::AuditEvent, audit_event_filter::AuditEventFilter},
    error::ApiError,
    id::user_id,
    pages::{connection, connection_arguments::ConnectionArguments},
    roles::{permission::Permission, role::Role},
    server::admin_overview::AdminOverview,
    services::{accounts, client, principal},
    users::{
        payloads::{DisableUserPayload, EnableUserPayload, IssuePasswordResetPayload, SetUserRolesPayload},
        set_user_roles_input::SetUserRolesInput,
        user::User,
        user_connection::UserConnection,
        user_filter::UserFilter,
        user_listing_arguments::UserListingArguments,
        user_order::UserOrder,
    },
};

/// Queries for administrators and those they trust.
#[derive(Default)]
pub struct AdminQuery;

#[guarded(signed_in)]
#[Object]
impl AdminQuery {
    /// What an operator looks at first.
    #[requires(role = ADMIN)]
    async fn admin(&self) -> Option<AdminOverview> {
        Some(AdminOverview)
    }

    /// The accounts that meet the filter, in the order asked for; every account, in the order of their making, where nothing else is said. What the caller may not read of an account he can neither filter nor sort by: the argument is refused by the rule of the field it tells of.
    #[requires(permission = USERS_READ)]
    #[graphql(directive = Cost::apply(100))]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many accounts at most, from the start of the range.")] first: Option<i32>,
        #[graphql(desc = "Only accounts after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many accounts at most, from the end of the range.")] last: Option<i32>,
        #[graphql(desc = "Only accounts before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which accounts. A cursor is good for the filter it came with.")] filter: Option<UserFilter>,
        #[graphql(desc = "In which order. A cursor is good for the order it came with.")] order_by: Option<UserOrder>,
    ) -> Result<Option<UserConnection>, ApiError> {
        let asked = UserListingArguments { filter, order_by }.listing(ctx)?;
        let arguments = ConnectionArguments { first, after, last, before };
        let page = arguments.page_at(ctx, |cursor| accounts(ctx).user_position(&asked.listing, cursor))?;
        let page = accounts(ctx).users(&asked.listing, page).await?;
        Ok(Some(UserConnection::new(ctx, asked, page)))
    }

    /// The account of that `id`, or null.
    #[requires(permission = USERS_READ)]
    #[graphql(directive = Cost::apply(25), directive = Owner::apply(Ownership::argument("id")))]
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the account.")] id: ID,
    ) -> Result<Option<User>, ApiError> {
        let Some(id) = UserId::parse(&id) else { return Ok(None) };
        Ok(accounts(ctx).user(id).await?.map(User::from))
    }

    /// Every role, by name.
    #[requires(permission = ROLES_READ)]
    async fn roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<Role>>, ApiError> {
        Ok(Some(accounts(ctx).roles().await?.into_iter().map(Role::from).collect()))
    }

    /// The catalogue of permissions that roles can hold, by name.
    #[requires(permission = ROLES_READ)]
    async fn permissions(&self, ctx: &Context<'_>) -> Option<Vec<Permission>> {
        Some(accounts(ctx).catalogue.iter().map(Permission::from).collect())
    }

    /// The audit trail, the newest rows first: sign-ins, changes, changes that were refused, and administrators' reads of personal fields.
    #[requires(permission = AUDIT_READ)]
    #[graphql(directive = Cost::apply(100))]
    async fn audit_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows at most, from the newest on.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many rows at most, from the oldest back.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only rows that meet this.")] filter: Option<AuditEventFilter>,
    ) -> Result<Option<Connection<AuditEvent>>, ApiError> {
        let arguments = ConnectionArguments { first, after, last, before };
        let page = arguments.page(ctx, AuditEvent::LIST)?;
        if let Some(filter) = &filter {
            filter.note_read(ctx).await?;
        }
        let filter = filter.map(Into::into).unwrap_or_default();
        Ok(Some(connection(accounts(ctx).audit_events(&filter, page).await?, AuditEvent::from)))
    }

    /// What becomes of every field of a document for somebody, without running it. The document is held to the schema and to all limits; what it would be refused with, this is refused with. Variables are not needed: what `@skip` or `@include` makes depend on one counts as included. With neither a role nor an account, it is explained for somebody who is not signed in.
    #[requires(permission = ROLES_READ)]
    #[graphql(directive = Cost::apply(500))]
    async fn explain_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The document.", secret)] document: String,
        #[graphql(desc = "Which of its operations, where it has several.")] operation_name: Option<String>,
        #[graphql(desc = "For a holder of the role of this name and no other, in a fresh session.")] as_role: Option<
            String,
        >,
        #[graphql(
            desc = "For the account of this `id`, with its own roles, which takes the permission `users:read`, or with the one in `asRole`. What is the account's own is known then where the document names it by its `id`."
        )]
        as_user: Option<ID>,
    ) -> Result<Option<DocumentAccess>, Error> {
        let whom = Whom::find(ctx, as_role, as_user).await?;
        Ok(Some(explain::explain(ctx, &document, operation_name.as_deref(), &whom).await?))
    }
}

/// Mutations for administrators and those they trust.
#[derive(Default)]
pub struct AdminMutation;

#[guarded(signed_in)]
#[Object]
impl AdminMutation {
    /// Gives an account exactly the roles named. One gives no role that permits what one may not oneself; those that the account holds already it can keep, and any can be taken away. A protected account's roles are set only by those who hold as much, and the last enabled administrator stays one. A role or a permission that is new to the account, or the loss of its protection, needs a fresh session, see `reauthenticate`.
    #[requires(permission = ROLES_ASSIGN)]
    async fn set_user_roles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account gets which roles.")] input: SetUserRolesInput,
    ) -> Result<Option<SetUserRolesPayload>, ApiError> {
        let user = user_id(&input.user_id)?;
        let (user, effect) = accounts(ctx).set_user_roles(principal(ctx)?, user, &input.roles, &client(ctx)).await?;
        Ok(Some(SetUserRolesPayload { user: user.into(), effective_at: effect.at, sessions_affected: effect.sessions }))
    }

    /// Stops an account from signing in and ends its sessions and personal access tokens at once. The last enabled administrator cannot be disabled.
    #[requires(permission = USERS_WRITE)]
    async fn disable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the account.")] user_id: ID,
    ) -> Result<Option<DisableUserPayload>, ApiError> {
        let (user, effect) =
            accounts(ctx).disable_user(principal(ctx)?, self::user_id(&user_id)?, &client(ctx)).await?;
        Ok(Some(DisableUserPayload { user: user.into(), effective_at: effect.at, sessions_ended: effect.sessions }))
    }

    /// Lets a disabled account sign in again; a protected one only by those who hold as much. You can't enable an account with permissions you don't have. In a fresh session, the failed sign-ins counted against it are forgotten.
    #[requires(permission = USERS_WRITE)]
    async fn enable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the account.")] user_id: ID,
    ) -> Result<Option<EnableUserPayload>, ApiError> {
        let (user, effect) = accounts(ctx).enable_user(principal(ctx)?, self::user_id(&user_id)?, &client(ctx)).await?;
        Ok(Some(EnableUserPayload { user: user.into(), effective_at: effect.at, sessions_affected: effect.sessions }))
    }

    /// Makes a code with which somebody else sets a new password, once, with `resetPassword`; an older code of the account is worth nothing then. All sessions and personal access tokens of the account end at once, and its old password no longer signs in. Nobody does this to an account with a permission that he lacks, nor to his own. It needs a fresh session, see `reauthenticate`.
    #[requires(permission = USERS_WRITE, fresh)]
    async fn issue_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the account.")] user_id: ID,
    ) -> Result<Option<IssuePasswordResetPayload>, ApiError> {
        let issued =
            accounts(ctx).issue_password_reset(principal(ctx)?, self::user_id(&user_id)?, &client(ctx)).await?;
        Ok(Some(issued.into()))
    }
}
