//! Words and rules, without I/O: what a user name is, what a role holds, what a rule decides.
//!
//! Nothing here reads a clock, a database or a request; every function answers from its arguments. Types exist only if
//! they are valid, so whoever holds a [`Username`](username::Username) need not check it again.

pub mod access_token;
pub mod audit;
pub mod case_folding;
pub mod email;
pub mod guessing;
pub mod id;
pub mod invalid;
pub mod network;
pub mod overview;
pub mod page;
pub mod password;
pub mod password_strength;
pub mod permission;
pub mod principal;
pub mod refresh_chain;
pub mod reserved_names;
pub mod role;
pub mod role_description;
pub mod security_event;
pub mod session;
pub mod user;
pub mod user_action;
pub mod user_list;
pub mod username;

pub use fieldguard_policy::{missing, rule};
