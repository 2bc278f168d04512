//! The bound on revocations: one second after the answer to a revocation, every replica rejects the revoked credential.
//! A manual clock makes the second exact, whatever the speed of the machine.

use std::sync::Arc;

use chrono::TimeDelta;
use fieldguard::{
    accounts::{
        Accounts, change_users::UserChange, create_personal_access_token::NewPersonalAccessToken, create_role::NewRole,
        effect::Effect, update_role::RoleChange,
    },
    domain::{
        id::{PersonalAccessTokenId, UserId},
        permission::USERS_READ,
        principal::Principal,
        session::Client,
    },
};
use fieldguard_test_macros::on_each_database;
use futures_util::future::{join, join_all};

use crate::{
    actor::PASSWORD,
    admin::to_roles,
    app::{Server, each},
};

const BOUND: TimeDelta = TimeDelta::seconds(1);

#[on_each_database(flavor = "multi_thread")]
async fn revocations_reach_three_replicas_within_a_second() {
    revoke(2 * CHANGES.len()).await;
}

#[on_each_database(flavor = "multi_thread")]
#[ignore = "takes minutes; run it after a change of the caches: cargo test --test it -- --ignored thousand_revocations"]
async fn thousand_revocations_reach_three_replicas_within_a_second() {
    revoke(1_000).await;
}

/// An operation that revokes access.
#[derive(Debug, Clone, Copy)]
enum Change {
    Logout,
    LogoutEverywhere,
    RevokeToken,
    UpdateRole,
    SetRoles,
    Disable,
    ResetPassword,
    Delete,
}

const CHANGES: [Change; 8] = [
    Change::Logout,
    Change::LogoutEverywhere,
    Change::RevokeToken,
    Change::UpdateRole,
    Change::SetRoles,
    Change::Disable,
    Change::ResetPassword,
    Change::Delete,
];

/// The replicas, and a user who has the role `desk`.
struct Deployment {
    replicas: Vec<Accounts>,
    bob: UserId,
}

/// The user's credentials.
struct Credentials {
    session: String,
    token: String,
    token_id: PersonalAccessTokenId,
}

async fn revoke(rounds: usize) {
    each(async |server| {
        let deployment = Deployment::of(server).await;
        // The greatest common divisor of 8 changes and 3 replicas is 1, so every change runs at every replica.
        for (round, change) in CHANGES.into_iter().cycle().take(rounds).enumerate() {
            deployment.round(round, change).await;
        }
    })
    .await;
}

/// Whether the replica accepts the credential with the permission of the role.
async fn is_accepted(replica: &Accounts, credential: &str) -> bool {
    let principal = replica.identify(credential, &Client::default()).await;
    principal.is_ok_and(|principal| principal.can(USERS_READ))
}

async fn sign_in(replica: &Accounts, name: &str) -> (String, Arc<Principal>) {
    let token =
        replica.login(name, PASSWORD.to_owned(), Client::default()).await.unwrap().complete().unwrap().access_token;
    let principal = replica.identify(&token, &Client::default()).await.unwrap();
    (token, principal)
}

impl Deployment {
    /// Creates the role and the user at the server, and opens two replicas on its database.
    async fn of(server: &Server) -> Self {
        server.admin().await;
        let (bob, first) = (server.user("bob").await.id, server.app.accounts().clone());
        let replicas = vec![first.clone(), server.replica(&first.clock).await, server.replica(&first.clock).await];
        let (bob, (_, admin)) = (UserId::parse(&bob).unwrap(), sign_in(&first, "ada").await);
        let desk = NewRole {
            name: "desk".to_owned(),
            description: String::new(),
            permissions: vec![USERS_READ.name().to_owned()],
            includes: Vec::new(),
            is_protected: false,
        };
        first.create_role(&admin, desk, &Client::default()).await.unwrap();
        let deployment = Self { replicas, bob };
        deployment.restore(&admin, Change::SetRoles).await;
        deployment
    }

