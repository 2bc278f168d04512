//! What mutations of second factors answer.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use fieldguard_accounts::enroll_totp::Enrollment;
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use crate::users::user::User;

/// Payload of `beginTotpEnrollment` and `beginTotpEnrollmentAtSignIn`: the secret of an authenticator app. It is shown only here, and must be confirmed within an hour.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct TotpEnrollmentPayload {
    /// The secret in base32, to type into an app.
    pub(crate) secret: String,
    /// The secret as an `otpauth:` URL, to open in an app on the same device.
    pub(crate) url: String,
    /// The URL as a QR code: an SVG image.
    pub(crate) qr_code: String,
}

impl From<Enrollment> for TotpEnrollmentPayload {
    fn from(enrollment: Enrollment) -> Self {
        Self { secret: enrollment.base32(), url: enrollment.url(), qr_code: enrollment.qr_code() }
    }
}

/// Payload of `confirmTotpEnrollment`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ConfirmTotpEnrollmentPayload {
    /// The user, whose sign-ins require a code from now on.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) user: User,
    /// Ten recovery codes, each of which replaces one code of the app. They are shown only here: ask the user to keep them.
    pub(crate) recovery_codes: Vec<String>,
    /// When the change takes effect on every replica: requests in the revoked sessions that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions were revoked.
    pub(crate) sessions_revoked: u64,
}

/// Payload of `removeTotp`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RemoveTotpPayload {
    /// The user, who signs in with the password alone from now on.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) user: User,
}

/// Payload of `createRecoveryCodes`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct CreateRecoveryCodesPayload {
    /// Ten recovery codes. They are shown only here: ask the user to keep them. The earlier ones no longer work.
    pub(crate) recovery_codes: Vec<String>,
}

/// Payload of `resetSecondFactor`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ResetSecondFactorPayload {
    /// The user, who has no second factor any more.
    pub(crate) user: User,
    /// When the change takes effect on every replica: requests in the revoked sessions that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions of the user were revoked.
    pub(crate) sessions_revoked: u64,
}
