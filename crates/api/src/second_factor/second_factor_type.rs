//! `SecondFactor`: what a user proves besides the password.

use async_graphql::Enum;

/// What a user proves at sign-in besides the password.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// A code of an authenticator app (TOTP, RFC 6238). Recovery codes replace it.
    Totp,
}
