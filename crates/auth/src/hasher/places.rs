//! The places of the hashing queue, and which clients may take them.
//!
//! A flood of wrong passwords must not lock out users who know theirs. So a part of the queue is reserved for known
//! clients, and another part for clients without failures, and one address takes at most half. A reserved place stays
//! free for its clients: an unused place costs nothing, while a refused user cannot sign in.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::HashError;
use fieldguard_domain::network::Network;

/// How far a client that requests a place is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The client authenticated before: it signed in from its address as this user, has a session or a valid code, or
    /// is the operator. It may take any place.
    Known,
    /// Neither its address nor the username it gives has failures. Clean and suspect clients together may take three
    /// quarters of the places.
    Clean,
    /// Its address or the username it gives has failures. Suspect clients may take half of the places.
    Suspect,
}

/// The client that requests a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// How far the client is trusted.
    pub trust: Trust,
    /// The network of the client, if it is known and counted. Clients of one network may take half of the places
    /// together.
    pub network: Option<Network>,
}

impl Claim {
    /// The claim of an authenticated client, from any address.
    pub const KNOWN: Self = Self { trust: Trust::Known, network: None };
}

/// The places, and how many are taken. It remembers a network while clients of it hold places.
pub(super) struct Places {
    capacity: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    /// Taken by clean and suspect clients.
    unknown: usize,
    suspects: usize,
    by_network: HashMap<Network, usize>,
}

/// A taken place, which is released on drop.
pub(super) struct Permit {
    places: Arc<Places>,
    claim: Claim,
}

impl Places {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, taken: Mutex::default() }
    }

    /// Takes a place.
    ///
    /// # Errors
    ///
    /// [`HashError::Busy`] if none is left for a client with this claim.
    pub(super) fn take(self: &Arc<Self>, claim: Claim) -> Result<Permit, HashError> {
        let mut taken = self.taken();
        if !taken.has_room(claim, self.capacity) {
            return Err(HashError::Busy);
        }
        taken.add(claim);
        drop(taken);
        Ok(Permit { places: Arc::clone(self), claim })
    }

    /// Whether one is left for a client with this claim.
    pub(super) fn have_room(&self, claim: Claim) -> bool {
        self.taken().has_room(claim, self.capacity)
    }

    /// The number of taken places.
    pub(super) fn number_taken(&self) -> usize {
        self.taken().all
    }

    /// Whether all places are taken.
    pub(super) fn is_full(&self) -> bool {
        self.number_taken() >= self.capacity
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn has_room(&self, claim: Claim, capacity: usize) -> bool {
        let half = capacity.div_ceil(2);
        let from_network = claim.network.and_then(|network| self.by_network.get(&network)).copied().unwrap_or_default();
        let is_left = match claim.trust {
            Trust::Known => true,
            Trust::Clean => self.unknown < (capacity * 3).div_ceil(4),
            Trust::Suspect => self.unknown < (capacity * 3).div_ceil(4) && self.suspects < half,
        };
        self.all < capacity && from_network < half && is_left
    }

    fn add(&mut self, claim: Claim) {
        self.all += 1;
        self.unknown += usize::from(claim.trust != Trust::Known);
        self.suspects += usize::from(claim.trust == Trust::Suspect);
        if let Some(network) = claim.network {
            *self.by_network.entry(network).or_default() += 1;
        }
    }

    fn remove(&mut self, claim: Claim) {
        self.all -= 1;
        self.unknown -= usize::from(claim.trust != Trust::Known);
        self.suspects -= usize::from(claim.trust == Trust::Suspect);
        if let Some(network) = claim.network
            && let Some(number) = self.by_network.get_mut(&network)
        {
            *number -= 1;
            if *number == 0 {
                self.by_network.remove(&network);
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.places.taken().remove(self.claim);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(number: u8, trust: Trust) -> Claim {
        Claim { trust, network: Some(Network::containing([203, 0, 113, number].into())) }
    }

    fn take_all(places: &Arc<Places>, claim: Claim) -> Vec<Permit> {
        std::iter::from_fn(|| places.take(claim).ok()).collect()
    }

    #[test]
    fn suspects_take_half_and_unknown_clients_three_quarters() {
        let places = Arc::new(Places::new(16));
        let anywhere = |trust| Claim { trust, network: None };
        let suspects = take_all(&places, anywhere(Trust::Suspect));
        let clean = take_all(&places, anywhere(Trust::Clean));
        assert!(places.take(anywhere(Trust::Suspect)).is_err());
        let known = take_all(&places, Claim::KNOWN);
        assert_eq!((suspects.len(), clean.len(), known.len()), (8, 4, 4));
        assert!(places.is_full());
        drop(clean);
        assert!(places.take(anywhere(Trust::Suspect)).is_err(), "a suspect cannot take the place of a clean client");
        drop(suspects);
        assert_eq!(take_all(&places, anywhere(Trust::Clean)).len(), 12);
    }

    #[test]
    fn one_address_takes_at_most_half() {
        let places = Arc::new(Places::new(16));
        let known = take_all(&places, from(1, Trust::Known));
        assert_eq!(known.len(), 8);
        assert!(places.take(from(1, Trust::Clean)).is_err());
        assert!(places.take(from(2, Trust::Clean)).is_ok() && places.take(Claim::KNOWN).is_ok());
        drop(known);
        assert!(places.taken().by_network.is_empty(), "an address is forgotten with its last place");
        assert_eq!(places.number_taken(), 0);
    }

    #[test]
    fn the_smallest_queue_has_a_place_at_every_trust() {
        for trust in [Trust::Known, Trust::Clean, Trust::Suspect] {
            for capacity in 1..4 {
                assert!(Arc::new(Places::new(capacity)).take(from(1, trust)).is_ok(), "{trust:?} of {capacity}");
            }
        }
    }
}
