//! The hash of an audit event.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use uuid::Uuid;

use super::row::Row;

/// The version of the hashed form. Another form needs another number.
const VERSION: u8 = 2;
/// The version that hashes the address instead of its seal.
const UNSEALED: u8 = 1;

impl Row {
    /// The SHA-256 of the whole event except the hash itself, and of its subjects, in hexadecimal. Each part has a
    /// length prefix, so that different events give different bytes.
    pub(super) fn hashed(&self, subjects: impl Iterator<Item = Uuid>) -> String {
        let mut parts = Parts::new();
        let is_sealed = self.address_seal.is_some();
        parts.0.push(if is_sealed { VERSION } else { UNSEALED });
        parts.put(Some(self.id.as_bytes()));
        parts.put(Some(&self.sequence.to_be_bytes()));
        parts.put(Some(&self.occurred_at.to_be_bytes()));
        for text in [&self.action, &self.actor, &self.coordinates, &self.previous] {
            parts.put(Some(text.as_bytes()));
        }
        for text in [
            &self.actor_id,
            &self.session_id,
            &self.token_id,
            &self.target_type,
            &self.target_id,
            &self.request_id,
            if is_sealed { &self.address_seal } else { &self.ip_address },
            &self.state_before,
            &self.state_after,
            &self.reason,
        ] {
            parts.put(text.as_deref().map(str::as_bytes));
        }
        parts.put(Some(&self.subjects.to_be_bytes()));
        for subject in subjects {
            parts.put(Some(subject.as_bytes()));
        }
        parts.finish()
    }
}

/// A sequence of parts to hash: hashing all of them at once is faster than one by one.
pub(super) struct Parts(Vec<u8>);

impl Parts {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(1_024))
    }

    /// Adds a part or a missing part, so that different sequences give different bytes.
    pub(super) fn put(&mut self, part: Option<&[u8]>) {
        let Some(part) = part else { return self.0.push(0) };
        self.0.push(1);
        self.0.extend_from_slice(&(part.len() as u64).to_be_bytes());
        self.0.extend_from_slice(part);
    }

    /// The hash of the parts, in hexadecimal.
    pub(super) fn finish(self) -> String {
        HEXLOWER.encode(digest(&SHA256, &self.0).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash of two parts.
    fn hash(one: Option<&str>, other: Option<&str>) -> String {
        let mut parts = Parts::new();
        parts.put(one.map(str::as_bytes));
        parts.put(other.map(str::as_bytes));
        parts.finish()
    }

    #[test]
    fn different_sequences_of_parts_have_different_hashes() {
        for (one, other) in [
            ((Some("a"), Some("bc")), (Some("ab"), Some("c"))),
            ((Some("a"), None), (None, Some("a"))),
            ((Some(""), None), (None, None)),
            ((Some(""), None), (None, Some(""))),
            ((Some("a\u{1}b"), Some("c")), (Some("a"), Some("b\u{1}c"))),
            ((Some("a\0"), None), (Some("a"), Some("\0"))),
        ] {
            assert_ne!(hash(one.0, one.1), hash(other.0, other.1), "{one:?} {other:?}");
            assert_eq!(hash(one.0, one.1), hash(one.0, one.1));
        }
    }
}
