//! Claims that an operator adds to access tokens, each from one value of the user's profile. They are for other services;
//! this server does not read them back.
//!
//! Each claim is bounded by itself. With a bound on their total, users could displace a claim that administrators set by
//! writing a long value of their own.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde_json::{Map, Value};

use super::profile::{Metadata, Profile};

/// Maximum number of claims.
pub const MAX_CLAIMS: usize = 8;
/// Maximum size of a claim's value, in bytes of JSON. A larger value is left out.
pub const MAX_VALUE_BYTES: usize = 256;
/// Maximum length of the name of a claim or a member, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Claims that this server sets, and those by which services decide whom or what to trust. A value that users write must
/// not pass for one of them.
const RESERVED: &[&str] = &[
    "acr",
    "act",
    "amr",
    "aud",
    "auth_time",
    "azp",
    "client_id",
    "cnf",
    "email_verified",
    "exp",
    "iat",
    "iss",
    "jti",
    "may_act",
    "nbf",
    "nonce",
    "permissions",
    "phone_number_verified",
    "roles",
    "scope",
    "scp",
    "sid",
    "sub",
];

/// The claims to add, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims(BTreeMap<String, ClaimSource>);

/// The value of a profile that a claim carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimSource {
    /// `displayName`.
    DisplayName,
    /// `locale`.
    Locale,
    /// `timeZone`.
    TimeZone,
    /// `avatarUrl`.
    AvatarUrl,
    /// `metadata.NAME`: a member of the metadata that the user can write.
    Metadata(String),
    /// `adminMetadata.NAME`: a member of the metadata that only administrators can write.
    AdminMetadata(String),
}

impl Claims {
    /// Whether there is none, so that no profile needs to be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names and values for a user with this profile. Values that the user does not have, and values over
    /// [`MAX_VALUE_BYTES`], are left out.
    #[must_use]
    pub fn of(&self, profile: &Profile) -> Map<String, Value> {
        let value =
            |source: &ClaimSource| source.value(profile).filter(|value| value.to_string().len() <= MAX_VALUE_BYTES);
        self.0.iter().filter_map(|(name, source)| Some((name.clone(), value(source)?))).collect()
    }

    fn add(&mut self, entry: &str) -> Result<(), String> {
        let (name, source) = entry.split_once('=').ok_or("must have the form `CLAIM=SOURCE,…`")?;
        let (name, source) = (name.trim(), source.trim());
        check_name(name)?;
        if self.0.insert(name.to_owned(), source.parse()?).is_some() {
            return Err(format!("names the claim `{name}` twice"));
        }
        Ok(())
    }
}

/// Parses `CLAIM=SOURCE,…`. The error is a clause that continues after the value.
impl FromStr for Claims {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut claims = Self::default();
        for entry in text.split(',') {
            claims.add(entry)?;
        }
        if claims.0.len() > MAX_CLAIMS {
            return Err(format!("must have at most {MAX_CLAIMS} claims"));
        }
        Ok(claims)
    }
}

impl fmt::Display for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<_> = self.0.iter().map(|(name, source)| format!("{name}={source}")).collect();
        f.write_str(&entries.join(","))
    }
}

fn check_name(name: &str) -> Result<(), String> {
    if RESERVED.contains(&name) {
        return Err(format!("sets the claim `{name}`, which is reserved; choose another name"));
    }
    // Colons and slashes make names unique as URIs (RFC 7519, section 4.2).
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.chars().all(is_allowed) {
        return Err(format!(
            "must have claim names of 1 to {MAX_NAME_BYTES} ASCII letters, digits, `_`, `-`, `.`, `:` and `/`"
        ));
    }
    Ok(())
}

impl ClaimSource {
    fn value(&self, profile: &Profile) -> Option<Value> {
        let member = |metadata: &Option<Metadata>, name: &str| metadata.as_ref()?.get(name).cloned();
        let value = match self {
            Self::DisplayName => profile.display_name.as_ref()?.as_str().into(),
            Self::Locale => profile.locale.as_ref()?.as_str().into(),
            Self::TimeZone => profile.time_zone.as_ref()?.as_str().into(),
            Self::AvatarUrl => profile.avatar_url.as_ref()?.as_str().into(),
            Self::Metadata(name) => member(&profile.metadata, name)?,
            Self::AdminMetadata(name) => member(&profile.admin_metadata, name)?,
        };
        Some(value).filter(|value| !value.is_null())
    }
}

