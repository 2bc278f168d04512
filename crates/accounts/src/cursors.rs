//! Encodes list positions as cursors. Cursors are encrypted, so that they reveal nothing about the item.

use uuid::Uuid;

use super::Accounts;
use fieldguard_domain::user_list::{UserListing, UserPosition, UserSort};

/// Names are padded to a multiple of this many bytes, so that the length of a cursor reveals little about the name.
const NAME_BYTES: usize = 64;

impl Accounts {
    /// The cursor of the item `id` in the list with this name.
    #[must_use]
    pub fn cursor(&self, list: &str, id: Uuid) -> String {
        self.cursors.seal(list, id)
    }

    /// The item that a cursor of this list points at. `None` if the cursor is not from this server or belongs to
    /// another list.
    #[must_use]
    pub fn position(&self, list: &str, cursor: &str) -> Option<Uuid> {
        self.cursors.open(list, cursor)
    }

    /// The cursor of a position in the account listing with this name.
    #[must_use]
    pub fn user_cursor(&self, listing: &str, position: &UserPosition) -> String {
        self.cursors.seal_bytes(listing, encode(position))
    }

    /// The position that a cursor of this account listing stands for. `None` if the cursor is not from this server or
    /// belongs to another list, order or filter.
    #[must_use]
    pub fn user_position(&self, listing: &UserListing, cursor: &str) -> Option<UserPosition> {
        decode(listing.order.by, &self.cursors.open_bytes(&listing.name(), cursor)?)
    }
}

/// The bytes of a position. Their number does not depend on the time.
fn encode(position: &UserPosition) -> Vec<u8> {
    match position {
        UserPosition::Id(id) => id.into_bytes().to_vec(),
        UserPosition::Time(time, id) => [&time.to_be_bytes()[..], &id.into_bytes()].concat(),
        UserPosition::Name(name) => {
            let mut bytes = name.clone().into_bytes();
            bytes.resize(bytes.len().max(1).next_multiple_of(NAME_BYTES), 0);
            bytes
        }
    }
}

fn decode(by: UserSort, bytes: &[u8]) -> Option<UserPosition> {
    match by {
        UserSort::Id => Uuid::from_slice(bytes).ok().map(UserPosition::Id),
        UserSort::CreatedAt | UserSort::LastSignInAt => {
            let (time, id) = bytes.split_first_chunk()?;
            Some(UserPosition::Time(i64::from_be_bytes(*time), Uuid::from_slice(id).ok()?))
        }
        UserSort::Username => {
            let name = std::str::from_utf8(bytes).ok()?;
            Some(UserPosition::Name(name.trim_end_matches('\0').to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_round_trip_and_times_and_names_have_a_fixed_length() {
        let id = Uuid::from_u128(7);
        let long = "ж".repeat(200);
        for (by, position, length) in [
            (UserSort::Id, UserPosition::Id(id), 16),
            (UserSort::CreatedAt, UserPosition::Time(1_800_000_000_000, id), 24),
            (UserSort::LastSignInAt, UserPosition::Time(-1, id), 24),
            (UserSort::Username, UserPosition::Name("ada".to_owned()), 64),
            (UserSort::Username, UserPosition::Name("ж".repeat(32)), 64),
            (UserSort::Username, UserPosition::Name(long), 448),
        ] {
            let bytes = encode(&position);
            assert_eq!((bytes.len(), decode(by, &bytes)), (length, Some(position)), "{by:?}");
        }
        assert_eq!(decode(UserSort::CreatedAt, &[0; 16]), None);
    }
}
