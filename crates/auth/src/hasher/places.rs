//! The places of the hashing queue, and who may take which.
//!
//! A flood of wrong passwords must not shut out people who know theirs. So a part of the queue is kept for clients that are
//! known, and another one for clients without failures; and no address takes more than half. A part that is kept stays free
//! for those it is kept for: a place that is free in the end costs nothing, and a person who is refused cannot sign in.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::HashError;
use fieldguard_domain::network::Network;

/// How far a client is trusted that asks for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// It proved something before: it signed in from its address with this account, has a session or a good code, or is the
    /// operator. It may take any place.
    Known,
    /// Neither its address nor the name it gives has failures. It may take three quarters of the places, with all below.
    Clean,
    /// Its address or the name it gives has failures. It may take half of the places.
    Suspect,
}

/// Who asks for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// How far the client is trusted.
    pub trust: Trust,
    /// Where the client is, where that is known and counted. All clients from one address together may take half of the places.
    pub network: Option<Network>,
}

impl Claim {
    /// A claim of a client that proved something before, from any address.
    pub const KNOWN: Self = Self { trust: Trust::Known, network: None };
}

/// The places, and how many of them are taken by whom. It remembers an address as long as that holds a place.
pub(super) struct Places {
    capacity: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    /// By clients that are not known.
    strangers: usize,
    suspects: usize,
    by_network: HashMap<Network, usize>,
}

/// A place that is taken, until this is dropped.
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
    /// [`HashError::Busy`] where none is left for such a client.
    pub(super) fn take(self: &Arc<Self>, claim: Claim) -> Result<Permit, HashError> {
        let mut taken = self.taken();
        if !taken.has_room(claim, self.capacity) {
            return Err(HashError::Busy);
        }
        taken.add(claim);
        drop(taken);
        Ok(Permit { places: Arc::clone(self), claim })
    }

    /// Whether one is left for such a client.
    pub(super) fn have_room(&self, claim: Claim) -> bool {
        self.taken().has_room(claim, self.capacity)
    }

    /// How many are taken.
    pub(super) fn number_taken(&self) -> usize {
        self.taken().all
    }

    /// Whether none is left for any client.
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
        let from_there = claim.network.and_then(|network| self.by_network.get(&network)).copied().unwrap_or_default();
        let is_left = match claim.trust {
            Trust::Known => true,
            Trust::Clean => self.strangers < (capacity * 3).div_ceil(4),
            Trust::Suspect => self.strangers < (capacity * 3).div_ceil(4) && self.suspects < half,
        };
        self.all < capacity && from_there < half && is_left
    }

    fn add(&mut self, claim: Claim) {
        self.all += 1;
        self.strangers += usize::from(claim.trust != Trust::Known);
        self.suspects += usize::from(claim.trust == Trust::Suspect);
        if let Some(network) = claim.network {
            *self.by_network.entry(network).or_default() += 1;
        }
    }

    fn remove(&mut self, claim: Claim) {
        self.all -= 1;
        self.strangers -= usize::from(claim.trust != Trust::Known);
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
    fn suspects_leave_half_and_strangers_leave_a_quarter() {
        let places = Arc::new(Places::new(16));
        let anywhere = |trust| Claim { trust, network: None };
        let suspects = take_all(&places, anywhere(Trust::Suspect));
        let clean = take_all(&places, anywhere(Trust::Clean));
        assert!(places.take(anywhere(Trust::Suspect)).is_err());
        let known = take_all(&places, Claim::KNOWN);
        assert_eq!((suspects.len(), clean.len(), known.len()), (8, 4, 4));
        assert!(places.is_full());
        drop(clean);
        assert!(places.take(anywhere(Trust::Suspect)).is_err(), "what a clean client left is not for suspects");
        drop(suspects);
        assert_eq!(take_all(&places, anywhere(Trust::Clean)).len(), 12);
    }

    #[test]
    fn one_address_takes_half_whoever_is_there() {
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
    fn the_smallest_queue_has_a_place_for_everyone() {
        for trust in [Trust::Known, Trust::Clean, Trust::Suspect] {
            for capacity in 1..4 {
                assert!(Arc::new(Places::new(capacity)).take(from(1, trust)).is_ok(), "{trust:?} of {capacity}");
            }
        }
    }
}
