//! `fieldguard webhooks …`: the arguments for webhooks.

use clap::{Subcommand, ValueEnum};

use super::ListFormat;

pub(super) const REPLAY_EXAMPLES: &str = "\
Examples:
  fieldguard webhooks replay 0192f0c1-4b7e-7a35-9d3f-5c1f4e0a9b77
  fieldguard webhooks replay --dead";

/// Commands for webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Webhooks {
    /// List the events that wait for delivery and those that were given up, the newest first.
    List {
        /// Only events in this state. By default pending and dead ones.
        #[arg(long, value_enum, value_name = "STATE")]
        state: Option<WebhookState>,
        /// The output format.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Queue events for delivery again.
    ///
    /// A running server sends them within a second or two, with the same id, so that a receiver can tell that it has seen
    /// them. Later events of the same user that are pending wait for them.
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay {
        /// The id of an event, in any state.
        #[arg(required_unless_present = "dead")]
        id: Option<String>,
        /// Every event that was given up.
        #[arg(long, conflicts_with = "id")]
        dead: bool,
    },
    /// Send an event of the type `webhook.test` now, and print the answer. Exits with 1 if the receiver refuses it.
    ///
    /// The event is not stored and not repeated. Needs no database.
    Test,
}

/// The state of a webhook event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WebhookState {
    /// It waits for its first or next attempt.
    Pending,
    /// The receiver accepted it.
    Delivered,
    /// It was given up.
    Dead,
}
