//! The page at `/`, for a person who opens it in a browser: the playground, or else a few words on what this server is.
//! Neither loads anything from anywhere else.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

use super::{Wire, playground};

/// The few words need nothing, and no other site may frame them.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Where the playground is wanted and this build has none.
const HOW_TO_GET_IT: &str = "<p>This server was built without the playground, a page on which to sign in and try queries. \
                             For it, install Node.js with npm and build again: \
                             <code>touch build.rs &amp;&amp; cargo build --release</code>.</p>\n";

/// Where the playground is shown and the server has no administrator yet. Creating one takes access to the server's machine, so
/// this helps no stranger; it names no path, which might.
const NO_ADMINISTRATOR: &str = "<p class=\"notice\" role=\"note\">This server has no administrator yet. Create one in a terminal: \
                                <code>fieldguard admin create NAME</code>. The server printed the whole command when it started.\
                                </p>\n";

/// Shows the page.
pub async fn show(State(wire): State<Wire>) -> Response {
    let notice = if wire.playground && is_without_administrator(&wire).await { NO_ADMINISTRATOR } else { "" };
    if let Some((page, policy)) = playground::page(notice).filter(|_| wire.playground) {
        return ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response();
    }
    let advice = if wire.playground && !playground::is_built() { HOW_TO_GET_IT } else { "" };
    let page = include_str!("page.html").replace("{advice}", advice).replace("{notice}", notice);
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Html(page)).into_response()
}

/// The page is shown without the notice where the database does not answer.
async fn is_without_administrator(wire: &Wire) -> bool {
    matches!(wire.accounts.has_administrator().await, Ok(false))
}
