//! `AuthenticationMethod`: how a user proved who they are.

use async_graphql::Enum;
use fieldguard_domain::authentication;

/// How a user proved who they are.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "authentication::AuthenticationMethod")]
pub enum AuthenticationMethod {
    /// With the password. The claim `amr` of access tokens has `pwd`.
    Password,
    /// With a code of an authenticator app, or a recovery code. The claim `amr` of access tokens has `otp`.
    OneTimePassword,
}
