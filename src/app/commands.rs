//! Carries out what was asked on the command line.

use async_graphql::SDLExportOptions;
use serde_json::json;

use super::{App, Error, connect};
use crate::{
    accounts::{clock::Clock, register::Registration},
    cli::{self, AccessFormat, Cli, Command, ListFormat},
    config::{Config, Sources},
    domain::{
        email::EmailAddress,
        permission::Catalogue,
        principal::Principal,
        role::{ANONYMOUS, Role},
        user::User,
    },
    graphql::{self, access::Table, registry},
    telemetry,
};

/// Reads the settings and does what `cli` says. What a command answers goes to standard output.
///
/// # Errors
///
/// Whatever kept it from being done.
pub async fn run(cli: Cli) -> Result<(), Error> {
    let config = Config::load(Sources::of_process(cli.settings)?)?;
    telemetry::init(&config.log);
    match cli.command {
        Command::Serve => {
            let app = open(config).await?;
            let router = app.builtin_router()?;
            app.serve(router).await
        }
        Command::Keys(command) => super::key_commands::run(&config, command).await,
        Command::Audit(command) => super::audit_commands::run(&config, command).await,
        Command::Migrate => Ok(connect(&config).await?.migrate().await?),
        Command::Admin(cli::Admin::Create { name, email, password_stdin }) => {
            create_admin(config, name, email, password_stdin).await
        }
        Command::Admin(cli::Admin::Reset { name }) => reset(config, &name).await,
        Command::Admin(cli::Admin::List { format }) => list_admins(config, format).await,
        Command::Schema { role: None } => {
            print!("{}", schema(None));
            Ok(())
        }
        Command::Schema { role: Some(role) } => {
            let caller = find_role(&roles(config).await?, &role)?;
            print!("{}", schema(Some(caller.as_ref())));
            Ok(())
        }
        Command::Access { role, format } => print_access(config, role.as_deref(), format).await,
        Command::Config(cli::Config::Check) => {
            println!("The settings are in order.");
            Ok(())
        }
        Command::Config(cli::Config::Show) => {
            print!("{}", config.show());
            Ok(())
        }
    }
}

async fn open(config: Config) -> Result<App, Error> {
    App::open(config, Catalogue::builtin(), Clock::System).await
}

async fn create_admin(config: Config, name: String, email: Option<String>, stdin: bool) -> Result<(), Error> {
    let password = cli::password::ask(stdin)?.as_str().to_owned();
    let user = open(config).await?.accounts.create_admin(Registration { username: name, email, password }).await?;
    println!("{} is an administrator.", user.username.as_str());
    Ok(())
}

async fn reset(config: Config, name: &str) -> Result<(), Error> {
    let issued = open(config).await?.accounts.issue_password_reset_by_name(name).await?;
    println!("{}", issued.code.expose());
    println!("resets the password of {} once, until {}.", issued.user.username.as_str(), issued.expires_at);
    Ok(())
}

async fn list_admins(config: Config, format: ListFormat) -> Result<(), Error> {
    let admins = open(config).await?.accounts.administrators().await?;
    match format {
        ListFormat::Table => {
            for user in admins {
                let state = match (user.deletion_due_at, user.disabled_at) {
                    (Some(_), _) => "deleted",
                    (None, Some(_)) => "disabled",
                    (None, None) => "active",
                };
                println!("{}  {:<8}  {}", user.id, state, user.username.as_str());
            }
        }
        ListFormat::Json => println!("{:#}", admins.iter().map(as_json).collect::<serde_json::Value>()),
    }
    Ok(())
}

fn as_json(user: &User) -> serde_json::Value {
    json!({
        "id": user.id.to_string(),
        "username": user.username.as_str(),
        "email": user.email.as_ref().map(EmailAddress::as_str),
        "disabled": user.disabled_at.is_some(),
        "deletionDueAt": user.deletion_due_at,
        "createdAt": user.created_at,
    })
}

/// The schema in SDL, sorted: all of it, or what a caller sees of it.
#[must_use]
pub fn schema(caller: Option<Option<&Principal>>) -> String {
    let schema = registry::complete(graphql::schema());
    let schema = match caller {
        None => schema,
        Some(caller) => registry::restrict(schema, caller),
    };
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    schema.finish().sdl_with_options(options)
}

/// The callers that tables have columns for: nobody, and for each role a principal that holds it and nothing else.
type Roles = Vec<(String, Option<Principal>)>;

/// The columns for these roles.
#[must_use]
pub fn columns(roles: &[Role], catalogue: &Catalogue) -> Roles {
    let nobody = (ANONYMOUS.to_owned(), None);
    let holder = |role: &Role| (role.name.as_str().to_owned(), Some(Principal::holder_of(role, catalogue)));
    std::iter::once(nobody).chain(roles.iter().map(holder)).collect()
}

async fn roles(config: Config) -> Result<Roles, Error> {
    let app = open(config).await?;
    Ok(columns(&app.accounts.roles().await?, &app.accounts.catalogue))
}

fn find_role(roles: &Roles, name: &str) -> Result<Option<Principal>, Error> {
    let found = roles.iter().find(|(role, _)| role == name);
    found.map(|(_, caller)| caller.clone()).ok_or_else(|| Error::UnknownRole(name.escape_debug().to_string()))
}

async fn print_access(config: Config, role: Option<&str>, format: AccessFormat) -> Result<(), Error> {
    let mut roles = roles(config).await?;
    if let Some(name) = role {
        let caller = find_role(&roles, name)?;
        roles = vec![(name.to_owned(), caller)];
    }
    let table = access_table(&roles);
    match format {
        AccessFormat::Table => print!("{table}"),
        AccessFormat::Json => print!("{}", table.json()),
        AccessFormat::Csv => print!("{}", table.csv()),
    }
    Ok(())
}

/// The access table of Fieldguard's own schema.
#[must_use]
pub fn access_table(roles: &Roles) -> Table {
    let (_, rows) = registry::inspect(registry::complete(graphql::schema()), registry::rows);
    Table::new(&rows, roles)
}
