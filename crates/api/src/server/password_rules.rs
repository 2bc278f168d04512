//! `PasswordRules`: what a new password must be.

use async_graphql::SimpleObject;
use fieldguard_guard::guarded;

use crate::settings::Settings;

/// The rules for new passwords. Any character is allowed. Common passwords and passwords made from the username or the email address are refused.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct PasswordRules {
    /// The minimum number of characters.
    min_characters: usize,
    /// The maximum number of characters.
    max_characters: usize,
}

impl From<&Settings> for PasswordRules {
    fn from(settings: &Settings) -> Self {
        Self { min_characters: settings.password_min_characters, max_characters: settings.password_max_characters }
    }
}
