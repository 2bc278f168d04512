//! Shows committed audit events to one observer, besides storing them.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use crate::Store;
use fieldguard_domain::audit::Entry;

type Observe = dyn Fn(&Entry) + Send + Sync;

/// The observer of a store, if it has one. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Observer(Arc<OnceLock<Box<Observe>>>);

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observer").field(&self.0.get().is_some()).finish()
    }
}

impl Observer {
    /// Shows these entries, which are committed.
    pub(crate) fn show(&self, entries: &[Entry]) {
        if let Some(observe) = self.0.get() {
            entries.iter().for_each(observe);
        }
    }
}

impl Store {
    /// Calls `observe` with each audit event of this process once it is committed. It delays the answer to the request, so
    /// it must not wait. If the database did not confirm a commit, its events are not shown. Only the first observer is
    /// called.
    pub fn observe_audit(&self, observe: impl Fn(&Entry) + Send + Sync + 'static) {
        let _ = self.observer.0.set(Box::new(observe));
    }
}
