//! `User`: a person with an account.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain as domain;
use fieldguard_domain::{
    id::UserId,
    permission::{AUDIT_READ, SESSIONS_READ, USERS_READ},
    principal::Principal,
    profile::{AvatarUrl, DisplayName, Locale, Metadata, Profile, TimeZone},
    role_set::RoleSet,
};
use fieldguard_guard::{
    Owned,
    connection::Connection,
    cost_directives::{Cost, ListSize},
    guarded,
    owner::{Owner, Ownership},
};
use serde_json::Value;

use crate::{
    audit::{personal_data_access::PersonalDataAccess, security_event::SecurityEvent},
    error::ApiError,
    pages::{connection, connection_arguments::ConnectionArguments},
    reads,
    roles::{permission::Permission, role::Role},
    second_factor::second_factor_type::SecondFactor,
    services::{accounts, caller, policy},
    sessions::session::Session,
    tokens::personal_access_token::PersonalAccessToken,
    users::{batches::Batches, user_action::UserAction, user_state::UserState},
};

/// The cost of a metadata object, which can have 4 KiB: without it, a cheap operation could ask for many megabytes.
const METADATA: u32 = 10;

/// A person with an account.
pub struct User {
    model: Arc<domain::user::User>,
    /// Whether a sign-in of this request returns the user to themselves. The principal is still the one the request came with.
    handed_to_owner: bool,
    /// The roles of the users of the same page, if they were loaded with it.
    roles_of_page: Option<RolesOfPage>,
}

/// The roles of the users of a page.
pub(crate) type RolesOfPage = Arc<HashMap<UserId, Arc<RoleSet>>>;

impl User {
    /// The user who signed in by this request.
    pub(crate) fn of_owner(model: domain::user::User) -> Self {
        Self { model: Arc::new(model), handed_to_owner: true, roles_of_page: None }
    }

    /// A user of a page.
    pub(crate) fn of_page(model: Arc<domain::user::User>, roles: Option<&RolesOfPage>) -> Self {
        Self { roles_of_page: roles.cloned(), ..model.into() }
    }

    pub(crate) fn model(&self) -> &domain::user::User {
        &self.model
    }

    /// What `caller` can do to the user now.
    async fn actions_of(&self, ctx: &Context<'_>, caller: &Principal) -> Result<Vec<UserAction>, ApiError> {
        let usable: Vec<_> = UserAction::usable(policy(ctx), caller).collect();
        // Most callers can do nothing, and then no roles are looked up.
        if usable.is_empty() {
            return Ok(Vec::new());
        }
        let roles = self.load_roles(ctx).await?;
        let actions = accounts(ctx).actions(caller, usable, &self.model, roles.roles()).await?;
        Ok(actions.into_iter().map(UserAction::from).collect())
    }

    async fn load_roles(&self, ctx: &Context<'_>) -> Result<Arc<RoleSet>, ApiError> {
        match &self.roles_of_page {
            Some(roles) => Ok(roles.get(&self.model.id).cloned().unwrap_or_default()),
            None => ctx.data_unchecked::<Batches>().roles(accounts(ctx), self.model.id).await,
        }
    }

    async fn load_profile(&self, ctx: &Context<'_>) -> Result<Profile, ApiError> {
        ctx.data_unchecked::<Batches>().profile(accounts(ctx), self.model.id).await
    }
}

impl From<domain::user::User> for User {
    fn from(model: domain::user::User) -> Self {
        Arc::new(model).into()
    }
}

impl From<Arc<domain::user::User>> for User {
    fn from(model: Arc<domain::user::User>) -> Self {
        Self { model, handed_to_owner: false, roles_of_page: None }
    }
}

impl Owned for User {
    type Principal = Principal;

    fn is_owned_by(&self, caller: Option<&Principal>) -> bool {
        self.handed_to_owner || caller.is_some_and(|it| it.is(self.model.id))
    }

    fn note_read(&self, ctx: &Context<'_>, coordinates: &[String]) {
        reads::note(ctx, self.model.id, coordinates);
    }
}

/// A person with an account.
#[guarded]
#[Object]
impl User {
    /// The unique and permanent identifier of the user. Access tokens carry it as `sub`.
    #[public]
    pub async fn id(&self) -> ID {
        ID(self.model.id.to_string())
    }

