//! Identifiers: `UUIDv7` (RFC 9562), made by the server, in the order of creation. An identifier is a name, never a secret.

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier for something made at `now`.
            #[must_use]
            pub fn new(now: DateTime<Utc>) -> Self {
                Self(uuid_at(now))
            }

            /// The identifier that `text` spells, or nothing where it spells none. Only the hyphenated lower-case form
            /// is accepted, so that one thing has one name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                canonical(text).map(Self)
            }

            /// The value the database holds.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

identifier! {
    /// Names an account.
    UserId
}
identifier! {
    /// Names a role.
    RoleId
}
identifier! {
    /// Names one sign-in.
    SessionId
}
identifier! {
    /// Names a personal access token.
    AccessTokenId
}
identifier! {
    /// Names something that happened to an account.
    SecurityEventId
}

identifier! {
    /// Names a row of the audit trail. Later rows have greater identifiers.
    AuditEventId
}

impl AuditEventId {
    /// A new identifier for a row made at `now`, greater than `last` whatever the clock says.
    #[must_use]
    pub fn following(last: Self, now: DateTime<Utc>) -> Self {
        let new = uuid_at(now);
        Self(if new > last.0 { new } else { Uuid::from_u128(last.0.as_u128().saturating_add(1)) })
    }
}

/// The least identifier of `millis`, in milliseconds since 1970 (RFC 9562, section 5.7). No identifier made then, or later, is less.
#[must_use]
pub fn first_id_at(millis: i64) -> Uuid {
    let millis = u128::try_from(millis).unwrap_or_default().min(LAST_MILLIS);
    Uuid::from_u128(millis << AFTER_MILLIS)
}

/// The time in an identifier, in milliseconds since 1970.
#[must_use]
pub fn millis_of(id: Uuid) -> i64 {
    // 48 bits always fit.
    i64::try_from(id.as_u128() >> AFTER_MILLIS).unwrap_or(i64::MAX)
}

/// The bits of an identifier that follow its time, and the greatest time.
const AFTER_MILLIS: u32 = 80;
const LAST_MILLIS: u128 = (1 << 48) - 1;

fn uuid_at(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

fn canonical(text: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(text).ok()?;
    let mut buffer = Uuid::encode_buffer();
    (*uuid.hyphenated().encode_lower(&mut buffer) == *text).then_some(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_millisecond_is_least_and_tells_its_time() {
        let now = DateTime::from_timestamp_millis(1_800_000_000_123).unwrap();
        let id = UserId::new(now).uuid();
        assert!(first_id_at(now.timestamp_millis()) <= id && id < first_id_at(now.timestamp_millis() + 1));
        assert_eq!(millis_of(id), now.timestamp_millis());
        assert_eq!(first_id_at(-5), Uuid::nil());
        assert!(first_id_at(i64::MAX) > id);
    }

    #[test]
    fn follows_creation() {
        let earlier = UserId::new(DateTime::from_timestamp_millis(1_000).unwrap());
        let later = UserId::new(DateTime::from_timestamp_millis(2_000).unwrap());
        assert!(earlier < later);
    }

    #[test]
    fn a_row_follows_the_last_one_even_where_the_clock_went_back() {
        let (early, late) =
            (DateTime::from_timestamp_millis(1_000).unwrap(), DateTime::from_timestamp_millis(2_000).unwrap());
        let mut last = AuditEventId::new(late);
        for now in [late, early, early, late] {
            let next = AuditEventId::following(last, now);
            assert!(next > last, "{next} follows {last}");
            last = next;
        }
    }

    #[test]
    fn has_one_spelling() {
        let id = UserId::new(DateTime::UNIX_EPOCH);
        assert_eq!(UserId::parse(&id.to_string()), Some(id));
        for other in [id.to_string().to_uppercase(), id.uuid().simple().to_string(), format!("{{{id}}}"), String::new()]
        {
            assert_eq!(UserId::parse(&other), None, "{other}");
        }
    }
}
