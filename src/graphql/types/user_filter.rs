//! `UserFilter`: which accounts are listed.

use async_graphql::{Context, InputObject};

use super::{last_sign_in_range::LastSignInRange, time_range::TimeRange, user_state::UserState};
use crate::{
    domain::user_list,
    graphql::{cost_directives::Cost, error::ApiError, guard, telling},
};

/// Which accounts are listed: those that meet everything given here. What is absent or null leaves nobody out.
// The costs keep a document within 20 ms of processor time on 20,000 accounts: it has room for one search, or for one count
// by role. `tests/costs` measures them.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// How the user name begins. Case and width of letters make no difference, and no sign stands for others.
    username_prefix: Option<String>,
    /// The whole address for mail. Spellings that are one address make no difference.
    email: Option<String>,
    /// Part of the user name or of the email address, at least 3 characters. Case and width of letters make no difference. You need to be allowed to read both fields.
    #[graphql(directive = Cost::apply(4_900))]
    search: Option<String>,
    /// A role the account was given, by name.
    #[graphql(directive = Cost::apply(3_000))]
    role: Option<String>,
    /// Whether the account can sign in.
    state: Option<UserState>,
    /// When the account was made.
    created_at: Option<TimeRange>,
    /// When its owner last signed in, if ever.
    #[graphql(directive = Cost::apply(1_800))]
    last_sign_in_at: Option<LastSignInRange>,
}

impl UserFilter {
    /// Holds each part that is given to the rule of the field whose values it tells of. Answers those that are personal.
    ///
    /// # Errors
    ///
    /// As [`guard::argument`], of the first part that is refused.
    pub fn check(&self, ctx: &Context<'_>) -> Result<Vec<&'static str>, ApiError> {
        let mut personal = Vec::new();
        let given = self.given();
        for (part, field) in telling::PARTS {
            if given.contains(&part) && guard::argument(ctx, &format!("filter.{part}"), telling::OF, field)? {
                personal.push(field);
            }
        }
        Ok(personal)
    }

    /// The names of the parts that are given.
    fn given(&self) -> Vec<&'static str> {
        let Self { username_prefix, email, search, role, state, created_at, last_sign_in_at } = self;
        let parts = [
            username_prefix.as_ref().map(|_| "usernamePrefix"),
            email.as_ref().map(|_| "email"),
            search.as_ref().map(|_| "search"),
            role.as_ref().map(|_| "role"),
            state.as_ref().map(|_| "state"),
            created_at.as_ref().map(|_| "createdAt"),
            last_sign_in_at.as_ref().map(|_| "lastSignInAt"),
        ];
        parts.into_iter().flatten().collect()
    }

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
