//! `LastSignInRange`: when somebody last signed in, if ever.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use fieldguard_domain::user_list::{Millis, UserFilter};

/// When the owner of an account last signed in, if ever.
#[derive(InputObject)]
pub struct LastSignInRange {
    /// The first time in the range.
    from: Option<DateTime<Utc>>,
    /// The first time after the range, which is not in it.
    until: Option<DateTime<Utc>>,
    /// Whether those who never signed in are found: true adds them to the range, or asks for them alone where there is no range; false leaves them out, as a range does by itself.
    never: Option<bool>,
}

impl LastSignInRange {
    /// The filter, narrowed to these.
    pub(crate) fn narrow(self, filter: UserFilter) -> UserFilter {
        filter.last_sign_in(Millis::between(self.from, self.until), self.never)
    }
}
