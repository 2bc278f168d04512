//! `fieldguard roles …`: lists and shows roles. Roles are changed through the API.

use serde_json::{Value, json};

use super::{Program, open, output, program::unknown_permission};
use crate::{
    app::{App, Error},
    cli::{ListFormat, Roles},
    config::Config,
    domain::{
        permission::Catalogue,
        role::{Role, effective_permissions, unknown_permissions},
    },
};

pub(super) async fn run(config: Config, program: &Program, command: Roles) -> Result<(), Error> {
    let app = open(config, program).await?;
    match command {
        Roles::List { format } => print(&app.accounts.roles().await?, &app.accounts.catalogue, format),
        Roles::Show { name, format } => show(&app, &name, format).await,
    }
}

async fn show(app: &App, name: &str, format: ListFormat) -> Result<(), Error> {
    let roles = app.accounts.roles().await?;
    let role = roles.iter().find(|role| role.name.as_str() == name).ok_or_else(|| super::unknown_role(name))?;
    if format == ListFormat::Json {
        return output::print_json(&as_json(role, &app.accounts.catalogue));
    }
    let permissions = effective_permissions(std::slice::from_ref(role), &app.accounts.catalogue);
    let mut rows = vec![
        vec!["id".to_owned(), role.id.to_string()],
        vec!["name".to_owned(), name.to_owned()],
        vec!["description".to_owned(), role.description.clone()],
    ];
    let includes: Vec<_> = role.includes.iter().map(|included| included.name.as_str()).collect();
    if !includes.is_empty() {
        rows.push(vec!["includes".to_owned(), includes.join(" ")]);
    }
    if role.is_protected {
        rows.push(vec!["protected".to_owned(), "to change a holder you need every permission they have".to_owned()]);
    }
    rows.extend(permissions.iter().map(|name| {
        let description = app.accounts.catalogue.find(name).map_or("", |known| known.description());
        vec!["permits".to_owned(), format!("{name}  {description}")]
    }));
    let unknown = unknown_permissions(std::slice::from_ref(role), &app.accounts.catalogue);
    rows.extend(unknown.iter().map(|name| vec!["permits".to_owned(), unknown_permission(name)]));
    output::print(&output::aligned(&rows))
}

/// Prints roles, each with its permissions.
pub(super) fn print(roles: &[Role], catalogue: &Catalogue, format: ListFormat) -> Result<(), Error> {
    if format == ListFormat::Json {
        return output::print_json(&roles.iter().map(|role| as_json(role, catalogue)).collect::<Value>());
    }
    let header = ["name", "description", "permits"].map(str::to_owned).to_vec();
    let row = |role: &Role| {
        vec![role.name.to_string(), role.description.clone(), permitted(std::slice::from_ref(role), catalogue)]
    };
    let rows: Vec<_> = std::iter::once(header).chain(roles.iter().map(row)).collect();
    output::print(&output::aligned(&rows))
}

/// The permissions of these roles, on one line for people.
pub(super) fn permitted(roles: &[Role], catalogue: &Catalogue) -> String {
    let unknown = unknown_permissions(roles, catalogue);
    let unknown = unknown.iter().map(|name| unknown_permission(name));
    effective_permissions(roles, catalogue).into_iter().chain(unknown).collect::<Vec<_>>().join(" ")
}

/// A role as JSON.
fn as_json(role: &Role, catalogue: &Catalogue) -> Value {
    json!({
        "id": role.id.to_string(),
        "name": role.name.as_str(),
        "description": role.description,
        "permissions": effective_permissions(std::slice::from_ref(role), catalogue),
        "unknownPermissions": unknown_permissions(std::slice::from_ref(role), catalogue),
        "ownPermissions": role.permissions,
        "includes": role.includes.iter().map(|included| included.name.as_str()).collect::<Vec<_>>(),
        "isProtected": role.is_protected,
    })
}
