//! `ServerInfo`: what a client needs to know about the server.

use async_graphql::{SimpleObject, resolver_utils::EnumType as _};
use fieldguard_guard::{cost_directives::ListSize, guarded};

use crate::{
    error::Code,
    input_error_reason::InputErrorReason,
    server::{password_rules::PasswordRules, server_limits::ServerLimits},
    settings::Settings,
};

/// What a client needs to know about the server.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ServerInfo {
    /// The version of the server.
    version: String,
    /// Whether everyone can create an account with `register`.
    registration_open: bool,
    /// Whether `login` accepts the email address instead of the username.
    sign_in_with_email: bool,
    /// Whether the server sends mail: `requestPasswordReset` and `requestEmailVerification` work.
    mail_enabled: bool,
    /// The rules for new passwords.
    password_rules: PasswordRules,
    /// All values of `extensions.code` in errors.
    #[graphql(directive = ListSize::apply(15))]
    error_codes: Vec<Code>,
    /// All values of `extensions.reason` in errors with the code `BAD_USER_INPUT` or `CONFLICT`.
    #[graphql(directive = ListSize::apply(21))]
    input_error_reasons: Vec<InputErrorReason>,
    /// The limits on requests.
    limits: ServerLimits,
}

impl From<&Settings> for ServerInfo {
    fn from(settings: &Settings) -> Self {
        Self {
            version: settings.version.to_owned(),
            registration_open: settings.registration_open,
            sign_in_with_email: settings.sign_in_with_email,
            mail_enabled: settings.mail_enabled,
            password_rules: settings.into(),
            error_codes: Code::items().iter().map(|item| item.value).collect(),
            input_error_reasons: InputErrorReason::all(),
            limits: ServerLimits::new(&settings.limits, settings.registrations_per_hour),
        }
    }
}
