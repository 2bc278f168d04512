//! `createPersonalAccessToken`: a token with which a script acts for a user.

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error, next_step::next_step};
use fieldguard_auth::personal_token::PersonalToken;
use fieldguard_domain::{
    audit::{Action, Actor, RecordedState},
    id::PersonalAccessTokenId,
    invalid::both,
    personal_access_token::{self, MOST, PersonalAccessToken},
    principal::Principal,
    role::effective_permissions,
    security_event::SecurityEventAction,
    session::Client,
    user::User,
};
use fieldguard_store as store;

/// A token to create.
pub struct NewPersonalAccessToken {
    /// Its name in the list of tokens.
    pub name: String,
    /// The names of its permissions.
    pub permissions: Vec<String>,
    /// When it expires. Defaults to 90 days from now.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Accounts {
    /// Creates a token of the caller. Returns its secret, which exists only here, and the token as it is listed.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a value that breaks a rule, a permission that the account lacks among them,
    /// [`Error::TooManyTokens`], [`Error::OneFactor`] where the session lacks a second factor that is required, and
    /// [`Error::InvalidToken`] where the caller's session has just ended.
    pub async fn create_personal_access_token(
        &self,
        caller: &Principal,
        new: NewPersonalAccessToken,
        client: &Client,
    ) -> Result<(PersonalToken, PersonalAccessToken), Error> {
        let now = self.clock.now();
        let named = both(personal_access_token::name(&new.name), personal_access_token::expiry(new.expires_at, now));
        let tx = self.begin_own(caller).await?;
        // Disabling the user or resetting their password locks the user, and revokes sessions and tokens. A request
        // that waited for this lock must not create another token.
        let user = store::users::hold(&tx, caller.user()).await?.map(|it| it.user);
        let session = caller.session().ok_or(Error::NoSession)?;
        let live = store::sessions::find(&tx, session, now).await?.ok_or(Error::InvalidToken)?;
        let user = user.filter(User::may_sign_in).ok_or(Error::InvalidToken)?;
        let roles = store::roles::of_user(&tx, user.id).await?;
        // The token would outlive the session, and so lead past a second factor that is required since it began.
        let is_required = self.policy.requires_second_factor(&roles);
        if next_step(live.methods, user.has_second_factor(), is_required).is_some() {
            return Err(Error::OneFactor);
        }
        let held = effective_permissions(&roles, &self.catalogue);
        let permissions = personal_access_token::permissions(&new.permissions, &held, &self.catalogue);
        let ((name, expires_at), permissions) = both(named, permissions)?;
        if store::personal_access_tokens::live_of(&tx, user.id, now).await? >= MOST {
            return Err(Error::TooManyTokens);
        }

        let token = PersonalToken::new(PersonalAccessTokenId::new(now));
        let made = PersonalAccessToken {
            id: token.id(),
            user: user.id,
            name,
            permissions,
            created_at: now,
            expires_at,
            last_used_at: None,
            last_used_address: None,
        };
        store::personal_access_tokens::insert(&tx, &made, &token.hash()).await?;
        store::personal_access_tokens::forget_expired(&tx, user.id, now).await?;
        let kind = SecurityEventAction::PersonalAccessTokenCreated;
        store::security_events::record(&tx, user.id, kind, Some(session), client, now).await?;
        self.notify_of_token(&tx, &user, &made.name).await?;
        let entry = self.entry(Action::PersonalAccessTokenCreated, Actor::caller(caller), client).on(made.id);
        let permissions = Some(made.permissions.iter().cloned().collect());
        tx.note(entry.changing(None, RecordedState { permissions, ..RecordedState::default() }));
        tx.commit().await?;
        tracing::info!(user = %user.id, token = %made.id, "personal access token created");
        Ok((token, made))
    }
}
