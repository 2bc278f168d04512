//! The signals that tell the server to stop, and the one that tells it to load its keys anew.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, SIGINT and SIGHUP, kept from ending the process at once as soon as this exists.
pub(super) struct Signals {
    stop: Stop,
    hangup: Signal,
}

/// Those that tell it to stop.
pub(super) struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from here on. It comes before the server says that it listens, so that whoever waits for that word can stop
    /// it in order.
    pub(super) fn listen() -> io::Result<Self> {
        let stop = Stop { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? };
        Ok(Self { stop, hangup: signal(SignalKind::hangup())? })
    }

    /// Those that tell it to stop, and SIGHUP.
    pub(super) fn split(self) -> (Stop, Signal) {
        (self.stop, self.hangup)
    }
}

impl Stop {
    /// Waits for either.
    pub(super) async fn asked(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
