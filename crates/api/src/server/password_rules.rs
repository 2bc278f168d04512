//! `PasswordRules`: what a new password must be.

use async_graphql::Object;
use fieldguard_guard::guarded;

use crate::settings::Settings;

/// What a new password must be. There are no rules on which characters it holds; common passwords and those made of one's own name are refused.
pub struct PasswordRules {
    min_characters: usize,
    max_characters: usize,
}

impl From<&Settings> for PasswordRules {
    fn from(settings: &Settings) -> Self {
        Self { min_characters: settings.password_min_characters, max_characters: settings.password_max_characters }
    }
}

/// What a new password must be. There are no rules on which characters it holds; common passwords and those made of one's own name are refused.
#[guarded(public)]
#[Object]
impl PasswordRules {
    /// The fewest characters.
    async fn min_characters(&self) -> usize {
        self.min_characters
    }

    /// The most characters.
    async fn max_characters(&self) -> usize {
        self.max_characters
    }
}
