//! Runs the commands of the command line, one file per group of commands.

mod access_diff;
mod admin;
mod audit;
mod backup;
mod config_check;
mod copy;
mod doctor;
mod explain;
mod import_file;
mod import_users;
mod issuer;
mod keys;
mod output;
mod program;
mod restore;
mod roles;
mod tables;
mod users;
mod webhooks;

use std::process::ExitCode;

use super::{
    App, Error,
    database::{self, Missing},
    exposure, serve,
    signals::Signals,
};
use crate::{
    cli::{self, Cli, Command},
    config::{Config, Sources},
    store::presence,
    telemetry,
};

pub use program::{Columns, Program};

/// Loads the settings, runs the command of `cli`, and returns the exit code. The output goes to standard output.
/// `program` provides the schema and the permissions.
///
/// # Errors
///
/// Why the command failed.
pub async fn run(cli: Cli, program: &Program) -> Result<ExitCode, Error> {
    // These commands need no settings, so invalid settings must not stop them.
    match cli.command {
        Command::Completion { shell } => return done(output::print(&cli::manual::completion(shell))),
        Command::Man => return done(output::print(&cli::manual::page().map_err(Error::Output)?)),
        _ => {}
    }
    let config = Config::load(Sources::of_process(cli.settings)?)?;
    telemetry::init(&config.log);
    // These check it themselves, with other files.
    if !matches!(cli.command, Command::Serve | Command::Doctor(_) | Command::Config(cli::Config::Check { .. })) {
        exposure::check(&config)?;
    }
    let location = config.database();
    let done = Box::pin(run_on_database(cli.command, config, program)).await;
    done.map_err(|error| error.naming_database(|reason| location.cannot_use(reason)))
}

async fn run_on_database(command: Command, config: Config, program: &Program) -> Result<ExitCode, Error> {
    match command {
        Command::Completion { .. } | Command::Man => Ok(ExitCode::SUCCESS),
        Command::Access(access) => {
            Ok(if tables::access(config, program, access).await? { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Command::Explain(explain) => {
            Ok(if explain::run(config, program, explain).await? { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Command::Serve => done(serve::run(config, program).await),
        Command::Keys(command) => done(keys::run(&config, command).await),
        Command::Issuer(command) => done(issuer::run(&config, command).await),
        Command::Audit(command) => done(audit::run(&config, command).await),
        Command::Backup(command) => done(backup::run(&config, command).await),
        Command::Restore(command) => done(restore::run(&config, command).await),
        Command::Copy(command) => done(copy::run(&config, command).await),
        Command::Migrate => done(migrate(&config).await),
        Command::Admin(command) => done(Box::pin(admin::run(config, program, command)).await),
        Command::Users(cli::Users::Import(import)) => {
            let all = Box::pin(import_users::run(config, program, import)).await?;
            Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Users(command) => done(Box::pin(users::run(config, program, command)).await),
        Command::Webhooks(command) => done(Box::pin(webhooks::run(config, program, command)).await),
        Command::Roles(command) => done(roles::run(config, program, command).await),
        Command::Schema { role } => done(tables::print_schema(config, program, role).await),
        Command::Config(cli::Config::Check { online }) => done(config_check::run(&config, online).await),
        Command::Doctor(arguments) => {
            Ok(if doctor::run(&config, &arguments).await? { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Command::Config(cli::Config::Show) => done(output::print(&config.show())),
    }
}

fn done(result: Result<(), Error>) -> Result<ExitCode, Error> {
    result.map(|()| ExitCode::SUCCESS)
}

/// Runs `work` until SIGTERM or SIGINT. An interrupted command is rolled back, and an incomplete file is removed.
async fn interruptible(work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let (mut stop, _hangup) = Signals::listen()?.split();
    tokio::select! {
        result = work => result,
        () = stop.received() => Err(Error::Interrupted),
    }
}

/// Opens the database, which must exist.
async fn open(config: Config, program: &Program) -> Result<App, Error> {
    Box::pin(App::open_for_command(config, program.catalogue(), Missing::Refuse)).await
}

/// Opens the database, and creates it if it is missing.
async fn create(config: Config, program: &Program) -> Result<App, Error> {
    Box::pin(App::open_for_command(config, program.catalogue(), Missing::Create)).await
}

async fn migrate(config: &Config) -> Result<(), Error> {
    database::open(config, Missing::Create).await?.close().await;
    Ok(())
}

/// Tells the operator if a server runs on the same SQLite database. That server picks up a change made here within a
/// second. On PostgreSQL, servers may run at any time.
fn note_running_server(app: &App) {
    if let Some(server) = presence::running_server(&app.config.database()) {
        output::note(&format!(
            "a server is running on this database {server}; it may take up to a second to apply the change"
        ));
    }
}

fn unknown_role(name: &str) -> Error {
    Error::UnknownRole(name.escape_debug().to_string())
}
