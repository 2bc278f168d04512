//! The signals to stop the server and to reload its keys.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Handles SIGTERM, SIGINT and SIGHUP. While this exists, they don't terminate the process.
pub(super) struct Signals {
    stop: StopSignals,
    hangup: Signal,
}

/// SIGTERM and SIGINT.
pub(super) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Starts to listen. Call it before the server starts, so that a signal stops the startup too: the first process of
    /// a container ignores signals that it does not handle.
    pub(super) fn listen() -> io::Result<Self> {
        let stop =
            StopSignals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? };
        Ok(Self { stop, hangup: signal(SignalKind::hangup())? })
    }

    /// The stop signals. A SIGHUP stays pending until the server runs.
    pub(super) fn stop(&mut self) -> &mut StopSignals {
        &mut self.stop
    }

    /// The stop signals, and SIGHUP.
    pub(super) fn split(self) -> (StopSignals, Signal) {
        (self.stop, self.hangup)
    }
}

impl StopSignals {
    /// Waits for the next SIGTERM or SIGINT.
    pub(super) async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