    /// The name to sign in with. It can change.
    #[public]
    async fn username(&self) -> &str {
        self.model.username.as_str()
    }

    /// The name to show in place of the username. Users choose it freely, and several users can have the same.
    #[public]
    async fn display_name(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        Ok(self.load_profile(ctx).await?.display_name.as_ref().map(DisplayName::as_str).map(str::to_owned))
    }

    /// The address of the user's picture, an `https` URL. The picture can be on any server, which learns the address of each client that fetches it.
    #[public]
    async fn avatar_url(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        Ok(self.load_profile(ctx).await?.avatar_url.as_ref().map(AvatarUrl::as_str).map(str::to_owned))
    }

    /// The language and region for the user interface: a language tag (BCP 47) in canonical form, such as `de-CH`.
    #[requires(permission = USERS_READ, or_self)]
    async fn locale(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        Ok(self.load_profile(ctx).await?.locale.as_ref().map(Locale::as_str).map(str::to_owned))
    }

    /// The time zone for displayed times: a name of the IANA time zone database, such as `Europe/Vienna`.
    #[requires(permission = USERS_READ, or_self)]
    async fn time_zone(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        Ok(self.load_profile(ctx).await?.time_zone.as_ref().map(TimeZone::as_str).map(str::to_owned))
    }

    /// The application's data about the user that the user can write: a JSON object. Don't decide about access by it; see `adminMetadata`.
    #[requires(permission = USERS_READ, or_self)]
    #[graphql(directive = Cost::apply(METADATA))]
    async fn metadata(&self, ctx: &Context<'_>) -> Result<Option<Value>, ApiError> {
        Ok(self.load_profile(ctx).await?.metadata.map(Metadata::into_json))
    }

    /// The application's data about the user that only `updateUser`, `createUser` and `importUsers` write: a JSON object. The user can't read it.
    #[requires(permission = USERS_READ)]
    #[graphql(directive = Cost::apply(METADATA))]
    async fn admin_metadata(&self, ctx: &Context<'_>) -> Result<Option<Value>, ApiError> {
        reads::note_unless_own(ctx, self.model.id, || "User".into());
        Ok(self.load_profile(ctx).await?.admin_metadata.map(Metadata::into_json))
    }

    /// The email address.
    #[requires(permission = USERS_READ, or_self)]
    async fn email(&self) -> Option<&str> {
        self.model.email.as_ref().map(domain::email::EmailAddress::as_str)
    }

    /// Whether the email address is verified: the user proved that they read its mail, or an administrator vouched for it. Password resets and notices go to verified addresses only.
    #[requires(permission = USERS_READ, or_self)]
    async fn email_verified(&self) -> Option<bool> {
        Some(self.model.email_verified_at.is_some())
    }

    /// Whether the user can sign in.
    #[requires(permission = USERS_READ, or_self)]
    async fn state(&self) -> Option<UserState> {
        Some(self.model.state().into())
    }

    /// When the user will be deleted for good, if their deletion is scheduled. Until then, `restoreUser` undoes it.
    #[requires(permission = USERS_READ, or_self)]
    async fn deletion_scheduled_at(&self) -> Option<DateTime<Utc>> {
        self.model.deletion_due_at
    }

    /// The roles that the user was given, by name.
    #[requires(permission = USERS_READ, or_self)]
    #[graphql(directive = ListSize::apply(3))]
    async fn roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<Role>>, ApiError> {
        Ok(Some(Role::all_of(&self.load_roles(ctx).await?)))
    }

    /// All permissions that the user has through their roles, by name.
    #[requires(permission = USERS_READ, or_self)]
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Option<Vec<Permission>>, ApiError> {
        let (roles, catalogue) = (self.load_roles(ctx).await?, &accounts(ctx).catalogue);
        Ok(Some(Permission::listed(roles.permissions(catalogue), catalogue)))
    }

    /// When the user was created.
    #[requires(permission = USERS_READ, or_self)]
    async fn created_at(&self) -> Option<DateTime<Utc>> {
        Some(self.model.created_at)
    }

