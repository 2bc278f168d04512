//! The command line: what may be typed, and the manual that `--help` prints. Runs nothing and reads no setting; `app`
//! does what is asked.
//!
//! Exit codes: 0 where it went well, 1 where it failed or a comparison found what it was to find, 2 where the command line,
//! the configuration or an input is wrong.

mod access;
mod admin;
mod audit;
mod backup;
mod explain;
mod format;
mod issuer;
mod keys;
pub mod manual;
pub mod password;
mod roles;
mod settings;
mod users;

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use self::{
    access::{Access, AccessCommand},
    admin::Admin,
    audit::{Audit, Noted},
    backup::{Backup, Copy, Restore, Url},
    explain::Explain,
    format::{AccessFormat, ListFormat},
    issuer::Issuer,
    keys::Keys,
    manual::Shell,
    roles::Roles,
    users::{State, Users},
};
use crate::config::Flags;

/// What somebody asked for.
#[derive(Debug, Clone)]
pub struct Cli {
    /// What to do.
    pub command: Command,
    /// The settings among the flags, and the configuration file.
    pub settings: Flags,
}

/// The command line of this process. Prints the manual, or what is wrong, and ends the process where there is nothing to
/// run.
#[must_use]
pub fn parse() -> Cli {
    try_parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit())
}

/// The command line that `arguments` make, the program's name first.
///
/// # Errors
///
/// What is wrong with it, or the manual where that was asked for; print it and exit with its code.
pub fn try_parse_from<T: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = T>) -> Result<Cli, clap::Error> {
    let matches = settings::without_settings_in_commands(Line::command()).try_get_matches_from(arguments)?;
    Line::from_arg_matches(&matches).map(Cli::from)
}

const EXAMPLES: &str = "\
Examples:
  fieldguard                                  serve http://127.0.0.1:4000/graphql from ./data
  fieldguard admin create ada                 make the first administrator; asks for a password
  fieldguard --listen 127.0.0.1:80 serve      a setting as a flag
  FIELDGUARD_LISTEN=127.0.0.1:80 fieldguard   the same from the environment
  fieldguard --config /etc/fieldguard.toml config show
  fieldguard users disable ann                end the sessions of an account and let nobody sign in to it

Settings come from defaults, the file fieldguard.toml (or --config FILE, or FIELDGUARD_CONFIG), environment variables and
flags; the later wins. --help lists them all, -h leaves them out.

Other users of the machine can see the flags of a running program. Put secrets into the configuration file or into the
environment, or let a variable such as FIELDGUARD_TOKEN_SECRET_FILE name a file that holds the secret alone.

Exit codes: 0 success, 1 failure (of `access diff`: something widened; of `explain`: something is denied), 2 the command line, the configuration or a file to
read is wrong.";

/// A self-hosted GraphQL server for accounts and access, whose schema is its access policy.
///
/// Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "fieldguard", version, after_help = EXAMPLES)]
struct Line {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Flags,
}

impl From<Line> for Cli {
    fn from(line: Line) -> Self {
        Self { command: line.command.unwrap_or(Command::Serve), settings: line.settings }
    }
}

/// What Fieldguard can be asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve the API (what happens without a command).
    ///
    /// Brings the database up to date, makes a signing key if there is none, and accepts connections until SIGTERM or
    /// SIGINT; then requests that are running end, and no new ones begin. SIGHUP loads the keys of access tokens anew.
    Serve,
    /// List, rotate and retire the keys that sign access tokens.
    #[command(subcommand)]
    Keys(Keys),
    /// Show and change the issuer of access tokens, which all servers on one database have in common.
    #[command(subcommand)]
    Issuer(Issuer),
    /// Bring the database up to date and end.
    ///
    /// `serve` does it too; this is for a step of its own before several replicas start. Safe to run twice, and at the same
    /// time. A database that a newer version has changed is refused.
    Migrate,
    /// Make and list administrators, and let in who is locked out.
    #[command(subcommand)]
    Admin(Admin),
    /// Print the schema in SDL, with the rule of every field.
    ///
    /// Needs no database, except for the roles made there that --as may name.
    #[command(after_help = "Examples:\n  fieldguard schema > schema.graphql\n  fieldguard schema --as user")]
    Schema {
        /// Print only what this role may reach; `anonymous` is nobody signed in.
        #[arg(long = "as", value_name = "ROLE")]
        role: Option<String>,
    },
    /// Print the access table, or compare two: every field, its rule, and which roles pass it.
    ///
    /// The roles are those of the database.
    #[command(after_help = access::EXAMPLES)]
    Access(Access),
    /// List the fields of a front end's documents that a role is denied, with file and line.
    ///
    /// Needs no server: it checks the documents against the schema of this program, and for the roles of the database. A pipeline
    /// learns before users do that a role cannot run an operation.
    #[command(after_help = explain::EXAMPLES)]
    Explain(Explain),
    /// List, show, disable and enable accounts, and change their roles.
    ///
    /// Works on the database itself, whether or not a server is running, and is refused nothing but what would leave nobody
    /// who can administer. A running server may remember for up to a second what was before.
    #[command(subcommand)]
    Users(Users),
    /// List and show roles.
    #[command(subcommand)]
    Roles(Roles),
    /// Look at the audit trail, and find out whether it was tampered with.
    #[command(subcommand)]
    Audit(Audit),
    /// Save the database to a file, also while a server is running.
    ///
    /// The file holds the database as it is at one moment: accounts with their password hashes, roles, the audit log. It
    /// does not hold sessions, personal access tokens, password reset codes and private keys. It appears under its name
    /// only when it is complete, and only you can read it. A backup of either database can be restored to the other.
    #[command(after_help = backup::BACKUP_EXAMPLES)]
    Backup(Backup),
    /// Restore the database from a backup.
    ///
    /// Stop every server first. All or nothing: a backup that is damaged or made by a newer version is refused before
    /// anything is changed. Afterwards every session, personal access token and password reset code is revoked, and the
    /// server creates a new signing key when it starts. A backup of an older schema is migrated.
    #[command(after_help = backup::RESTORE_EXAMPLES)]
    Restore(Restore),
    /// Copy a database to an empty one, between SQLite and PostgreSQL in both directions.
    ///
    /// Stop the server first: what it changes while the copy runs is not in the copy. Numbers of rows, content and audit log
    /// are compared before the copy is kept. Sessions, personal access tokens and access tokens stay valid: the signing key
    /// moves between the directory of the SQLite file, or `data_dir`, and the database.
    #[command(after_help = backup::COPY_EXAMPLES)]
    Copy(Copy),
    /// Check and show the settings.
    #[command(subcommand)]
    Config(Config),
    /// Print a script that lets a shell complete this command line.
    #[command(after_help = manual::COMPLETION_EXAMPLES)]
    Completion {
        /// For which shell.
        #[arg(value_enum, value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page, in the form that `man` reads.
    #[command(after_help = manual::MAN_EXAMPLES)]
    Man,
}

/// What can be done with the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Config {
    /// Say whether the settings are in order, or everything that is wrong with them. Starts nothing.
    Check,
    /// Print the settings in force as a configuration file, each with where it was set. Secrets are redacted.
    Show,
}

#[cfg(test)]
mod tests;
