//! A sign-in, as `register` and `login` make it: a session row, a refresh token, an access token. Not a use case by
//! itself: whoever comes here has proved who he is.

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error};
use crate::{
    auth::{refresh::RefreshToken, token::Subject},
    domain::{
        id::SessionId,
        role::{Role, effective_permissions},
        session::{Client, Session},
        user::User,
    },
    store::{self, Tx},
};

/// What a person gets who signed in.
pub struct SignIn {
    /// The account.
    pub user: User,
    /// The session that began.
    pub session: Session,
    /// The access token, a JWT (RFC 9068).
    pub access_token: String,
    /// Until when the access token is good.
    pub access_expires_at: DateTime<Utc>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// The refresh token. The database keeps its hash only.
    pub refresh_token: RefreshToken,
}

impl Accounts {
    /// Begins a session of `user`, who holds `roles`, within `tx`.
    pub(super) async fn begin_session(
        &self,
        tx: &Tx,
        user: User,
        roles: &[Role],
        client: Client,
        now: DateTime<Utc>,
    ) -> Result<SignIn, Error> {
        let session = Session {
            id: SessionId::new(now),
            user: user.id,
            created_at: now,
            last_used_at: now,
            expires_at: now + self.policy.session_lifetime,
            ip_address: client.ip_address,
            user_agent: client.user_agent,
        };
        let refresh_token = RefreshToken::new();
        let idle_until = session.expires_at.min(now + self.policy.session_idle);
        store::sessions::insert(tx, &session, &refresh_token.hash(), idle_until).await?;
        store::users::signed_in(tx, user.id, now).await?;

        let names: Vec<_> = roles.iter().map(|role| role.name.clone()).collect();
        let scope: Vec<_> = effective_permissions(roles, &self.catalogue).into_iter().collect();
        let subject = Subject { user: user.id, session: session.id, roles: &names, scope: &scope };
        let issued = self.tokens.issue(&subject, now);
        let user = User { last_sign_in_at: Some(now), ..user };
        Ok(SignIn {
            user,
            session,
            access_token: issued.token,
            access_expires_at: issued.expires_at,
            issued_at: now,
            refresh_token,
        })
    }
}
