//! The command line and its manual (`--help`). It runs nothing and reads no settings; `app` runs the commands.
//!
//! Exit codes: 0 for success, 1 for a failure or a comparison that found a difference, 2 for an invalid command line,
//! configuration or input.

mod access;
mod admin;
mod audit;
mod backup;
mod doctor;
mod explain;
mod format;
mod issuer;
mod keys;
pub mod manual;
pub mod password;
mod roles;
mod settings;
mod users;
mod webhooks;

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use self::{
    access::{Access, AccessCommand},
    admin::Admin,
    audit::{Audit, AuditCheckpoint},
    backup::{Backup, Copy, Restore, Url},
    doctor::Doctor,
    explain::Explain,
    format::{AccessFormat, ListFormat},
    issuer::Issuer,
    keys::Keys,
    manual::Shell,
    roles::Roles,
    users::{Import, ImportConflict, State, Users},
    webhooks::{WebhookState, Webhooks},
};
use crate::config::Flags;

/// A parsed command line.
#[derive(Debug, Clone)]
pub struct Cli {
    /// The command to run.
    pub command: Command,
    /// The settings given as flags, and the configuration file.
    pub settings: Flags,
}

/// Parses the command line of this process. If there is nothing to run, prints the manual or the error and exits.
#[must_use]
pub fn parse() -> Cli {
    try_parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit())
}

/// Parses `arguments`. The first one is the program's name.
///
/// # Errors
///
/// An error, or the requested manual. Print it and exit with its code.
pub fn try_parse_from<T: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = T>) -> Result<Cli, clap::Error> {
    let matches = settings::without_settings_in_commands(Arguments::command()).try_get_matches_from(arguments)?;
    Arguments::from_arg_matches(&matches).map(Cli::from)
}

const EXAMPLES: &str = "\
Examples:
  fieldguard                                  serve http://127.0.0.1:4000/graphql from ./data
  fieldguard admin create ada                 create the first administrator; asks for a password
  fieldguard --listen 127.0.0.1:80 serve      a setting as a flag
  FIELDGUARD_LISTEN=127.0.0.1:80 fieldguard   the same from the environment
  fieldguard --config /etc/fieldguard.toml config show
  fieldguard users disable ann                disable an account and revoke its sessions

Settings come from defaults, the file fieldguard.toml (or --config FILE, or FIELDGUARD_CONFIG), environment variables and
flags; the later source wins. --help lists them all, -h leaves them out.

Other users of the machine can see the flags of a running program. Put secrets into the configuration file or into the
environment, or set a variable such as FIELDGUARD_TOKEN_SECRET_FILE to the path of a file with only the secret.

Exit codes: 0 success; 1 failure, or `access diff` found something that widened, `explain` something
that is denied, or `doctor` a problem; 2 the command line, the configuration or an input file is
invalid.";

/// A self-hosted GraphQL server for accounts and access, whose schema is its access policy.
///
/// Without a command it runs `serve`.
#[derive(Debug, Parser)]
#[command(name = "fieldguard", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Flags,
}

impl From<Arguments> for Cli {
    fn from(arguments: Arguments) -> Self {
        Self { command: arguments.command.unwrap_or(Command::Serve), settings: arguments.settings }
    }
}

