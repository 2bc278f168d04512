//! The audit log, and what users see of it.

pub mod audit_action;
pub mod audit_actor_type;
pub mod audit_event;
pub mod audit_event_filter;
pub mod audit_state;
pub mod audit_target_type;
pub mod personal_data_access;
pub mod security_event;
pub mod security_event_action;
