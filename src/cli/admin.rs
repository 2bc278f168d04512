//! `fieldguard admin …`: the arguments for administrators.

use clap::Subcommand;

use super::ListFormat;

/// Commands for administrators.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Admin {
    /// Create an account that is an administrator.
    ///
    /// Asks twice for a password, without showing it. A server may be running on the same database.
    #[command(after_help = "Examples:
  fieldguard admin create ada --email ada@example.org
  pass show fieldguard/ada | fieldguard admin create ada --password-stdin")]
    Create {
        /// The name to sign in with: 3 to 40 letters, digits, `_`, `.` or `-`.
        name: String,
        /// The email address.
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// Read the password from the first line of standard input, for scripts.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Create a code that resets the password of any account.
    ///
    /// For users who are locked out. All sessions of the account are revoked and its old password stops working. With
    /// the code, the mutation resetPassword sets a new password, once and within `password.reset_lifetime`. To set a
    /// password directly, use `admin set-password`.
    Reset {
        /// The username of the account.
        name: String,
    },
    /// Set the password of any account.
    ///
    /// Asks twice for the new password, without showing it. All sessions and personal access tokens of the account are
    /// revoked, and its failed sign-ins are reset. A disabled account stays disabled.
    #[command(after_help = "Examples:
  fieldguard admin set-password ada
  pass show fieldguard/ada | fieldguard admin set-password ada --password-stdin")]
    SetPassword {
        /// The username of the account.
        name: String,
        /// Read the password from the first line of standard input, for scripts.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Remove the second factor of any account.
    ///
    /// For users who lost their authenticator app and their recovery codes. All sessions of the account are revoked. At
    /// the next sign-in the password suffices, or the user enrolls again if a role requires it.
    ResetSecondFactor {
        /// The username of the account.
        name: String,
    },
    /// List the administrators.
    List {
        /// The output format.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
}
