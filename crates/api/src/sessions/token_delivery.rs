//! `TokenDelivery`: where a client wants its refresh token.

use async_graphql::{Context, Enum};

use crate::{error::ApiError, sessions::refresh_cookie};

/// Where the refresh token goes.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TokenDelivery {
    /// Into the answer, as `refreshToken`. For programs that can keep a secret.
    #[default]
    Body,
    /// Into a cookie that no script can read and that only `/graphql` of this server gets. For pages in browsers; `refresh` and `logout` then need no argument. A page of another site gets `BAD_USER_INPUT`, since browsers keep no such cookie for it.
    Cookie,
}

impl TokenDelivery {
    /// The same, where the page that asks may have it.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a cookie that a page asks for whose origin is not on the list, `BAD_USER_INPUT` for one of another site.
    pub fn checked(self, ctx: &Context<'_>) -> Result<Self, ApiError> {
        if self == Self::Cookie {
            refresh_cookie::check_delivery(ctx)?;
        }
        Ok(self)
    }
}
