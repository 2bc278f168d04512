//! Users. This module neither interprets passwords nor checks who may see an email address. Password hashes leave the
//! store only through [`credentials`].

mod change;
mod credentials;
mod deletion;
mod filter;
mod list;
mod plan;
mod read;

pub use change::{delete, insert, insert_imported, set_disabled, set_email_verified, set_profile, signed_in};
pub use credentials::{
    Credentials, LoginName, any_imported_hash, credentials, credentials_of, hold, named, replace_hash, set_hash,
    with_email,
};
pub use deletion::{due_for_deletion, set_deletion_due};
pub use list::list;
pub use plan::count;
pub use read::{counts, existing, find, names, taken, taken_addresses, total};
