//! `User`: an account, as far as the caller may see it.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, ID, Object, dataloader::DataLoader};
use chrono::{DateTime, Utc};
use fieldguard_domain as domain;
use fieldguard_domain::{
    permission::{AUDIT_READ, SESSIONS_READ, USERS_READ},
    principal::Principal,
    role::effective_permissions,
};
use fieldguard_guard::{
    Owned,
    connection::Connection,
    cost_directives::{Cost, ListSize},
    guarded,
    owner::{Owner, Ownership},
};

use crate::{
    audit::{personal_data_access::PersonalDataAccess, security_event::SecurityEvent},
    error::ApiError,
    pages::{connection, connection_arguments::ConnectionArguments},
    reads,
    roles::role::Role,
    services::{accounts, caller, policy},
    sessions::session::Session,
    tokens::access_token::AccessToken,
    users::{loaders::RolesOfUsers, user_action::UserAction, user_state::UserState},
};

/// An account: a person who can sign in.
pub struct User {
    model: Arc<domain::user::User>,
    /// It was handed to its owner by a sign-in in this very request, whose principal is still the one it came with.
    handed_to_owner: bool,
}

impl User {
    /// The account that signed in by this request.
    pub(crate) fn of_owner(model: domain::user::User) -> Self {
        Self { model: Arc::new(model), handed_to_owner: true }
    }

    pub(crate) fn model(&self) -> &domain::user::User {
        &self.model
    }

    /// What `caller` can do to the account now.
    async fn actions_of(&self, ctx: &Context<'_>, caller: &Principal) -> Result<Vec<UserAction>, ApiError> {
        let usable: Vec<_> = UserAction::usable(policy(ctx), caller).collect();
        // Most callers may do nothing to anybody, and then nobody's roles are looked up.
        if usable.is_empty() {
            return Ok(Vec::new());
        }
        let roles = self.load_roles(ctx).await?;
        let actions = accounts(ctx).actions(caller, usable, &self.model, &roles).await?;
        Ok(actions.into_iter().map(UserAction::from).collect())
    }

    async fn load_roles(&self, ctx: &Context<'_>) -> Result<Vec<domain::role::Role>, ApiError> {
        let loader = ctx.data_unchecked::<DataLoader<RolesOfUsers>>();
        Ok(loader.load_one(self.model.id).await?.unwrap_or_default())
    }
}

impl From<domain::user::User> for User {
    fn from(model: domain::user::User) -> Self {
        Arc::new(model).into()
    }
}

impl From<Arc<domain::user::User>> for User {
    fn from(model: Arc<domain::user::User>) -> Self {
        Self { model, handed_to_owner: false }
    }
}

impl Owned for User {
    type Principal = Principal;

    fn is_owned_by(&self, caller: Option<&Principal>) -> bool {
        self.handed_to_owner || caller.is_some_and(|it| it.is(self.model.id))
    }

    fn note_read(&self, ctx: &Context<'_>, type_name: fn() -> Cow<'static, str>) {
        reads::note(ctx, self.model.id, type_name);
    }
}

/// An account: a person who can sign in.
#[guarded]
#[Object]
impl User {
    /// Names the account for good, while its user name can change. Access tokens carry it as `sub`.
    #[public]
    pub async fn id(&self) -> ID {
        ID(self.model.id.to_string())
    }

    /// The name to sign in with, as its owner spells it.
    #[public]
    async fn username(&self) -> &str {
        self.model.username.as_str()
    }

    /// The address for mail, where one was given.
    #[requires(permission = USERS_READ, or_self)]
    async fn email(&self) -> Option<&str> {
        self.model.email.as_ref().map(domain::email::EmailAddress::as_str)
    }

    /// Whether the account can sign in.
    #[requires(permission = USERS_READ, or_self)]
    async fn state(&self) -> Option<UserState> {
        Some(self.model.state().into())
    }

    /// When the account is deleted for good, where that is scheduled; null otherwise. Until then `restoreUser` takes it back.
    #[requires(permission = USERS_READ, or_self)]
    async fn deletion_due_at(&self) -> Option<DateTime<Utc>> {
        self.model.deletion_due_at
    }

    /// The roles the account holds, by name.
    #[requires(permission = USERS_READ, or_self)]
    #[graphql(directive = ListSize::apply(3))]
    async fn roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<Role>>, ApiError> {
        Ok(Some(self.load_roles(ctx).await?.into_iter().map(Role::from).collect()))
    }

