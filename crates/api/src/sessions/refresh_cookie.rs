//! The cookie with the refresh token: what the request sent, and what the response sets. The transport decides its name and which
//! pages can use it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::Context;
use chrono::{DateTime, Utc};
use fieldguard_domain::invalid::Reason;

use crate::error::{ApiError, Code};

/// What the request sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Presented {
    /// No cookie.
    #[default]
    Nothing,
    /// A cookie, or a request for one, from a page that is not allowed to use it.
    ForeignOrigin,
    /// No cookie: browsers send none from a page of another site (RFC 6265bis, `SameSite`).
    CrossSite {
        /// Whether the page is not allowed to use the cookie anyway.
        is_foreign: bool,
    },
    /// No cookie: browsers keep no `Secure` cookie of a server that they reach without TLS.
    WithoutTls,
    /// The refresh token in the cookie.
    Token(String),
}

/// What the response does to the cookie.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// Sets it.
    Set {
        /// The refresh token.
        token: String,
        /// When the session and the cookie expire.
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
            Self::CrossSite { .. } => "CrossSite",
            Self::WithoutTls => "WithoutTls",
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
    /// The cookie of a request.
    #[must_use]
    pub fn new(presented: Presented) -> Self {
        Self { presented, change: Mutex::default() }
    }

    /// Takes the change for the response.
    #[must_use]
    pub fn change(&self) -> Option<Change> {
        self.change.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn write(&self, change: Change) {
        *self.change.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }
}

/// The refresh token in the request's cookie, if there is one.
///
/// # Errors
///
/// `FORBIDDEN` if the page that sent the request is not allowed to use the cookie.
pub fn presented<'a>(ctx: &Context<'a>) -> Result<Option<&'a str>, ApiError> {
    match ctx.data_opt::<Arc<RefreshCookie>>().map(|it| &it.presented) {
        None | Some(Presented::Nothing | Presented::WithoutTls | Presented::CrossSite { is_foreign: false }) => {
            Ok(None)
        }
        Some(Presented::Token(token)) => Ok(Some(token)),
        Some(Presented::ForeignOrigin | Presented::CrossSite { is_foreign: true }) => Err(foreign()),
    }
}

/// Refuses to deliver the refresh token in a cookie that the page can't use or would never send back.
///
/// # Errors
///
/// `FORBIDDEN`, and `BAD_USER_INPUT` for a page of another site or without TLS: its browser drops the cookie silently, and the
/// session would be lost.
pub fn check_delivery(ctx: &Context<'_>) -> Result<(), ApiError> {
    match ctx.data_opt::<Arc<RefreshCookie>>().map(|it| &it.presented) {
        Some(Presented::CrossSite { .. }) => Err(ApiError::bad_input("delivery", Reason::CrossSite, CROSS_SITE)),
        Some(Presented::WithoutTls) => Err(ApiError::bad_input("delivery", Reason::TlsRequired, WITHOUT_TLS)),
        _ => presented(ctx).map(|_| ()),
    }
}

/// Makes the response set or remove the cookie.
pub fn write(ctx: &Context<'_>, change: Change) {
    if let Some(cookie) = ctx.data_opt::<Arc<RefreshCookie>>() {
        cookie.write(change);
    }
}

const CROSS_SITE: &str = "`delivery` can't be `COOKIE` for a page of another site: browsers keep no `SameSite=Strict` cookie for it. \
                          Serve the page from the site of this server (`localhost` and `127.0.0.1` are two sites), use `BODY`, \
                          or set `session.same_site` on the server.";
const WITHOUT_TLS: &str = "`delivery` can't be `COOKIE` without TLS: browsers keep the cookie only over `https://` and from `localhost`. Use \
                           `BODY`, or put a TLS proxy in front of the server and set its address in `public_url`.";

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
