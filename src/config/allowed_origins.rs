//! The allowed origins of other sites (RFC 6454), in the spelling of the `Origin` header, because they are compared
//! exactly.

use super::http_url::is_authority;
use super::value::{Kind, Value};

/// The origins whose pages may use this server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedOrigins(Vec<String>);

impl AllowedOrigins {
    /// The origins, such as `https://app.example.org`.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl Value for AllowedOrigins {
    const PLACEHOLDER: &'static str = "ORIGIN,…";
    const KIND: Kind = Kind::List;

    fn parse(text: &str) -> Result<Self, String> {
        let origins: Vec<_> = text.split(',').map(str::trim).map(str::to_owned).collect();
        match origins.iter().find(|origin| !is_origin(origin)) {
            None => Ok(Self(origins)),
            Some(_) => Err("holds a value that is not an origin as browsers spell it: a scheme such as `https://` or \
                            `capacitor://`, a lowercase host, a port unless it is the default one, and nothing else, such as \
                            `https://app.example.org`; after `https://`, `*.` stands for one label before a domain of at \
                            least two"
                .to_owned()),
        }
    }

    fn show(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join(","))
    }
}

/// Schemes whose pages have no origin of their own, or that no page has.
const SCHEMES_WITHOUT_ORIGIN: [&str; 7] = ["about", "blob", "data", "file", "ftp", "ws", "wss"];

/// Another spelling would never match a browser's header, and its author would look for the fault elsewhere.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return false };
    let default_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let has_other_port = default_port.is_empty() || !host.ends_with(default_port);
    let is_spelled = has_other_port && !host.ends_with(':') && !host.bytes().any(|byte| byte.is_ascii_uppercase());
    is_spelled
        && is_scheme(scheme)
        && if let Some(domain) = host.strip_prefix("*.") {
            // Who can forge a page of one host without TLS can forge one of each.
            scheme == "https" && domain.contains('.') && is_authority(domain)
        } else {
            is_authority(host)
        }
}

/// Whether pages can have this scheme (RFC 3986, section 3.1), such as those of apps and of browser extensions.
fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'))
        && !SCHEMES_WITHOUT_ORIGIN.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_as_browsers_spell_them_are_accepted() {
        let both = "https://app.example.org, http://localhost:5173,http://[::1]:3000";
        assert_eq!(AllowedOrigins::parse(both).unwrap().as_slice().len(), 3);
        let others = "capacitor://localhost,tauri://localhost,chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb,\
                      https://*.preview.example.org,https://*.example.org:8443";
        assert_eq!(AllowedOrigins::parse(others).unwrap().as_slice().len(), 5);
        for bad in [
            "*",
            "null",
            "",
            "app.example.org",
            "https://",
            "https://app.example.org/",
            "https://app.example.org/path",
            "https://app.example.org:443",
            "http://app.example.org:80",
            "https://app.example.org:",
            "https://App.example.org",
            "HTTPS://app.example.org",
            "https://*",
            "https://*.org",
            "https://*.*.example.org",
            "https://a.*.example.org",
            "https://*a.example.org",
            "http://*.example.org",
            "capacitor://*.example.org",
            "file://",
            "file://localhost",
            "://localhost",
            "1a://localhost",
            "https://ann:pw@app.example.org",
            "https://a.example,",
            "https://a.example https://b.example",
            "ftp://a.example",
        ] {
            assert!(AllowedOrigins::parse(bad).is_err(), "{bad}");
        }
    }
}
