//! Turns: sign-ins with one name are judged one after the other in this process. Nothing depends on it: the database counts
//! exactly without it. But each counts as failed until it is judged, and without turns a person who signs in from two
//! places at once would be told to wait for a failure that never was.

use tokio::sync::{Mutex, MutexGuard};

use crate::store::attempts::Key;

/// How many lines there are to stand in. Two names in one line cost each other the time of a hash now and then.
const LINES: usize = 1_024;

/// The lines.
pub(super) struct Turns(Vec<Mutex<()>>);

/// One's turn, until it is dropped.
pub(super) type Turn<'a> = MutexGuard<'a, ()>;

impl Default for Turns {
    fn default() -> Self {
        Self((0..LINES).map(|_| Mutex::default()).collect())
    }
}

impl Turns {
    /// Waits for the turn of whoever is counted by `key`.
    pub(super) async fn wait(&self, key: &Key) -> Turn<'_> {
        let line = usize::from(u16::from_be_bytes([key[0], key[1]])) % LINES;
        self.0[line].lock().await
    }
}
