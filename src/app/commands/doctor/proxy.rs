//! How proxies name the client. No answer without a signed-in user shows the address that the server sees, so this
//! judges the settings.

use super::Finding;
use crate::config::{Config, HttpUrl};

const CHECK: &str = "proxies";

pub(super) fn check(config: &Config) -> Finding {
    let is_behind_proxy = !config.speaks_tls() && config.public_url.as_ref().is_some_and(HttpUrl::is_https);
    let proxies = config.trusted_proxies.as_slice();
    if is_behind_proxy && proxies.is_empty() {
        return Finding::warning(
            CHECK,
            "`public_url` has TLS, so there is a proxy, and `trusted_proxies` names none: all clients have its address",
        );
    }
    if proxies.is_empty() {
        return Finding::ok(CHECK, "none; clients connect directly");
    }
    let way = config.client_address.as_str();
    Finding::ok(
        CHECK,
        format!(
            "{} trusted, by {way}; to see the address that the server sees, sign in through the proxy and query \
             `{{ me {{ sessions(first: 1) {{ nodes {{ ipAddress }} }} }} }}`",
            proxies.len()
        ),
    )
}
