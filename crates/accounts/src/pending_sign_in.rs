//! Sign-ins that wait for their next step. The client gets a random challenge, which it sends with that step. A
//! challenge is good for one sign-in, for ten minutes and five codes. It dies with the account's password, with the
//! account's right to sign in, and with the revocation of its sessions. It is bound to the client by secrecy alone: an
//! address may change between two steps, and proves nothing about the client.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Accounts,
    error::Error,
    next_step::{NextStep, next_step},
};
use fieldguard_auth::{fingerprint, sign_in_challenge::SignInChallenge};
use fieldguard_domain::{authentication::Methods, id::UserId, role::Role, user::User};
use fieldguard_store::{self as store, Tx, sign_in_challenges::Challenge, users::Credentials};

/// How long a challenge is good.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// How many wrong codes a challenge takes. The limit across all challenges of an account is in `guessing`.
const MAX_FAILURES: u32 = 5;

/// A sign-in that waits for its next step.
pub struct PendingSignIn {
    /// What the user must do.
    pub next_step: NextStep,
    /// What the client sends with that step. The database stores only its hash.
    pub challenge: SignInChallenge,
    /// When the challenge expires.
    pub expires_at: DateTime<Utc>,
}

/// A challenge that was presented, with its account locked.
pub(super) struct Presented {
    pub(super) held: Credentials,
    pub(super) roles: Vec<Role>,
    pub(super) methods: Methods,
    pub(super) next_step: NextStep,
}

impl Accounts {
    /// Stores a sign-in that waits for `next_step`.
    pub(super) async fn store_pending(
        &self,
        tx: &Tx,
        held: &Credentials,
        methods: Methods,
        next_step: NextStep,
        now: DateTime<Utc>,
    ) -> Result<PendingSignIn, Error> {
        let (challenge, expires_at) = (SignInChallenge::new(), now + LIFETIME);
        let user = held.user.id;
        let stored = Challenge { user, credential: credential(held), methods, failures: 0, expires_at };
        store::sign_in_challenges::insert(tx, &challenge.hash(), &stored, now).await?;
        Ok(PendingSignIn { next_step, challenge, expires_at })
    }

    /// The account of a challenge, before anything is locked.
    pub(super) async fn user_of_challenge(&self, challenge: &SignInChallenge) -> Result<UserId, Error> {
        let found = store::sign_in_challenges::find(&self.store, &challenge.hash(), self.clock.now()).await?;
        found.map(|found| found.user).ok_or(Error::InvalidChallenge)
    }

    /// Locks the account `user`, and reads the challenge again. What is missing is decided anew, by the account's
    /// factors and roles as they are now.
    pub(super) async fn hold_pending(
        &self,
        tx: &Tx,
        user: UserId,
        challenge: &SignInChallenge,
        now: DateTime<Utc>,
    ) -> Result<Presented, Error> {
        let held = store::users::hold(tx, user).await?.filter(|held| User::may_sign_in(&held.user));
        let found = store::sign_in_challenges::find(tx, &challenge.hash(), now).await?;
        let (Some(held), Some(found)) = (held, found) else { return refuse("it is unknown, used or expired") };
        if found.user != user || found.failures >= MAX_FAILURES {
            return refuse("it had too many wrong codes");
        }
        if found.credential != credential(&held) {
            return refuse("the password changed");
        }
        let roles = store::roles::of_user(tx, user).await?;
        let is_required = self.policy.requires_second_factor(&roles);
        match next_step(found.methods, held.user.has_second_factor(), is_required) {
            Some(next_step) => Ok(Presented { held, roles, methods: found.methods, next_step }),
            None => refuse("the second factor was removed"),
        }
    }
}

fn refuse<T>(reason: &str) -> Result<T, Error> {
    tracing::info!(reason, "sign-in challenge refused");
    Err(Error::InvalidChallenge)
}

/// What a challenge remembers of the password hash, to notice another one.
fn credential(held: &Credentials) -> [u8; 32] {
    fingerprint::of(&["credential", held.hash.as_phc()])
}
