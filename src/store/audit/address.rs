//! The address a request came from is a person's, and must be forgotten with the person while the chain holds. So the hash of
//! a row is not over the address but over its seal: the hash of the address with random salt. Without both, the seal tells
//! nothing. Rows that were written before there were seals are hashed with the address itself.

use aws_lc_rs::digest::{Context, SHA256};

use super::row::{Row, hexadecimal};
use crate::domain::audit::ActorKind;

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

/// So much that nobody finds an address by trying all there are.
pub(super) fn salt() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random bytes");
    hexadecimal(&bytes)
}

/// The seal of the address. The length of the salt stands before it, so that nothing can be moved from the one to the other.
pub(super) fn seal(salt: &str, address: &str) -> String {
    let mut context = Context::new(&SHA256);
    context.update(&(salt.len() as u64).to_be_bytes());
    context.update(salt.as_bytes());
    context.update(address.as_bytes());
    hexadecimal(context.finish().as_ref())
}
