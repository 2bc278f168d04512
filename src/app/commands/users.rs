//! `fieldguard users …`: shows accounts, disables and enables them, and changes their roles, as the operator.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Program, open, output, roles};
use crate::{
    accounts::{change_users::UserChange, effect::Effect, set_user_roles::RoleAssignment},
    app::{App, Error},
    cli::{ListFormat, State, Users},
    config::Config,
    domain::{
        email::EmailAddress,
        id::UserId,
        page::{Direction, PageRequest},
        role::{Role, unknown_permissions},
        role_set::RoleSet,
        user::{User, UserState},
        user_list::{UserFilter, UserListing, UserPosition},
    },
    store,
};

/// How many accounts are read at once.
const PAGE: u32 = 100;

pub(super) async fn run(config: Config, program: &Program, command: Users) -> Result<(), Error> {
    let app = open(config, program).await?;
    match command {
        // It has an exit code of its own, and runs elsewhere.
        Users::Import(_) => Ok(()),
        Users::List { role, state, format } => list(&app, role.as_deref(), state, format).await,
        Users::Show { user, format } => show(&app, &find(&app, &user).await?, format).await,
        Users::Disable { user, format } => {
            let user = find_to_change(&app, &user).await?;
            let (user, effect) = app.accounts.change_user_by_operator(&UserChange::Disable, user).await?;
            let done = format!("{} is disabled; sessions revoked: {}.", name(&user), effect.sessions);
            report(&app, &user, &effect, "sessionsRevoked", &done, format).await
        }
        Users::Enable { user, format } => {
            let user = find_to_change(&app, &user).await?;
            let (user, effect) = app.accounts.change_user_by_operator(&UserChange::Enable, user).await?;
            report(&app, &user, &effect, "sessionsAffected", &format!("{} is enabled.", name(&user)), format).await
        }
        Users::Roles { user, give, take, format } if give.is_empty() && take.is_empty() => {
            let held = roles_of(&app, find(&app, &user).await?.id).await?;
            roles::print(held.roles(), &app.accounts.catalogue, format)
        }
        Users::Roles { user, give, take, format } => {
            let user = find_to_change(&app, &user).await?;
            let change = UserChange::SetRoles(RoleAssignment::changed(&give, &take)?);
            let (user, effect) = app.accounts.change_user_by_operator(&change, user).await?;
            let held = names(roles_of(&app, user.id).await?.roles()).join(" ");
            let done = format!("{} has the roles: {held}; sessions affected: {}.", name(&user), effect.sessions);
            report(&app, &user, &effect, "sessionsAffected", &done, format).await
        }
    }
}

async fn find(app: &App, id_or_name: &str) -> Result<User, Error> {
    let unknown = || Error::UnknownUser(id_or_name.escape_debug().to_string());
    app.accounts.find_user(id_or_name).await?.ok_or_else(unknown)
}

/// Finds the account that a command changes.
async fn find_to_change(app: &App, id_or_name: &str) -> Result<UserId, Error> {
    let user = find(app, id_or_name).await?;
    super::note_running_server(app);
    Ok(user.id)
}

async fn roles_of(app: &App, user: UserId) -> Result<Arc<RoleSet>, Error> {
    Ok(app.accounts.roles_of(&[user]).await?.remove(&user).unwrap_or_default())
}

async fn list(app: &App, role: Option<&str>, state: Option<State>, format: ListFormat) -> Result<(), Error> {
    if let Some(name) = role
        && !app.accounts.roles().await?.iter().any(|role| role.name.as_str() == name)
    {
        return Err(super::unknown_role(name));
    }
    let mut filter = UserFilter { state: state.map(UserState::from), ..UserFilter::default() };
    if let Some(name) = role {
        filter = filter.role(name).ok_or_else(|| super::unknown_role(name))?;
    }
    let listing = UserListing { filter: Some(filter), ..UserListing::default() };
    let header = ["id", "state", "created", "last sign-in", "username"];
    let mut list = output::List::begin(format, &header, &[36, 18, 20, 20])?;
    let mut after = None;
    loop {
        let request = PageRequest { size: PAGE, direction: Direction::Forward, after, before: None };
        let page = app.accounts.users(&listing, request).await?;
        let ids: Vec<_> = page.items.iter().map(|user| user.id).collect();
        let mut held = app.accounts.roles_of(&ids).await?;
        let entries = page.items.iter().map(|user| {
            let roles = held.remove(&user.id).unwrap_or_default();
            (row(user), with_roles(user, roles.roles()))
        });
        list.print(entries)?;
        after = ids.last().map(|id| UserPosition::Id(id.uuid()));
        if !page.has_next {
            return list.end();
        }
    }
}