    async fn round(&self, round: usize, change: Change) {
        let at = &self.replicas[round % self.replicas.len()];
        let (_, admin) = sign_in(at, "ada").await;
        let credentials = self.credentials(&self.replicas[(round + 1) % self.replicas.len()]).await;
        // Concurrent requests may succeed or fail. They fill the caches that the revocation must invalidate.
        let requests = join_all(self.replicas.iter().map(async |replica| {
            for _ in 0..3 {
                is_accepted(replica, &credentials.session).await;
                is_accepted(replica, &credentials.token).await;
            }
        }));
        let (effect, _) = join(self.apply(at, &admin, change, &credentials), requests).await;
        let clock = &at.clock;
        assert!(effect.at <= clock.now() + BOUND, "round {round}, {change:?}: {effect:?}");
        clock.advance(BOUND - TimeDelta::milliseconds(1));
        self.accepted(&credentials).await;
        clock.advance(TimeDelta::milliseconds(1));
        let (session, token) = match change {
            Change::Logout | Change::LogoutEverywhere => (false, true),
            Change::RevokeToken => (true, false),
            _ => (false, false),
        };
        assert_eq!(self.accepted(&credentials).await, [(session, token); 3], "round {round}, {change:?}");
        self.restore(&admin, change).await;
        // An account can have 50 personal access tokens.
        let _ = at.revoke_personal_access_token(&admin, credentials.token_id, &Client::default()).await;
    }

    /// Creates a session and a personal access token that every replica has cached.
    async fn credentials(&self, replica: &Accounts) -> Credentials {
        let (session, own) = sign_in(replica, "bob").await;
        let permissions = vec![USERS_READ.name().to_owned()];
        let new = NewPersonalAccessToken { name: "script".to_owned(), permissions, expires_at: None };
        let (token, created) = replica.create_personal_access_token(&own, new, &Client::default()).await.unwrap();
        let credentials = Credentials { session, token: token.expose(), token_id: created.id };
        assert_eq!(self.accepted(&credentials).await, [(true, true); 3]);
        credentials
    }

    /// For each replica, whether it accepts the session and the personal access token.
    async fn accepted(&self, credentials: &Credentials) -> Vec<(bool, bool)> {
        let check = async |replica| {
            (is_accepted(replica, &credentials.session).await, is_accepted(replica, &credentials.token).await)
        };
        join_all(self.replicas.iter().map(check)).await
    }

    async fn apply(&self, at: &Accounts, admin: &Principal, change: Change, credentials: &Credentials) -> Effect {
        let from = Client::default();
        let own = at.identify(&credentials.session, &from).await.unwrap();
        match change {
            Change::Logout => at.logout(&own, &from).await.unwrap().1,
            Change::LogoutEverywhere => at.logout_everywhere(&own, false, &from).await.unwrap(),
            Change::RevokeToken => at.revoke_personal_access_token(&own, credentials.token_id, &from).await.unwrap().1,
            Change::UpdateRole => self.set_permissions(at, admin, Vec::new()).await,
            Change::SetRoles => at.change_user(admin, &to_roles(&[]), self.bob, &from).await.unwrap().1,
            Change::Disable => at.change_user(admin, &UserChange::Disable, self.bob, &from).await.unwrap().1,
            Change::ResetPassword => {
                let issued = at.issue_password_reset(admin, self.bob, &from).await.unwrap();
                at.reset_password(&issued.code.expose(), PASSWORD.to_owned(), &from).await.unwrap();
                issued.effect
            }
            Change::Delete => at.change_user(admin, &UserChange::Delete, self.bob, &from).await.unwrap().1,
        }
    }

    /// Reverts the change, at the first replica.
    async fn restore(&self, admin: &Principal, change: Change) {
        let (at, from) = (&self.replicas[0], Client::default());
        match change {
            Change::UpdateRole => drop(self.set_permissions(at, admin, vec![USERS_READ.name().to_owned()]).await),
            Change::SetRoles => {
                let roles = ["user".to_owned(), "desk".to_owned()];
                at.change_user(admin, &to_roles(&roles), self.bob, &from).await.unwrap();
            }
            Change::Disable => drop(at.change_user(admin, &UserChange::Enable, self.bob, &from).await.unwrap()),
            Change::Delete => drop(at.change_user(admin, &UserChange::Restore, self.bob, &from).await.unwrap()),
            Change::Logout | Change::LogoutEverywhere | Change::RevokeToken | Change::ResetPassword => {}
        }
    }

    async fn set_permissions(&self, at: &Accounts, admin: &Principal, permissions: Vec<String>) -> Effect {
        let change = RoleChange { permissions: Some(permissions), ..RoleChange::default() };
        at.update_role(admin, "desk", change, &Client::default()).await.unwrap().1
    }
}
