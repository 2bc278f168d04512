//! `UserFilter`: which accounts are listed.

use async_graphql::{Context, InputObject};

use super::{last_sign_in_range::LastSignInRange, time_range::TimeRange, user_state::UserState};
use crate::{
    domain::user_list,
    graphql::{error::ApiError, guard, telling},
};

/// Which accounts are listed: those that meet everything given here. What is absent or null leaves nobody out.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// How the user name begins. Case and width of letters make no difference, and no sign stands for others.
    username_prefix: Option<String>,
    /// The whole address for mail. Spellings that are one address make no difference.
    email: Option<String>,
    /// A role the account was given, by name.
    role: Option<String>,
    /// Whether the account can sign in.
    state: Option<UserState>,
    /// When the account was made.
    created_at: Option<TimeRange>,
    /// When its owner last signed in, if ever.
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
        let Self { username_prefix, email, role, state, created_at, last_sign_in_at } = self;
        // In the order of the table.
        let given = [
            username_prefix.is_some(),
            email.is_some(),
            role.is_some(),
            state.is_some(),
            created_at.is_some(),
            last_sign_in_at.is_some(),
        ];
        for ((part, field), is_given) in telling::PARTS.into_iter().zip(given) {
            if is_given && guard::argument(ctx, &format!("filter.{part}"), telling::OF, field)? {
                personal.push(field);
            }
        }
        Ok(personal)
    }

    /// The filter in canonical form; nothing where no account could meet it.
    #[must_use]
    pub fn canonical(self) -> Option<user_list::UserFilter> {
        let mut filter = user_list::UserFilter::default();
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
