//! The page at `/`: what this server is, for a person who opens it in a browser. It loads nothing from anywhere.

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse},
};

/// Nothing but the page's own style may be used, and no other site may frame it.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Shows the page.
pub async fn show() -> impl IntoResponse {
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Html(include_str!("page.html")))
}
