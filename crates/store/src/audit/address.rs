//! The IP address in an audit event.
//!
//! The IP address of a request is personal data. It must be deleted with the user, while the hash chain stays valid. So
//! the hash of an event covers not the address but its seal: the hash of the address with random salt. Without both,
//! the seal reveals nothing. Events from before seals existed are hashed with the address itself.

use data_encoding::HEXLOWER;

use super::{hash::Parts, row::Row};
use fieldguard_domain::audit::ActorKind;

/// The state of the address in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    /// The address is unchanged, or there never was one.
    Kept,
    /// The address was deleted.
    Deleted,
    /// The address was changed.
    Changed,
}

/// Random salt, long enough that an address cannot be found by trying all addresses.
fn salt() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random bytes");
    HEXLOWER.encode(&bytes)
}

fn seal(salt: &str, address: &str) -> String {
    let mut parts = Parts::new();
    parts.put(Some(salt.as_bytes()));
    parts.put(Some(address.as_bytes()));
    parts.finish()
}

/// A new salt, and the seal of the address with it.
pub(super) fn sealed(address: &str) -> (String, String) {
    let salt = salt();
    let seal = seal(&salt, address);
    (salt, seal)
}

impl Row {
    /// The state of the event's address.
    pub(super) fn address(&self) -> Address {
        match (&self.ip_address, &self.address_salt, &self.address_seal) {
            (_, None, None) => Address::Kept,
            (Some(address), Some(salt), Some(sealed)) if seal(salt, address) == *sealed => Address::Kept,
            (None, None, Some(_)) => Address::Deleted,
            _ => Address::Changed,
        }
    }

    /// The user whose deletion deletes the address: the actor, or the target if the actor was anonymous.
    pub(super) fn address_owner(&self) -> Option<&str> {
        let is_anonymous = self.actor == ActorKind::Anonymous.as_str();
        if is_anonymous { self.target_id.as_deref() } else { self.actor_id.as_deref() }
    }
}
