//! `fieldguard admin …`: what may be typed of administrators.

use clap::Subcommand;

use super::ListFormat;

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
    /// the mutation resetPassword sets a new one, once and within `password.reset_lifetime`. To set a password here and now, use
    /// `admin set-password`.
    Reset {
        /// The name the account signs in with.
        name: String,
    },
    /// Set the password of any account.
    ///
    /// Asks twice for the new password, without showing it. All sessions and personal access tokens of the account are revoked,
    /// and failed sign-ins are forgotten. A disabled account stays disabled.
    #[command(after_help = "Examples:
  fieldguard admin set-password ada
  pass show fieldguard/ada | fieldguard admin set-password ada --password-stdin")]
    SetPassword {
        /// The name the account signs in with.
        name: String,
        /// Take the password from the first line of standard input, for scripts.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the administrators.
    List {
        /// How to print them.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
}
