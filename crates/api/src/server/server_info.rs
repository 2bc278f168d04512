//! `ServerInfo`: what a client needs to know of this server before anyone signs in.

use async_graphql::Object;
use async_graphql::resolver_utils::EnumType as _;
use fieldguard_guard::{cost_directives::ListSize, guarded};

use crate::{
    error::Code,
    input_error_reason::InputErrorReason,
    server::{password_rules::PasswordRules, server_limits::ServerLimits},
    settings::Settings,
};

/// What a client needs to know of this server before anyone signs in.
pub struct ServerInfo {
    version: &'static str,
    registration_open: bool,
    sign_in_with_email: bool,
    password_rules: PasswordRules,
    limits: ServerLimits,
}

impl From<&Settings> for ServerInfo {
    fn from(settings: &Settings) -> Self {
        Self {
            version: settings.version,
            registration_open: settings.registration_open,
            sign_in_with_email: settings.sign_in_with_email,
            password_rules: settings.into(),
            limits: ServerLimits {
                documents: settings.limits,
                registrations_per_hour: settings.registrations_per_hour,
            },
        }
    }
}

/// What a client needs to know of this server before anyone signs in.
#[guarded(public)]
#[Object]
impl ServerInfo {
    /// The version of the server.
    async fn version(&self) -> &str {
        self.version
    }

    /// Can anyone make an account with `register`?
    async fn registration_open(&self) -> bool {
        self.registration_open
    }

    /// Whether `login` takes the email address of an account in the place of its user name.
    async fn sign_in_with_email(&self) -> bool {
        self.sign_in_with_email
    }

    /// What a new password must be.
    async fn password_rules(&self) -> &PasswordRules {
        &self.password_rules
    }

    /// Every code that `extensions.code` of an error can have.
    #[graphql(directive = ListSize::apply(15))]
    async fn error_codes(&self) -> Vec<Code> {
        Code::items().iter().map(|item| item.value).collect()
    }

    /// Every reason for which a value is refused.
    #[graphql(directive = ListSize::apply(21))]
    async fn input_error_reasons(&self) -> Vec<InputErrorReason> {
        InputErrorReason::all()
    }

    /// What a request may cost.
    async fn limits(&self) -> &ServerLimits {
        &self.limits
    }
}
