//! Users, roles, sessions and passwords as values: what is valid, what a role permits, what a rule decides. All other
//! layers of Fieldguard use this crate. It does no I/O.
//!
//! Nothing here reads a clock, a database or a request. Every function depends on its arguments alone. A type exists
//! only with a valid value, so code that has a [`Username`](username::Username) need not check it again.
//!
//! ```
//! use fieldguard_domain::{
//!     id::{SessionId, UserId},
//!     permission::USERS_READ,
//!     principal::Principal,
//!     role::RoleName,
//!     rule::{Refusal, Rule},
//!     username::Username,
//! };
//!
//! assert_eq!(Username::parse("Ada").expect("it is valid").as_str(), "Ada");
//! assert!(Username::parse("a").is_err(), "it is too short");
//!
//! let epoch = chrono::DateTime::UNIX_EPOCH;
//! let support = RoleName::parse("support").expect("it is valid");
//! let caller = Principal::new(UserId::new(epoch), SessionId::new(epoch), [support], ["users:read".to_owned()]);
//! assert_eq!(Rule::SIGNED_IN.permission(USERS_READ).decide(Some(&caller), false), Ok(()));
//! assert_eq!(Rule::SIGNED_IN.role("admin").decide(Some(&caller), false), Err(Refusal::Forbidden));
//! ```
//!
//! What it does not do: look things up, hash or store anything.

pub mod audit;
pub mod authentication;
pub mod backoff;
pub mod case_folding;
pub mod claims;
pub mod edit;
pub mod email;
pub mod guessing;
pub mod id;
pub mod invalid;
pub mod mail;
pub mod measure;
pub mod network;
pub mod overview;
pub mod page;
pub mod password;
pub mod password_strength;
pub mod permission;
pub mod personal_access_token;
pub mod principal;
pub mod profile;
pub mod refresh_chain;
pub mod reserved_names;
pub mod role;
pub mod role_description;
pub mod role_set;
pub mod security_event;
pub mod session;
pub mod user;
pub mod user_action;
pub mod user_list;
pub mod username;
pub mod webhook_event;

pub use fieldguard_policy::{missing, rule};
