//! Access rules as values: what a field requires of a caller, the decision, and what a caller lacks.
//!
//! This crate works for servers of every kind: it knows no GraphQL, HTTP, users or database, and has no dependencies. A
//! server implements [`Principal`] for its caller type and declares its permissions as constants. A
//! [`Rule`](rule::Rule) is a constant, too:
//!
//! ```
//! use fieldguard_policy::{Principal, missing::Missing, permission::Permission, rule::{Refusal, Rule}};
//!
//! const PAGES_EDIT: Permission = Permission::new("pages:edit", "Edit every page.");
//! const EDIT: Rule = Rule::SIGNED_IN.permission(PAGES_EDIT).or_self();
//!
//! struct Member {
//!     edits_all: bool,
//! }
//!
//! impl Principal for Member {
//!     fn has_role(&self, _name: &str) -> bool {
//!         false
//!     }
//!
//!     fn can(&self, permission: Permission) -> bool {
//!         permission == PAGES_EDIT && self.edits_all
//!     }
//!
//!     fn has_session(&self) -> bool {
//!         true
//!     }
//! }
//!
//! let (author, editor) = (Member { edits_all: false }, Member { edits_all: true });
//! assert_eq!(EDIT.decide(Some(&author), true), Ok(()), "a page of their own");
//! assert_eq!(EDIT.decide(Some(&author), false), Err(Refusal::Forbidden));
//! assert_eq!(EDIT.decide(Some(&editor), false), Ok(()));
//! assert_eq!(EDIT.decide(None::<&Member>, false), Err(Refusal::Unauthenticated));
//! assert_eq!(Missing::of(&EDIT, Some(&author)), [Missing::Ownership, Missing::Permission(PAGES_EDIT)]);
//! ```
//!
//! What it does not do: look things up. The server knows which permissions a role gives, who owns a value, and when the
//! user last gave the password.

pub mod missing;
pub mod permission;
mod principal;
pub mod rule;

pub use principal::Principal;
