//! The HTTP client of requests that this program sends itself.

use reqwest::{Client, ClientBuilder, redirect::Policy};

/// A client for URLs with or without TLS. It follows neither redirects nor the proxies of the environment, which would lead
/// to servers that the configuration does not name. Without TLS it needs no certificates of authorities, which a container may lack.
pub fn builder(is_https: bool) -> ClientBuilder {
    let builder = Client::builder().no_proxy().redirect(Policy::none()).referer(false);
    if is_https { builder } else { builder.tls_certs_only([]) }
}
