//! `UserFilter`: which users are listed.

use async_graphql::InputObject;
use fieldguard_domain::user_list;
use fieldguard_guard::{cost_directives::Cost, exposes::Exposes};

use crate::{error::ApiError, pages::time_range::TimeRange, users::user_state::UserState};

/// Selects users who match every given field. Fields that are absent or null select everyone. You can't filter by a field you can't read.
// The costs keep a document within 20 ms of processor time on 20,000 users: it has room for one search, or for one count
// by role. `tests/costs` measures them.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// The beginning of the username. Ignores case and the width of letters. There are no wildcards.
    #[graphql(directive = Exposes::apply(&["User.username"]))]
    username_prefix: Option<String>,
    /// The whole email address. Different spellings of one address match.
    #[graphql(directive = Exposes::apply(&["User.email"]))]
    email: Option<String>,
    /// Any part of the username or the email address, at least 3 characters. Ignores case and the width of letters.
    #[graphql(directive = Cost::apply(4_900), directive = Exposes::apply(&["User.username", "User.email"]))]
    search: Option<String>,
    /// The name of a role that the user was given directly.
    #[graphql(directive = Cost::apply(3_000), directive = Exposes::apply(&["User.roles"]))]
    role: Option<String>,
    /// The user's state.
    #[graphql(directive = Exposes::apply(&["User.state"]))]
    state: Option<UserState>,
    /// When the user was created.
    #[graphql(directive = Exposes::apply(&["User.createdAt"]))]
    created_at: Option<TimeRange>,
    /// When the user last signed in.
    #[graphql(directive = Cost::apply(1_800), directive = Exposes::apply(&["User.lastSignInAt"]))]
    last_sign_in_at: Option<TimeRange>,
    /// Whether to select users who have never signed in: `true` adds them to those in `lastSignInAt` or, without a range, selects only them; `false` leaves them out.
    #[graphql(directive = Cost::apply(1_800), directive = Exposes::apply(&["User.lastSignInAt"]))]
    never_signed_in: Option<bool>,
}

impl UserFilter {
    /// The filter in canonical form; nothing where no user could match it.
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
        if self.last_sign_in_at.is_some() || self.never_signed_in.is_some() {
            let range = self.last_sign_in_at.map(Into::into).unwrap_or_default();
            filter = filter.last_sign_in(range, self.never_signed_in);
        }
        Some(filter)
    }
}
