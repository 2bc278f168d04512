//! The command line: what may be typed, and the manual that `--help` prints. Runs nothing and reads no setting; `app`
//! does what is asked.
//!
//! Exit codes: 0 where it went well, 1 where it failed, 2 where the command line or the configuration is wrong.

pub mod password;
mod settings;

use std::ffi::OsString;

use clap::{Parser, Subcommand, ValueEnum};

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
    Line::parse().into()
}

/// The command line that `arguments` make, the program's name first.
///
/// # Errors
///
/// What is wrong with it, or the manual where that was asked for; print it and exit with its code.
pub fn try_parse_from<T: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = T>) -> Result<Cli, clap::Error> {
    Line::try_parse_from(arguments).map(Cli::from)
}

const EXAMPLES: &str = "\
Examples:
  fieldguard                                  serve http://127.0.0.1:4000/graphql from ./data
  fieldguard admin create ada                 make the first administrator; asks for a password
  fieldguard --listen 0.0.0.0:80 serve        a setting as a flag
  FIELDGUARD_LISTEN=0.0.0.0:80 fieldguard     the same from the environment
  fieldguard --config /etc/fieldguard.toml config show

Settings come from defaults, the file fieldguard.toml (or --config FILE, or FIELDGUARD_CONFIG), environment variables and
flags; the later wins. --help lists them all, -h leaves them out.

Exit codes: 0 success, 1 failure, 2 the command line or the configuration is wrong.";

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
    /// Print the access table: every field, its rule, and which roles pass it.
    ///
    /// The roles are those of the database.
    #[command(after_help = "Examples:\n  fieldguard access\n  fieldguard access --role user --format csv > access.csv")]
    Access {
        /// Only the fields that this role may reach.
        #[arg(long, value_name = "NAME")]
        role: Option<String>,
        /// How to print it.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: AccessFormat,
    },
    /// Look at the audit trail, and find out whether it was tampered with.
    #[command(subcommand)]
    Audit(Audit),
    /// Check and show the settings.
    #[command(subcommand)]
    Config(Config),
}

/// What can be done with administrators.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Admin {
    /// Make an account that is an administrator.
    ///
    /// Asks twice for a password, without showing it. A server may be running on the same database.
    #[command(after_help = "Examples:
  fieldguard admin create ada --email ada@example.org
  pass show fieldguard/ada | fieldguard admin create ada --password-stdin")]
    Create {
        /// The name to sign in with: 3 to 40 letters, digits, `_`, `.` or `-`.
        name: String,
        /// An address for mail.
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// Take the password from the first line of standard input, for scripts.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make a code that resets the password of an account, whoever's it is.
    ///
    /// For whoever is locked out. All sessions of the account end and its old password no longer signs in; with the code,
    /// the mutation resetPassword sets a new one, once and within `password.reset_lifetime`.
    Reset {
        /// The name the account signs in with.
        name: String,
    },
    /// List the administrators.
    List {
        /// How to print them.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
}

/// What can be done with keys.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Keys {
    /// List the keys: which one signs, until when the former ones verify, which are retired.
    List {
        /// How to print them.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Make another key and let it sign.
    ///
    /// The key before it verifies until its last token has expired; nobody is signed out. Servers that run notice within a
    /// second, or at once at SIGHUP. A key of the settings is not rotated here but where it was set.
    Rotate,
    /// End a key that signed before, for instance because it leaked.
    ///
    /// Its tokens are not valid any longer; whoever has one needs another. Servers that run notice within a second, or at once
    /// at SIGHUP. The key that signs cannot be ended: rotate first.
    #[command(after_help = "Example:\n  fieldguard keys rotate && fieldguard keys retire KID")]
    Retire {
        /// The name of the key, from `keys list`.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

/// What can be done with the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Audit {
    /// Print the newest rows, the newest last.
    Tail {
        /// How many rows.
        #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20)]
        number: u32,
        /// Go on and print new rows as they come.
        #[arg(short, long)]
        follow: bool,
        /// How to print them; JSON that is followed is one object a line.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Say whether a row was changed, removed, added or moved, and name the first. Exits with 1 then.
    ///
    /// A server may be running on the same database. Whoever can write to the database as the server does can write a whole
    /// new trail with new hashes. To find that too, keep the line that this prints elsewhere, and give it back with --expect.
    #[command(after_help = "Example:\n  fieldguard audit verify --expect 4711:9f86d081884c7d65…")]
    Verify {
        /// The number and the hash of a row that has to be there.
        #[arg(long, value_name = "NUMBER:HASH", value_parser = Noted::parse)]
        expect: Option<Noted>,
    },
}

/// A row of the audit trail, as it was noted elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Its number.
    pub number: i64,
    /// Its hash.
    pub hash: String,
}

impl Noted {
    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(number, hash)| Some((number.parse().ok()?, hash)));
        let (number, hash) = parts.filter(|it| it.1.len() == 64).ok_or("expected NUMBER:HASH, as verify prints it")?;
        Ok(Self { number, hash: hash.to_owned() })
    }
}

/// What can be done with the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Config {
    /// Say whether the settings are in order, or everything that is wrong with them. Starts nothing.
    Check,
    /// Print the settings in force as a configuration file, each with where it was set. Secrets are redacted.
    Show,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Columns, for people.
    #[default]
    Table,
    /// JSON, for programs.
    Json,
}

/// How the access table is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AccessFormat {
    /// Columns, for people.
    #[default]
    Table,
    /// JSON, for programs.
    Json,
    /// Comma-separated values (RFC 4180), for spreadsheets.
    Csv,
}

#[cfg(test)]
mod tests;
