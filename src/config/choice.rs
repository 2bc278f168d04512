//! Settings with a fixed set of values. They are compared exactly, so that each value has one spelling.

use super::value::{Kind, Value};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident, $words:literal { $($(#[$about:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub enum $name {
            $($(#[$about])* $variant,)+
        }

        impl $name {
            /// The value's spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl Value for $name {
            const PLACEHOLDER: &'static str = $words;
            const KIND: Kind = Kind::Text;

            fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("must be one of {}", [$(concat!("`", $word, "`")),+].join(", "))),
                }
            }

            fn show(&self) -> Option<String> {
                Some(self.as_str().to_owned())
            }
        }
    };
}

choice! {
    /// Whether users may register.
    Registration, "open|closed" {
        /// Anyone may register.
        #[default]
        Open = "open",
        /// Only administrators create accounts.
        Closed = "closed",
    }
}
choice! {
    /// How much of the schema introspection shows.
    Introspection, "off|role|full" {
        /// Nothing.
        Off = "off",
        /// The part of the schema that the caller may use.
        #[default]
        Role = "role",
        /// The whole schema, for every caller.
        Full = "full",
    }
}
choice! {
    /// How log lines are written.
    LogFormat, "text|json" {
        /// For people.
        #[default]
        Text = "text",
        /// One JSON object per line, for machines.
        Json = "json",
    }
}
choice! {
    /// How access tokens are signed (RFC 7518 section 3.1, RFC 8037).
    Algorithm, "ES256|RS256|EdDSA|HS256" {
        /// ECDSA on P-256 with SHA-256.
        #[default]
        Es256 = "ES256",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        Rs256 = "RS256",
        /// Ed25519.
        EdDsa = "EdDSA",
        /// HMAC with SHA-256. Anyone who can verify a token can also create one.
        Hs256 = "HS256",
    }
}
choice! {
    /// How trusted proxies name the client.
    ClientAddress, "x-forwarded-for|forwarded|proxy-protocol" {
        /// In the header `X-Forwarded-For`.
        #[default]
        XForwardedFor = "x-forwarded-for",
        /// In the header `Forwarded` (RFC 7239).
        Forwarded = "forwarded",
        /// In the PROXY protocol, before the first request of a connection.
        ProxyProtocol = "proxy-protocol",
    }
}
choice! {
    /// Which sites' pages make browsers send the refresh cookie (RFC 6265bis, section 5.6.7).
    SameSite, "strict|none" {
        /// Pages of the server's own site.
        #[default]
        Strict = "strict",
        /// Pages of any site. The server accepts only those of its own origin and of `cors.origins`.
        None = "none",
    }
}
choice! {
    /// How a pooler in front of PostgreSQL assigns connections.
    DatabasePooling, "session|transaction" {
        /// For the whole session, as without a pooler.
        #[default]
        Session = "session",
        /// For one transaction.
        Transaction = "transaction",
    }
}
choice! {
    /// How the connection to the mail server is encrypted.
    SmtpTls, "starttls|tls|none" {
        /// With STARTTLS (RFC 3207), which the server must offer.
        #[default]
        Starttls = "starttls",
        /// From the first byte (RFC 8314).
        Tls = "tls",
        /// Not at all.
        None = "none",
    }
}
