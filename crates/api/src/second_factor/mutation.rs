//! Mutations of second factors.

use async_graphql::{Context, Object};
use fieldguard_accounts::enroll_totp::{Enrolled, RecoveryCode};
use fieldguard_domain::permission::USERS_WRITE;
use fieldguard_guard::{cost_directives::Exclusive, guarded};

use crate::{
    error::ApiError,
    id::user_id,
    public::SIGN_INS,
    second_factor::{
        inputs::{ConfirmTotpEnrollmentInput, CreateRecoveryCodesInput, RemoveTotpInput, ResetSecondFactorInput},
        payloads::{
            ConfirmTotpEnrollmentPayload, CreateRecoveryCodesPayload, RemoveTotpPayload, ResetSecondFactorPayload,
            TotpEnrollmentPayload,
        },
    },
    services::{accounts, client, principal},
};

/// Mutations of second factors.
#[derive(Default)]
pub struct SecondFactorMutation;

#[guarded(fresh)]
#[Object]
impl SecondFactorMutation {
    /// Creates a secret for an authenticator app. It has no effect until `confirmTotpEnrollment`. Refused with `CONFLICT` if you have a second factor: call `removeTotp` first.
    async fn begin_totp_enrollment(&self, ctx: &Context<'_>) -> Result<Option<TotpEnrollmentPayload>, ApiError> {
        Ok(Some(Box::pin(accounts(ctx).begin_totp_enrollment(principal(ctx)?)).await?.into()))
    }

    /// Confirms the secret of `beginTotpEnrollment` with a code of the app. From then on each sign-in requires a code. Your other sessions are revoked; personal access tokens stay valid. A wrong code is refused with `INVALID_CREDENTIALS` and counts as a failed sign-in.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn confirm_totp_enrollment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: ConfirmTotpEnrollmentInput,
    ) -> Result<Option<ConfirmTotpEnrollmentPayload>, ApiError> {
        let client = client(ctx);
        let enrolled = accounts(ctx).confirm_totp_enrollment(principal(ctx)?, &input.code, &client);
        let Enrolled { user, recovery_codes, effect } = Box::pin(enrolled).await?;
        Ok(Some(ConfirmTotpEnrollmentPayload {
            user: user.into(),
            recovery_codes: exposed(&recovery_codes),
            effective_at: effect.at,
            sessions_revoked: effect.sessions,
        }))
    }

    /// Removes your authenticator app and your recovery codes, given a code. Signing in then takes the password alone, or another enrollment if one of your roles requires a second factor. A wrong code counts as a failed sign-in.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn remove_totp(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: RemoveTotpInput,
    ) -> Result<Option<RemoveTotpPayload>, ApiError> {
        let client = client(ctx);
        let removed = accounts(ctx).remove_totp(principal(ctx)?, &input.code, &client);
        let (user, _) = Box::pin(removed).await?;
        Ok(Some(RemoveTotpPayload { user: user.into() }))
    }

    /// Creates ten recovery codes in place of the earlier ones, given a code. A wrong code counts as a failed sign-in.
    #[graphql(directive = Exclusive::apply(SIGN_INS))]
    async fn create_recovery_codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: CreateRecoveryCodesInput,
    ) -> Result<Option<CreateRecoveryCodesPayload>, ApiError> {
        let client = client(ctx);
        let created = accounts(ctx).create_recovery_codes(principal(ctx)?, &input.code, &client);
        let (_, codes) = Box::pin(created).await?;
        Ok(Some(CreateRecoveryCodesPayload { recovery_codes: exposed(&codes) }))
    }

    /// Removes the second factor of a user who lost it, and revokes their sessions. At the next sign-in the password suffices, or the user enrolls again if a role requires it. Make sure who asks you for it: an attacker who has the password needs only this. You can't reset your own second factor, or the one of a user who has permissions you don't have.
    #[requires(permission = USERS_WRITE, fresh)]
    async fn reset_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user.")] input: ResetSecondFactorInput,
    ) -> Result<Option<ResetSecondFactorPayload>, ApiError> {
        let client = client(ctx);
        let reset = accounts(ctx).reset_second_factor(principal(ctx)?, user_id(&input.user_id)?, &client);
        let (user, effect) = Box::pin(reset).await?;
        Ok(Some(ResetSecondFactorPayload {
            user: user.into(),
            effective_at: effect.at,
            sessions_revoked: effect.sessions,
        }))
    }
}

fn exposed(codes: &[RecoveryCode]) -> Vec<String> {
    codes.iter().map(RecoveryCode::expose).collect()
}
