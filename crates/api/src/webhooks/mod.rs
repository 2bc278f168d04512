//! Webhooks: the events that a receiver gets, and what became of them.

pub mod inputs;
pub mod mutation;
pub mod payloads;
pub mod webhook_event;
pub mod webhook_event_state;
pub mod webhook_event_type;
