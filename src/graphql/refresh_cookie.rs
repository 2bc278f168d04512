//! The refresh token in a cookie, as far as the schema knows of it: what the request brought, and what the answer is to set.
//! What the cookie is called, and which pages may use it, is for the transport to say.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::Context;
use chrono::{DateTime, Utc};

use super::error::{ApiError, Code};

/// What the request brought.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Presented {
    /// No cookie.
    #[default]
    Nothing,
    /// A cookie, or a request for one, from a page that may not use it.
    ForeignOrigin,
    /// The refresh token in the cookie.
    Token(String),
}

/// What the answer does to the cookie.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// Sets it.
    Set {
        /// The refresh token.
        token: String,
        /// When the session ends at the latest, and the cookie with it.
        expires_at: DateTime<Utc>,
    },
    /// Removes it.
    Clear,
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::ForeignOrigin => "ForeignOrigin",
            Self::Token(_) => "Token(redacted)",
        })
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Set { .. } => "Set(redacted)",
            Self::Clear => "Clear",
        })
    }
}

/// The cookie of one request: data in its context.
#[derive(Debug, Default)]
pub struct RefreshCookie {
    presented: Presented,
    change: Mutex<Option<Change>>,
}

impl RefreshCookie {
    /// The cookie that a request brought.
    #[must_use]
    pub fn new(presented: Presented) -> Self {
        Self { presented, change: Mutex::default() }
    }

    /// What the answer is to do.
    #[must_use]
    pub fn change(&self) -> Option<Change> {
        self.change.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn write(&self, change: Change) {
        *self.change.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }
}

/// The refresh token in the request's cookie, where there is one.
///
/// # Errors
///
/// `FORBIDDEN` where the page that sent the request may not use the cookie.
pub fn presented<'a>(ctx: &Context<'a>) -> Result<Option<&'a str>, ApiError> {
    match ctx.data_opt::<Arc<RefreshCookie>>().map(|it| &it.presented) {
        None | Some(Presented::Nothing) => Ok(None),
        Some(Presented::Token(token)) => Ok(Some(token)),
        Some(Presented::ForeignOrigin) => Err(foreign()),
    }
}

/// Refuses where the page that sent the request may not use the cookie.
///
/// # Errors
///
/// `FORBIDDEN`.
pub fn check_origin(ctx: &Context<'_>) -> Result<(), ApiError> {
    presented(ctx).map(|_| ())
}

/// Has the answer set or remove the cookie.
pub fn write(ctx: &Context<'_>, change: Change) {
    if let Some(cookie) = ctx.data_opt::<Arc<RefreshCookie>>() {
        cookie.write(change);
    }
}

fn foreign() -> ApiError {
    ApiError::new(Code::Forbidden, "The cookie serves pages of this server and of the origins in `cors.origins` only.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_is_shown() {
        let cookie = RefreshCookie::new(Presented::Token("fg_rt_secret".to_owned()));
        cookie.write(Change::Set { token: "fg_rt_secret".to_owned(), expires_at: DateTime::UNIX_EPOCH });
        assert!(!format!("{cookie:?}").contains("secret"));
    }
}
