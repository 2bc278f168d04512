//! Accounts. What a password is, or who may see an email address, is none of its business; the hash leaves the store only
//! through [`credentials`].

mod change;
mod credentials;
mod filter;
mod list;
mod plan;
mod read;

pub use change::{delete, insert, set_disabled, set_profile, signed_in};
pub use credentials::{Credentials, credentials, credentials_of, hold, named, replace_hash, set_hash};
pub use list::list;
pub use plan::count;
pub use read::{counts, find, total};