/// The commands of Fieldguard.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve the API (the default command).
    ///
    /// Migrates the database, generates a signing key if there is none, and accepts connections until SIGTERM or
    /// SIGINT. Running requests then finish, and no new ones are accepted. SIGHUP reloads the keys of access tokens and
    /// the TLS certificate.
    Serve,
    /// List, rotate and retire the keys that sign access tokens.
    #[command(subcommand)]
    Keys(Keys),
    /// Show and change the issuer of access tokens, which all servers on one database share.
    #[command(subcommand)]
    Issuer(Issuer),
    /// Migrate the database and exit.
    ///
    /// `serve` migrates too. Use this command as a separate step before several replicas start. It is safe to run
    /// twice, and at the same time. A database that a newer version has migrated is refused.
    Migrate,
    /// Create and list administrators, and reset passwords of users who are locked out.
    #[command(subcommand)]
    Admin(Admin),
    /// Print the schema in SDL, with the rule of every field.
    ///
    /// Needs no database, except for --as with a custom role.
    #[command(after_help = "Examples:\n  fieldguard schema > schema.graphql\n  fieldguard schema --as user")]
    Schema {
        /// Print only what this role can see; `anonymous` stands for callers who are not signed in.
        #[arg(long = "as", value_name = "ROLE")]
        role: Option<String>,
    },
    /// Print the access table, or compare two: every field with its rule and the access of each role.
    ///
    /// The roles come from the database.
    #[command(after_help = access::EXAMPLES)]
    Access(Access),
    /// List the fields of a front end's documents that a role is denied, with file and line.
    ///
    /// Needs no server: it checks the documents against the schema of this program, and for the roles of the database. A pipeline
    /// learns before users do that a role cannot run an operation.
    #[command(after_help = explain::EXAMPLES)]
    Explain(Explain),
    /// List, show, import, disable and enable accounts, and change their roles.
    ///
    /// Works on the database directly, whether or not a server is running. Everything is allowed except disabling or
    /// demoting the last administrator. A running server may take up to a second to apply the change.
    #[command(subcommand)]
    Users(Users),
    /// List and show roles.
    #[command(subcommand)]
    Roles(Roles),
    /// Read the audit log, and verify that it was not tampered with.
    #[command(subcommand)]
    Audit(Audit),
    /// List and replay webhook events, and test their receiver.
    #[command(subcommand)]
    Webhooks(Webhooks),
    /// Save the database to a file, also while a server is running.
    ///
    /// The file contains the database at one moment: accounts with their password hashes, roles, the audit log. It
    /// contains no sessions, personal access tokens, password reset codes or private keys. It appears under its name
    /// only when it is complete, and only you can read it. A backup of SQLite can be restored to PostgreSQL and the
    /// other way round.
    #[command(after_help = backup::BACKUP_EXAMPLES)]
    Backup(Backup),
    /// Restore the database from a backup.
    ///
    /// Stop every server first. All or nothing: a backup that is damaged or created by a newer version is refused
    /// before anything changes. Afterwards every session, personal access token and password reset code is revoked, and
    /// the server creates a new signing key when it starts. A backup of an older schema is migrated.
    #[command(after_help = backup::RESTORE_EXAMPLES)]
    Restore(Restore),
    /// Copy a database to an empty one, between SQLite and PostgreSQL in both directions.
    ///
    /// Stop the server first: changes it makes during the copy are not copied. The command compares row counts,
    /// contents and the audit log before it commits the copy. Sessions, personal access tokens and access tokens stay
    /// valid: the signing key moves between the directory of the SQLite file, or `data_dir`, and the database.
    #[command(after_help = backup::COPY_EXAMPLES)]
    Copy(Copy),
    /// Check and show the configuration.
    #[command(subcommand)]
    Config(Config),
    /// Look at a deployment and its running server, and print what is wrong and what to do.
    ///
    /// Checks the database and its migrations, keys, the permissions of files, the TLS certificate, the clock against
    /// the database, disk space, limits, proxies, and what the server tells its clients. Changes nothing. The exit code
    /// is 1 if there is a problem; a warning leaves it 0.
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(Doctor),
    /// Print a completion script for a shell.
    #[command(after_help = manual::COMPLETION_EXAMPLES)]
    Completion {
        /// The shell.
        #[arg(value_enum, value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page in roff, the format of `man`.
    #[command(after_help = manual::MAN_EXAMPLES)]
    Man,
}

/// Commands for the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Config {
    /// Check the configuration and print all problems. Starts nothing.
    ///
    /// Reads what a start reads: the settings, files with secrets, the key of access tokens and the TLS certificate.
    Check {
        /// Connect to the database, too, and print its version and the migrations it lacks. Changes nothing.
        #[arg(long)]
        online: bool,
    },
    /// Print the effective settings as a configuration file, each with its source. Secrets are redacted.
    Show,
}

#[cfg(test)]
mod tests;