    /// When the user last signed in.
    #[requires(permission = USERS_READ, or_self)]
    async fn last_sign_in_at(&self) -> Option<DateTime<Utc>> {
        self.model.last_sign_in_at
    }

    /// What the user proves at sign-in besides the password. Empty without a second factor.
    #[requires(permission = USERS_READ, or_self)]
    #[graphql(directive = ListSize::apply(1))]
    async fn second_factors(&self) -> Option<Vec<SecondFactor>> {
        Some(self.model.totp_since.map(|_| SecondFactor::Totp).into_iter().collect())
    }

    /// The user's live sessions, newest first.
    #[requires(permission = SESSIONS_READ, or_self)]
    #[graphql(directive = Cost::apply(100), directive = Owner::apply(Ownership::Parent))]
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns at most this many sessions from the start of the list.")] first: Option<i32>,
        #[graphql(desc = "Returns sessions after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns at most this many sessions from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Returns sessions before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Session>>, ApiError> {
        let arguments = ConnectionArguments { first, after, last, before };
        let page = accounts(ctx).sessions(self.model.id, arguments.page(ctx, Session::LIST)?).await?;
        Ok(Some(connection(page, |model| Session::new(model, self.handed_to_owner))))
    }

    /// The user's personal access tokens, newest first. An expired token is listed for 30 more days.
    #[requires(permission = SESSIONS_READ, or_self)]
    #[graphql(directive = Cost::apply(100), directive = Owner::apply(Ownership::Parent))]
    async fn personal_access_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns at most this many tokens from the start of the list.")] first: Option<i32>,
        #[graphql(desc = "Returns tokens after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns at most this many tokens from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Returns tokens before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<PersonalAccessToken>>, ApiError> {
        let arguments = ConnectionArguments { first, after, last, before };
        let page = arguments.page(ctx, PersonalAccessToken::LIST)?;
        let page = accounts(ctx).personal_access_tokens(self.model.id, page).await?;
        Ok(Some(connection(page, |model| PersonalAccessToken::new(model, self.handed_to_owner))))
    }

    /// Security-relevant events of the account, newest first.
    #[requires(permission = AUDIT_READ, or_self)]
    #[graphql(directive = Cost::apply(100))]
    async fn security_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns at most this many events from the start of the list.")] first: Option<i32>,
        #[graphql(desc = "Returns events after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns at most this many events from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Returns events before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<SecurityEvent>>, ApiError> {
        let arguments = ConnectionArguments { first, after, last, before };
        let page = arguments.page(ctx, SecurityEvent::LIST)?;
        Ok(Some(connection(accounts(ctx).security_events(self.model.id, page).await?, SecurityEvent::from)))
    }

    /// Reads of the user's personal fields by other users, newest first, as far back as the audit log goes.
    #[requires(permission = AUDIT_READ, or_self)]
    #[graphql(directive = Cost::apply(500))]
    async fn accessed_by(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns at most this many accesses from the start of the list.")] first: Option<i32>,
        #[graphql(desc = "Returns accesses after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns at most this many accesses from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Returns accesses before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<PersonalDataAccess>>, ApiError> {
        let arguments = ConnectionArguments { first, after, last, before };
        let page = arguments.page(ctx, PersonalDataAccess::LIST)?;
        Ok(Some(connection(accounts(ctx).accesses(self.model.id, page).await?, PersonalDataAccess::from)))
    }

    /// What you can do to the user now, by the rules and the user's state. It includes actions that require a fresh session: call `reauthenticate` first. Empty if you are not signed in. In the payload of a sign-in, you are the user who signed in.
    #[public]
    async fn can(&self, ctx: &Context<'_>) -> Result<Option<Vec<UserAction>>, ApiError> {
        let actions = match caller(ctx) {
            _ if self.handed_to_owner => {
                let roles = self.load_roles(ctx).await?;
                let owner = Principal::owner_of(self.model.id, roles.roles(), &accounts(ctx).catalogue);
                Box::pin(self.actions_of(ctx, &owner)).await?
            }
            Some(caller) => Box::pin(self.actions_of(ctx, caller)).await?,
            None => Vec::new(),
        };
        Ok(Some(actions))
    }
}
