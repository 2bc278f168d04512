//! The signals that tell the server to stop, and the one that tells it to load its keys anew.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, SIGINT and SIGHUP, kept from ending the process at once as soon as this exists.
pub(super) struct Signals {
    stop: Stop,
    hangup: Signal,
}

/// The signals that tell the server to stop.
pub(super) struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from here on. Call it before the server starts, so that a signal stops the start too: a process that is the
    /// first of its container is not ended by signals that it does not listen to.
    pub(super) fn listen() -> io::Result<Self> {
        let stop = Stop { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? };
        Ok(Self { stop, hangup: signal(SignalKind::hangup())? })
    }

    /// The signals to stop, without SIGHUP, which keeps until the server runs.
    pub(super) fn stop(&mut self) -> &mut Stop {
        &mut self.stop
    }

    /// The signals to stop, and SIGHUP.
    pub(super) fn split(self) -> (Stop, Signal) {
        (self.stop, self.hangup)
    }
}

impl Stop {
    /// Waits for the next SIGTERM or SIGINT.
    pub(super) async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