impl FromStr for ClaimSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_member = |name: &&str| !name.is_empty() && name.len() <= MAX_NAME_BYTES;
        match (text, text.split_once('.').filter(|(_, name)| is_member(name))) {
            ("displayName", _) => Ok(Self::DisplayName),
            ("locale", _) => Ok(Self::Locale),
            ("timeZone", _) => Ok(Self::TimeZone),
            ("avatarUrl", _) => Ok(Self::AvatarUrl),
            (_, Some(("metadata", name))) => Ok(Self::Metadata(name.to_owned())),
            (_, Some(("adminMetadata", name))) => Ok(Self::AdminMetadata(name.to_owned())),
            _ => Err("has a claim from an unknown source; the sources are `displayName`, `locale`, `timeZone`, \
                      `avatarUrl`, `metadata.NAME` and `adminMetadata.NAME`"
                .to_owned()),
        }
    }
}

impl fmt::Display for ClaimSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DisplayName => f.write_str("displayName"),
            Self::Locale => f.write_str("locale"),
            Self::TimeZone => f.write_str("timeZone"),
            Self::AvatarUrl => f.write_str("avatarUrl"),
            Self::Metadata(name) => write!(f, "metadata.{name}"),
            Self::AdminMetadata(name) => write!(f, "adminMetadata.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{edit::Edit, profile::ProfileDraft};

    #[test]
    fn claims_carry_the_values_that_the_user_has() {
        let claims: Claims =
            "name=displayName, zoneinfo=timeZone,plan=metadata.plan,https://example.org/t=adminMetadata.t,x=metadata.x"
                .parse()
                .unwrap();
        assert_eq!(claims.to_string().parse(), Ok(claims.clone()));
        let draft = ProfileDraft {
            display_name: Edit::Set("Ada".to_owned()),
            metadata: Edit::Set(json!({ "plan": { "seats": 3 }, "t": "mine", "x": null })),
            admin_metadata: Edit::Set(json!({ "t": "acme" })),
            ..ProfileDraft::default()
        };
        let profile = draft.parse().unwrap().into_profile();
        let expected = json!({ "name": "Ada", "plan": { "seats": 3 }, "https://example.org/t": "acme" });
        assert_eq!(Value::Object(claims.of(&profile)), expected);
    }

    #[test]
    fn a_large_value_is_left_out_and_displaces_no_other() {
        let claims: Claims = "a=metadata.a,b=adminMetadata.b".parse().unwrap();
        for (length, is_there) in [(MAX_VALUE_BYTES - 2, true), (MAX_VALUE_BYTES - 1, false)] {
            let draft = ProfileDraft {
                metadata: Edit::Set(json!({ "a": "x".repeat(length) })),
                admin_metadata: Edit::Set(json!({ "b": 1 })),
                ..ProfileDraft::default()
            };
            let found = claims.of(&draft.parse().unwrap().into_profile());
            assert_eq!((found.contains_key("a"), found.contains_key("b")), (is_there, true), "{length}");
        }
    }

    #[test]
    fn reserved_names_and_unknown_sources_are_refused() {
        for (text, part) in [
            ("sub=displayName", "`sub`, which is reserved"),
            ("roles=adminMetadata.roles", "`roles`, which is reserved"),
            ("name", "CLAIM=SOURCE"),
            ("=locale", "claim names"),
            ("a b=locale", "claim names"),
            ("a=locale,a=timeZone", "`a` twice"),
            ("a=email", "the sources are `displayName`"),
            ("a=metadata", "the sources are"),
            ("a=metadata.", "the sources are"),
            ("a=locale,b=locale,c=locale,d=locale,e=locale,f=locale,g=locale,h=locale,i=locale", "at most 8 claims"),
        ] {
            let refused = text.parse::<Claims>().unwrap_err();
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }
}
