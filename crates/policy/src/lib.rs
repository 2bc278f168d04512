//! Access rules as values: what is demanded of a caller, the decision, and what a caller lacks.
//!
//! For servers of every kind: nothing here knows GraphQL, HTTP, accounts or a database, and there are no dependencies. A server
//! brings its own type of caller, which implements [`Principal`], and declares its permissions as constants. A
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
//! What it does not do: it looks nothing up. Which permissions a role gives, who owns a value and when a password was given
//! last is for the server to know.

pub mod missing;
pub mod permission;
mod principal;
pub mod rule;

pub use principal::Principal;
