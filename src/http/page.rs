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

/// Shows the page.
pub async fn show(State(wire): State<Wire>) -> Response {
    if let Some((page, policy)) = playground::page().filter(|_| wire.playground) {
        return ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response();
    }
    let advice = if wire.playground && !playground::is_built() { HOW_TO_GET_IT } else { "" };
    let page = include_str!("page.html").replace("{advice}", advice);
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Html(page)).into_response()
}
