//! The allowed origins of other sites (RFC 6454), in the spelling of the `Origin` header, because they are compared
//! exactly.

use super::public_url::is_authority;
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
            Some(_) => Err(
                "holds a value that is not an origin as browsers spell it: `https://` or `http://`, a lowercase host, \
            a port unless it is the default one, and nothing else, such as \
            `https://app.example.org`"
                    .to_owned(),
            ),
        }
    }

    fn show(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join(","))
    }
}

/// Another spelling would never match a browser's header, and its author would look for the fault elsewhere.
fn is_origin(text: &str) -> bool {
    let (rest, usual) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, ":443"),
        (_, Some(rest)) => (rest, ":80"),
        _ => return false,
    };
    let spelled = !rest.ends_with(usual) && !rest.ends_with(':') && !rest.bytes().any(|byte| byte.is_ascii_uppercase());
    spelled && is_authority(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_as_browsers_spell_them_are_accepted() {
        let both = "https://app.example.org, http://localhost:5173,http://[::1]:3000";
        assert_eq!(AllowedOrigins::parse(both).unwrap().as_slice().len(), 3);
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
            "https://*.example.org",
            "https://ann:pw@app.example.org",
            "https://a.example,",
            "https://a.example https://b.example",
            "ftp://a.example",
        ] {
            assert!(AllowedOrigins::parse(bad).is_err(), "{bad}");
        }
    }
}
