//! The built program, started like an operator or a service manager starts it: in its own directory and environment,
//! with real signals.

mod access_diff;
mod admin;
mod audit;
mod backup;
mod config_check;
mod database;
mod descriptors;
mod doctor;
mod explain;
mod exposure;
mod hostile;
mod inclusion;
mod issuer;
mod keys;
mod listening;
mod log_output;
mod logs;
mod manual;
mod printed;
pub mod program;
mod replay;
mod revocation;
mod rotation;
mod security_log;
mod serve;
mod settings;
mod signals;
mod sweep;
mod traces;
mod users;
mod wire;
