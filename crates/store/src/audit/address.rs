//! The address in a row of the trail.
//!
//! The address a request came from is a person's, and must be forgotten with the person while the chain holds. So the hash
//! of a row is not over the address but over its seal: the hash of the address with random salt. Without both, the seal tells
//! nothing. Rows that were written before there were seals are hashed with the address itself.

use super::{
    hash::{Parts, hexadecimal},
    row::Row,
};
use fieldguard_domain::audit::ActorKind;

/// What may become of the address in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    /// It is what it was, or there never was one.
    Kept,
    /// It was forgotten.
    Forgotten,
    /// It is not what it was.
    Changed,
}

/// So much that nobody finds an address by trying all there are.
fn salt() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random bytes");
    hexadecimal(&bytes)
}

fn seal(salt: &str, address: &str) -> String {
    let mut parts = Parts::new();
    parts.put(Some(salt.as_bytes()));
    parts.put(Some(address.as_bytes()));
    parts.finish()
}

/// New salt, and the seal of the address with it.
pub(super) fn sealed(address: &str) -> (String, String) {
    let salt = salt();
    let seal = seal(&salt, address);
    (salt, seal)
}

impl Row {
    /// What became of its address.
    pub(super) fn address(&self) -> Address {
        match (&self.ip_address, &self.address_salt, &self.address_seal) {
            (_, None, None) => Address::Kept,
            (Some(address), Some(salt), Some(sealed)) if seal(salt, address) == *sealed => Address::Kept,
            (None, None, Some(_)) => Address::Forgotten,
            _ => Address::Changed,
        }
    }

    /// The account with which its address is forgotten: whoever did it, or, where that was nobody, whose account it was
    /// done on.
    pub(super) fn whose_address(&self) -> Option<&str> {
        let is_nobody = self.actor == ActorKind::Anonymous.as_str();
        if is_nobody { self.target_id.as_deref() } else { self.actor_id.as_deref() }
    }
}
