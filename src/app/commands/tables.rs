//! What the program prints of its schema: the schema itself, and who may use which field of it.

use async_graphql::SDLExportOptions;

use super::{access_diff, open, output, unknown_role};
use crate::{
    app::Error,
    cli::{Access, AccessCommand, AccessFormat},
    config::Config,
    domain::{permission::Catalogue, principal::Principal, role::Role},
    graphql::{self, access::Table, registry},
};

/// The name under which the tables list callers who are not signed in.
const ANONYMOUS: &str = "anonymous";

/// The callers that tables have columns for: nobody, and for each role a principal that holds it and nothing else.
type Roles = Vec<(String, Option<Principal>)>;

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

/// The columns for these roles.
#[must_use]
pub fn columns(roles: &[Role], catalogue: &Catalogue) -> Roles {
    let nobody = (ANONYMOUS.to_owned(), None);
    let holder = |role: &Role| (role.name.as_str().to_owned(), Some(Principal::holder_of(role, catalogue)));
    std::iter::once(nobody).chain(roles.iter().map(holder)).collect()
}

/// The access table of Fieldguard's own schema.
#[must_use]
pub fn access_table(roles: &Roles) -> Table {
    let (_, rows) = registry::inspect(registry::complete(graphql::schema()), registry::rows);
    Table::new(&rows, roles)
}

pub(super) async fn print_schema(config: Config, role: Option<String>) -> Result<(), Error> {
    let Some(role) = role else { return output::print(&schema(None)) };
    let caller = find_role(&roles(config).await?, &role)?;
    output::print(&schema(Some(caller.as_ref())))
}

/// Prints the table, or compares two. Tells whether anything widened.
pub(super) async fn access(config: Config, access: Access) -> Result<bool, Error> {
    let Access { role, format, command } = access;
    if let Some(AccessCommand::Diff { old, new }) = command {
        let widened =
            access_diff::run(&old, new.as_deref(), async || of_database(config).await, role.as_deref(), format);
        return widened.await.map_err(|error| match error {
            unheard @ Error::Output(_) => unheard,
            other => Error::Incomparable(Box::new(other)),
        });
    }
    let mut roles = roles(config).await?;
    if let Some(name) = role {
        let caller = find_role(&roles, &name)?;
        roles = vec![(name, caller)];
    }
    let table = access_table(&roles);
    output::print(&match format {
        AccessFormat::Table => table.to_string(),
        AccessFormat::Json => table.json(),
        AccessFormat::Csv => table.csv(),
    })?;
    Ok(false)
}

async fn of_database(config: Config) -> Result<Table, Error> {
    Ok(access_table(&roles(config).await?))
}

async fn roles(config: Config) -> Result<Roles, Error> {
    let app = open(config).await?;
    Ok(columns(&app.accounts.roles().await?, &app.accounts.catalogue))
}

fn find_role(roles: &Roles, name: &str) -> Result<Option<Principal>, Error> {
    let found = roles.iter().find(|(role, _)| role == name);
    found.map(|(_, caller)| caller.clone()).ok_or_else(|| unknown_role(name))
}
