//! `TokenDelivery`: where to deliver the refresh token.

use async_graphql::{Context, Enum};

use crate::{error::ApiError, sessions::refresh_cookie};

/// Where to deliver the refresh token.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TokenDelivery {
    /// In the payload, as `refreshToken`. For clients that can store a secret.
    #[default]
    Body,
    /// In a cookie that scripts can't read and that browsers send only to `/graphql` of this server. For pages in browsers: `refresh` and `logout` then need no `input`. A page of another site is refused with `BAD_USER_INPUT`, since browsers don't keep the cookie for it.
    Cookie,
}

impl TokenDelivery {
    /// The same, if the page can use it.
    ///
    /// # Errors
    ///
    /// For a cookie: `FORBIDDEN` if the origin of the page is not allowed, `BAD_USER_INPUT` if the page is on another site.
    pub fn checked(self, ctx: &Context<'_>) -> Result<Self, ApiError> {
        if self == Self::Cookie {
            refresh_cookie::check_delivery(ctx)?;
        }
        Ok(self)
    }
}
