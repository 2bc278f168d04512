//! How long audit events are kept: a duration, or forever.

use std::time::Duration;

use super::duration;
use super::value::{Kind, Value};

const FOREVER: &str = "forever";
const LEAST: Duration = Duration::from_hours(24);

/// How long audit events are kept. `None` keeps them forever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditRetention(pub Option<Duration>);

impl Default for AuditRetention {
    fn default() -> Self {
        Self(Some(Duration::from_hours(365 * 24)))
    }
}

impl Value for AuditRetention {
    const PLACEHOLDER: &'static str = "DURATION|forever";
    const KIND: Kind = Kind::Text;

    fn parse(text: &str) -> Result<Self, String> {
        if text == FOREVER {
            return Ok(Self(None));
        }
        let kept = duration::parse(text).ok_or("must be `forever` or a duration, such as `90d`")?;
        if kept < LEAST { Err("must be at least 1d".to_owned()) } else { Ok(Self(Some(kept))) }
    }

    fn show(&self) -> Option<String> {
        Some(self.0.map_or_else(|| FOREVER.to_owned(), duration::show))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_refuses_short_durations() {
        for text in ["forever", "1d", "365d", "36h"] {
            assert_eq!(AuditRetention::parse(text).unwrap().show().unwrap(), text);
        }
        for text in ["", "0", "0s", "23h", "ever", "Forever", "90"] {
            assert!(AuditRetention::parse(text).is_err(), "{text}");
        }
    }
}
