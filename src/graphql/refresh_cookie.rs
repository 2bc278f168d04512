//! The refresh token in a cookie, as far as the schema knows of it: what the request brought, and what the answer is to set.
//! What the cookie is called, and which pages may use it, is for the transport to say.

use std::sync::{Mutex, PoisonError};

use async_graphql::Context;
use chrono::{DateTime, Utc};

use super::error::{ApiError, Code};

/// What the request brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    match ctx.data_opt::<std::sync::Arc<RefreshCookie>>().map(|it| &it.presented) {
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
    if let Some(cookie) = ctx.data_opt::<std::sync::Arc<RefreshCookie>>() {
        cookie.write(change);
    }
}

fn foreign() -> ApiError {
    ApiError::new(Code::Forbidden, "The cookie serves pages of this server and of the origins in `cors.origins` only.")
}
