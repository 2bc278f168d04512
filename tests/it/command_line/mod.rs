//! The built program, as people and service managers start it: a directory of its own, an environment of its own, real
//! signals, real kills.

mod access_diff;
mod admin;
mod audit;
mod backup;
mod database;
mod descriptors;
mod explain;
mod exposure;
mod hostile;
mod inclusion;
mod issuer;
mod keys;
mod log_output;
mod logs;
mod manual;
mod printed;
pub mod program;
mod replay;
mod revocation;
mod rotation;
mod serve;
mod settings;
mod signals;
mod sweep;
mod users;
mod wire;
