//! Prints the schema, and the access table with the roles that may use each field.

use fieldguard_guard::{access::Table, caller::Caller};

use super::{Program, access_diff, open, output, program::Columns, unknown_role};
use crate::{
    app::Error,
    cli::{Access, AccessCommand, AccessFormat},
    config::Config,
    domain::role::Role,
};

pub(super) async fn print_schema(config: Config, program: &Program, role: Option<String>) -> Result<(), Error> {
    let Some(role) = role else { return output::print(&program.schema(None)) };
    let caller = caller(config, program, &role).await?;
    output::print(&program.schema(Some(&caller)))
}

/// A caller with the role of that name and no other; an anonymous one for `anonymous`.
pub(super) async fn caller(config: Config, program: &Program, role: &str) -> Result<Caller, Error> {
    find_role(&program.columns(&roles(config, program).await?), role)
}

/// Prints the table, or compares two. Returns whether any access widened.
pub(super) async fn access(config: Config, program: &Program, access: Access) -> Result<bool, Error> {
    let Access { role, format, command } = access;
    let table = async || Ok(program.access_table(&roles(config, program).await?));
    if let Some(AccessCommand::Diff { old, new }) = command {
        let widened = access_diff::run(&old, new.as_deref(), table, role.as_deref(), format);
        return widened.await.map_err(|error| match error {
            closed @ Error::Output(_) => closed,
            other => Error::AccessDiff(Box::new(other)),
        });
    }
    let table: Table = table().await?;
    let table = match role {
        Some(name) => table.only(&name).ok_or_else(|| unknown_role(&name))?,
        None => table,
    };
    output::print(&match format {
        AccessFormat::Table => table.to_string(),
        AccessFormat::Json => table.json(),
        AccessFormat::Csv => table.csv(),
    })?;
    Ok(false)
}

async fn roles(config: Config, program: &Program) -> Result<Vec<Role>, Error> {
    Ok(open(config, program).await?.accounts.roles().await?)
}

fn find_role(columns: &Columns, name: &str) -> Result<Caller, Error> {
    let found = columns.iter().find(|(role, _)| role == name);
    found.map(|(_, caller)| caller.clone()).ok_or_else(|| unknown_role(name))
}
