//! `createRecoveryCodes`: a user replaces their recovery codes, given a code.

use super::{Accounts, error::Error};
use fieldguard_auth::recovery_code::RecoveryCode;
use fieldguard_domain::{
    audit::{Action, Actor},
    principal::Principal,
    security_event::SecurityEventAction,
    session::Client,
    user::User,
};
use fieldguard_store as store;

impl Accounts {
    /// Creates ten recovery codes for the caller. The earlier ones no longer work.
    ///
    /// # Errors
    ///
    /// [`Error::NoSecondFactor`], [`Error::InvalidCode`] for a wrong code, [`Error::RateLimited`] after too many of
    /// those.
    pub async fn create_recovery_codes(
        &self,
        caller: &Principal,
        code: &str,
        client: &Client,
    ) -> Result<(User, Vec<RecoveryCode>), Error> {
        self.prove_code(caller, code, client).await?;
        let key = self.encryption.stored_key()?;
        let tx = self.begin_own(caller).await?;
        let now = self.shared_now(&tx).await?;
        let held = store::users::hold(&tx, caller.user()).await?.ok_or(Error::InvalidToken)?;
        // The factor may have been removed since the code was verified.
        if !held.user.has_second_factor() {
            return Err(Error::NoSecondFactor);
        }
        let codes = self.replace_recovery_codes(&tx, &key, caller.user()).await?;
        let kind = SecurityEventAction::RecoveryCodesCreated;
        store::security_events::record(&tx, caller.user(), kind, caller.session(), client, now).await?;
        tx.note(self.entry(Action::RecoveryCodesCreated, Actor::caller(caller), client).on(caller.user()));
        tx.commit().await?;
        tracing::info!(user = %caller.user(), "recovery codes created");
        Ok((held.user, codes))
    }
}