fn row(user: &User) -> Vec<String> {
    let seen = user.last_sign_in_at.map_or_else(|| "-".to_owned(), output::time);
    vec![id(user), state(user).to_owned(), output::time(user.created_at), seen, name(user)]
}

async fn show(app: &App, user: &User, format: ListFormat) -> Result<(), Error> {
    let roles = roles_of(app, user.id).await?;
    let sessions = store::sessions::live_of(&app.store, user.id, app.accounts.clock.now()).await?;
    if format == ListFormat::Json {
        let mut value = with_roles(user, roles.roles());
        value["permissions"] = json!(roles.permissions(&app.accounts.catalogue));
        value["unknownPermissions"] = json!(unknown_permissions(roles.roles(), &app.accounts.catalogue));
        value["sessions"] = json!(sessions);
        return output::print_json(&value);
    }
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let state = match (user.deletion_due_at, user.disabled_at) {
        (Some(due), _) => format!("deletion scheduled for {}", output::time(due)),
        (None, Some(since)) => format!("disabled since {}", output::time(since)),
        (None, None) => "active".to_owned(),
    };
    let rows = [
        ("id", id(user)),
        ("username", name(user)),
        ("email", or_none(user.email.as_ref().map(|email| email.as_str().to_owned()))),
        ("state", state),
        ("created", output::time(user.created_at)),
        ("last sign-in", or_none(user.last_sign_in_at.map(output::time))),
        ("sessions", sessions.to_string()),
        ("roles", names(roles.roles()).join(" ")),
        ("permissions", roles::permitted(roles.roles(), &app.accounts.catalogue)),
    ];
    output::print(&output::aligned(&rows.map(|(label, value)| vec![label.to_owned(), value])))
}

/// Reports a change: as a sentence for people, or as JSON like the API's mutation.
async fn report(
    app: &App,
    user: &User,
    effect: &Effect,
    counted: &str,
    done: &str,
    format: ListFormat,
) -> Result<(), Error> {
    if format == ListFormat::Table {
        return output::print(&format!("{done}\n"));
    }
    let roles = roles_of(app, user.id).await?;
    let at = app.accounts.heard_everywhere_at(effect);
    output::print_json(&json!({ "user": with_roles(user, roles.roles()), counted: effect.sessions, "effectiveAt": at }))
}

pub(super) fn id(user: &User) -> String {
    user.id.to_string()
}

pub(super) fn name(user: &User) -> String {
    user.username.as_str().to_owned()
}

pub(super) const fn state(user: &User) -> &'static str {
    match user.state() {
        UserState::Active => "active",
        UserState::Disabled => "disabled",
        UserState::DeletionScheduled => "deletion scheduled",
    }
}

impl From<State> for UserState {
    fn from(state: State) -> Self {
        match state {
            State::Active => Self::Active,
            State::Disabled => Self::Disabled,
            State::DeletionScheduled => Self::DeletionScheduled,
        }
    }
}

fn names(roles: &[Role]) -> Vec<&str> {
    roles.iter().map(|role| role.name.as_str()).collect()
}

/// An account as JSON.
pub(super) fn as_json(user: &User) -> Value {
    json!({
        "id": id(user),
        "username": name(user),
        "email": user.email.as_ref().map(EmailAddress::as_str),
        "disabled": user.disabled_at.is_some(),
        "disabledAt": user.disabled_at,
        "deletionScheduledAt": user.deletion_due_at,
        "createdAt": user.created_at,
        "lastSignInAt": user.last_sign_in_at,
    })
}

fn with_roles(user: &User, roles: &[Role]) -> Value {
    let mut value = as_json(user);
    value["roles"] = json!(names(roles));
    value
}