    /// The names of all permissions that the account's roles give it, sorted.
    #[requires(permission = USERS_READ, or_self)]
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Option<Vec<String>>, ApiError> {
        let roles = self.load_roles(ctx).await?;
        Ok(Some(effective_permissions(&roles, &accounts(ctx).catalogue).into_iter().collect()))
    }

    /// When the account was made.
    #[requires(permission = USERS_READ, or_self)]
    async fn created_at(&self) -> Option<DateTime<Utc>> {
        Some(self.model.created_at)
    }

    /// When its owner last signed in; null before the first time.
    #[requires(permission = USERS_READ, or_self)]
    async fn last_sign_in_at(&self) -> Option<DateTime<Utc>> {
        self.model.last_sign_in_at
    }

    /// The account's live sessions, the newest first.
    #[requires(permission = SESSIONS_READ, or_self)]
    #[graphql(directive = Cost::apply(100), directive = Owner::apply(Ownership::Parent))]
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many sessions at most, from the newest on.")] first: Option<i32>,
        #[graphql(desc = "Only sessions after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many sessions at most, from the oldest back.")] last: Option<i32>,
        #[graphql(desc = "Only sessions before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Session>>, ApiError> {
        let arguments = ConnectionArguments { first, after, last, before };
        let page = accounts(ctx).sessions(self.model.id, arguments.page(ctx, Session::LIST)?).await?;
        Ok(Some(connection(page, |model| Session::new(model, self.handed_to_owner))))
    }

    /// The account's personal access tokens, the newest first. One that has expired is among them for 30 days.
    #[requires(permission = SESSIONS_READ, or_self)]
    #[graphql(directive = Cost::apply(100), directive = Owner::apply(Ownership::Parent))]
    async fn access_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many tokens at most, from the newest on.")] first: Option<i32>,
        #[graphql(desc = "Only tokens after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many tokens at most, from the oldest back.")] last: Option<i32>,
        #[graphql(desc = "Only tokens before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<AccessToken>>, ApiError> {
        let arguments = ConnectionArguments { first, after, last, before };
        let page = arguments.page(ctx, AccessToken::LIST)?;
        let page = accounts(ctx).access_tokens(self.model.id, page).await?;
        Ok(Some(connection(page, |model| AccessToken::new(model, self.handed_to_owner))))
    }

    /// What happened to the account that its owner should know of, the newest first.
    #[requires(permission = AUDIT_READ, or_self)]
    #[graphql(directive = Cost::apply(100))]
    async fn security_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many events at most, from the newest on.")] first: Option<i32>,
        #[graphql(desc = "Only events after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many events at most, from the oldest back.")] last: Option<i32>,
        #[graphql(desc = "Only events before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<SecurityEvent>>, ApiError> {
        let arguments = ConnectionArguments { first, after, last, before };
        let page = arguments.page(ctx, SecurityEvent::LIST)?;
        Ok(Some(connection(accounts(ctx).security_events(self.model.id, page).await?, SecurityEvent::from)))
    }

    /// Who read personal fields of the account without being its owner, the newest first: as far back as the audit trail goes.
    #[requires(permission = AUDIT_READ, or_self)]
    #[graphql(directive = Cost::apply(500))]
    async fn accessed_by(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many accesses at most, from the newest on.")] first: Option<i32>,
        #[graphql(desc = "Only accesses after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many accesses at most, from the oldest back.")] last: Option<i32>,
        #[graphql(desc = "Only accesses before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<PersonalDataAccess>>, ApiError> {
        let arguments = ConnectionArguments { first, after, last, before };
        let page = arguments.page(ctx, PersonalDataAccess::LIST)?;
        Ok(Some(connection(accounts(ctx).accesses(self.model.id, page).await?, PersonalDataAccess::from)))
    }

    /// What the caller can do to the account now: the actions that its rules and the account's state allow. Actions that need a fresh session are included: call `reauthenticate` first. Empty for a caller who is not signed in. In the answer to a sign-in, the caller is the user who signed in.
    #[public]
    async fn can(&self, ctx: &Context<'_>) -> Result<Option<Vec<UserAction>>, ApiError> {
        let actions = match caller(ctx) {
            _ if self.handed_to_owner => {
                let roles = self.load_roles(ctx).await?;
                let owner = Principal::owner_of(self.model.id, &roles, &accounts(ctx).catalogue);
                Box::pin(self.actions_of(ctx, &owner)).await?
            }
            Some(caller) => Box::pin(self.actions_of(ctx, caller)).await?,
            None => Vec::new(),
        };
        Ok(Some(actions))
    }
}
