//! Parses and prints the values of settings. [`super::table`] has the ranges, and [`super::rules`] the rules between
//! settings.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::allowed_origins::AllowedOrigins;
use super::claims::Claims;
use super::database_url::DatabaseUrl;
use super::duration;
use super::error::Problem;
use super::http_url::HttpUrl;
use super::listen::Listen;
use super::mail::{MailLink, MailSender};
use super::names::Names;
use super::text::{Filter, Text};
use super::trusted_proxies::TrustedProxies;
use super::webhooks::{WebhookEvents, WebhookSecret, WebhookUrl};

/// How the configuration file spells a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// In quotes.
    Text,
    /// As a whole number.
    Number,
    /// As `true` or `false`.
    Boolean,
    /// In quotes, or as a list of strings. Elsewhere they are one text, separated by commas.
    TextOrList,
    /// As a list of strings. Elsewhere they are one text, separated by commas.
    List,
    /// As a table of strings. Elsewhere it is one text, with `NAME=VALUE` separated by commas.
    Table,
}

/// A type of a setting.
pub(super) trait Value: Sized {
    /// The placeholder for the value in the command-line manual.
    const PLACEHOLDER: &'static str;
    const KIND: Kind;
    /// Whether an error may repeat the value.
    const ECHO: bool = true;
    /// Whether the value can be a secret, and so be read from its own file.
    const SECRET: bool = false;

    /// # Errors
    ///
    /// A clause that continues after the value (`must be …`) and does not repeat it.
    fn parse(text: &str) -> Result<Self, String>;

    /// The text that [`Value::parse`] accepts, with secrets redacted. `None` if the setting is not set.
    fn show(&self) -> Option<String>;
}

/// Refuses a value outside `range`.
pub(super) fn within<V: Value + PartialOrd>(value: &V, range: &RangeInclusive<V>) -> Result<(), String> {
    if range.contains(value) {
        return Ok(());
    }
    let bound = |limit: &V| limit.show().unwrap_or_default();
    Err(format!("must be between {} and {}", bound(range.start()), bound(range.end())))
}

impl<V: Value> Value for Option<V> {
    const PLACEHOLDER: &'static str = V::PLACEHOLDER;
    const KIND: Kind = V::KIND;
    const ECHO: bool = V::ECHO;
    const SECRET: bool = V::SECRET;

    fn parse(text: &str) -> Result<Self, String> {
        V::parse(text).map(Some)
    }

    fn show(&self) -> Option<String> {
        self.as_ref().and_then(V::show)
    }
}

/// Lets a program that embeds the library create a value.
macro_rules! from_text {
    ($($name:ty),+) => {$(
        impl std::str::FromStr for $name {
            type Err = Problem;

            fn from_str(text: &str) -> Result<Self, Problem> {
                Self::parse(text).map_err(|reason| Problem::new(format!("the value {reason}")))
            }
        }
    )+};
}

from_text!(AllowedOrigins, Claims, DatabaseUrl, Listen, Names, HttpUrl, Text, TrustedProxies, Filter);
from_text!(MailLink, MailSender, WebhookEvents, WebhookSecret, WebhookUrl);

macro_rules! number {
    ($($name:ty),+) => {$(
        impl Value for $name {
            const PLACEHOLDER: &'static str = "NUMBER";
            const KIND: Kind = Kind::Number;

            fn parse(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| "must be a whole number, and not too large".to_owned())
            }

            fn show(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )+};
}

number!(u16, u32, usize);

impl Value for bool {
    const PLACEHOLDER: &'static str = "true|false";
    const KIND: Kind = Kind::Boolean;

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "must be `true` or `false`".to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Value for PathBuf {
    const PLACEHOLDER: &'static str = "PATH";
    const KIND: Kind = Kind::Text;

    fn parse(text: &str) -> Result<Self, String> {
        without_control_characters(text).map(Self::from)
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string_lossy().into_owned())
    }
}

impl Value for Duration {
    const PLACEHOLDER: &'static str = "DURATION";
    const KIND: Kind = Kind::Text;

    fn parse(text: &str) -> Result<Self, String> {
        duration::parse(text)
            .ok_or_else(|| "must be a duration, such as `500ms`, `10s`, `15m`, `12h` or `14d`".to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(duration::show(*self))
    }
}

pub(super) fn without_control_characters(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        Err("must not contain control characters".to_owned())
    } else {
        Ok(text.to_owned())
    }
}
