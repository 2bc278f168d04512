//! The page at `/`: the playground, or a short description of this server. Neither loads anything from other servers.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

use fieldguard_http::origin;

use super::{HttpState, playground};

/// The short page needs no resources, and no other site may frame it.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Shown if the playground is enabled and this build has none.
const MISSING_PLAYGROUND: &str = "<p>This server was built without the playground, a page to sign in and try queries. \
                             To include it, install Node.js with npm and build again: \
                             <code>touch build.rs &amp;&amp; cargo build --release</code>.</p>\n";

/// Shown with the playground while the server has no administrator. Creating one requires access to the server's
/// machine, so this does not help attackers. It names no paths, which might.
const NO_ADMINISTRATOR: &str = "<p class=\"notice\" role=\"note\">This server has no administrator yet. Create one in a terminal: \
                                <code>fieldguard admin create NAME</code>. The server printed the full command when it started.\
                                </p>\n";

/// Shows the page.
pub async fn show(State(state): State<HttpState>) -> Response {
    let notice = if state.playground && is_without_administrator(&state).await { NO_ADMINISTRATOR } else { "" };
    let base = origin::path(&state.settings.public_url);
    if let Some((page, policy)) = playground::page(notice, base).filter(|_| state.playground) {
        return ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response();
    }
    let advice = if state.playground && !playground::is_built() { MISSING_PLAYGROUND } else { "" };
    let page = include_str!("page.html");
    let page = page.replace("{advice}", advice).replace("{notice}", notice).replace("{base}", base);
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Html(page)).into_response()
}

/// If the database does not answer, the page has no notice.
async fn is_without_administrator(state: &HttpState) -> bool {
    matches!(state.accounts.has_administrator().await, Ok(false))
}
