//! `UserFilter`: which accounts are listed.

use async_graphql::InputObject;
use fieldguard_domain::user_list;
use fieldguard_guard::{cost_directives::Cost, exposes::Exposes};

use crate::{
    error::ApiError,
    pages::time_range::TimeRange,
    users::{last_sign_in_range::LastSignInRange, user_state::UserState},
};

/// Which accounts are listed: those that meet everything given here. What is absent or null leaves nobody out.
// The costs keep a document within 20 ms of processor time on 20,000 accounts: it has room for one search, or for one count
// by role. `tests/costs` measures them.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// How the user name begins. Case and width of letters make no difference, and no sign stands for others.
    #[graphql(directive = Exposes::apply(&["User.username"]))]
    username_prefix: Option<String>,
    /// The whole address for mail. Spellings that are one address make no difference.
    #[graphql(directive = Exposes::apply(&["User.email"]))]
    email: Option<String>,
    /// Part of the user name or of the email address, at least 3 characters. Case and width of letters make no difference. You need to be allowed to read both fields.
    #[graphql(directive = Cost::apply(4_900), directive = Exposes::apply(&["User.username", "User.email"]))]
    search: Option<String>,
    /// A role the account was given, by name.
    #[graphql(directive = Cost::apply(3_000), directive = Exposes::apply(&["User.roles"]))]
    role: Option<String>,
    /// Whether the account can sign in.
    #[graphql(directive = Exposes::apply(&["User.state"]))]
    state: Option<UserState>,
    /// When the account was made.
    #[graphql(directive = Exposes::apply(&["User.createdAt"]))]
    created_at: Option<TimeRange>,
    /// When its owner last signed in, if ever.
    #[graphql(directive = Cost::apply(1_800), directive = Exposes::apply(&["User.lastSignInAt"]))]
    last_sign_in_at: Option<LastSignInRange>,
}

impl UserFilter {
    /// The filter in canonical form; nothing where no account could meet it.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` where `search` is too short.
    pub fn canonical(mut self) -> Result<Option<user_list::UserFilter>, ApiError> {
        let filter = user_list::UserFilter::default();
        let searched = match self.search.take() {
            Some(typed) => filter.search(&typed)?,
            None => Some(filter),
        };
        Ok(searched.and_then(|filter| self.narrow(filter)))
    }

    /// The same filter, narrowed to everything here but `search`.
    fn narrow(self, mut filter: user_list::UserFilter) -> Option<user_list::UserFilter> {
        if let Some(prefix) = self.username_prefix {
            filter = filter.username_prefix(&prefix)?;
        }
        if let Some(email) = self.email {
            filter = filter.email(&email)?;
        }
        if let Some(role) = self.role {
            filter = filter.role(&role)?;
        }
        filter.state = self.state.map(Into::into);
        filter.created_at = self.created_at.map(Into::into).unwrap_or_default();
        Some(match self.last_sign_in_at {
            Some(range) => range.narrow(filter),
            None => filter,
        })
    }
}
