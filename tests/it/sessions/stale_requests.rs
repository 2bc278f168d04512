//! Requests in progress while the caller's permissions or session are revoked: they must not undo the revocation.

use std::{sync::Arc, time::Duration};

use fieldguard::{
    accounts::{
        change_users::UserChange,
        create_personal_access_token::NewPersonalAccessToken,
        create_role::NewRole,
        error::Error,
        import_users::{ImportedUser, OnConflict},
        reauthenticate::Proof,
        update_profile::ProfileChange,
        update_role::RoleChange,
    },
    auth::email_code::EmailCode,
    domain::{
        id::{PersonalAccessTokenId, UserId, WebhookEventId},
        principal::Principal,
        profile::ProfileDraft,
        role::RoleName,
        session::Client,
    },
    store,
};
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use crate::{
    actor::{Actor, PASSWORD},
    admin::{administrator, disable, set_roles, to_roles},
    app::{Server, each},
    wire::raw::Raw,
};

/// Sends the head of `actor`'s request. The server is waiting for the body.
async fn send_head(server: &Server, actor: &Actor, body: &str) -> Raw {
    let token = actor.token.as_deref().unwrap();
    let mut raw = Raw::connect(server).await;
    let (length, more) = (body.len(), "content-type: application/json\r\nexpect: 100-continue\r\n");
    let head = format!("authorization: Bearer {token}\r\n{more}content-length: {length}\r\n");
    raw.send(format!("POST /graphql HTTP/1.1\r\nhost: x\r\n{head}\r\n")).await;
    assert_eq!(raw.reply().await.unwrap().status, 100);
    raw
}

#[on_each_database]
async fn permissions_are_checked_when_the_body_has_arrived() {
    each(async |server| {
        let ada = server.admin().await;
        let eve = administrator(server, "eve").await;
        let document = format!(
            "mutation {{ setUserRoles(input: {{ userId: \"{}\", roles: [\"admin\"] }}) {{ sessionsAffected }} }}",
            eve.id
        );
        let body = json!({ "query": document }).to_string();
        let [mut demoted, mut disabled] = [send_head(server, &eve, &body).await, send_head(server, &eve, &body).await];
        set_roles(&ada, &eve.id, &["user"]).await.ok();
        demoted.send(&body).await;
        let reply = demoted.reply().await.unwrap();
        assert!(reply.body.contains("FORBIDDEN"), "{reply:?}");
        disable(&ada, &eve.id).await.ok();
        disabled.send(&body).await;
        assert_eq!(disabled.reply().await.unwrap().status, 401);
        let document = format!("{{ user(id: \"{}\") {{ roles {{ name }} state }} }}", eve.id);
        let answer = ada.gql(&document).await.ok();
        assert_eq!(answer.at("/data/user"), &json!({ "roles": [{ "name": "user" }], "state": "DISABLED" }));
    })
    .await;
}

async fn principal(server: &Server, actor: &Actor) -> Arc<Principal> {
    server.app.accounts().identify(actor.token.as_deref().unwrap(), &Client::default()).await.unwrap()
}

fn role(name: &str) -> NewRole {
    NewRole {
        name: name.to_owned(),
        description: String::new(),
        permissions: Vec::new(),
        includes: Vec::new(),
        is_protected: false,
    }
}

/// Runs every guarded mutation as `by`, whose permissions have been revoked. Returns the name and the result of each.
async fn changes(server: &Server, by: &Principal, bob: UserId, own: &str) -> Vec<(&'static str, Result<(), Error>)> {
    let (accounts, from) = (server.app.accounts(), Client::default());
    let imported = ImportedUser {
        username: "imported".to_owned(),
        email: None,
        email_verified: false,
        password_hash: Some("$2b$04$......................LAtw7/ohmmBAhnXqmkuIz83Rl5Qdjhm".to_owned()),
        totp_secret: None,
        id: None,
        roles: None,
        created_at: None,
        disabled: false,
        profile: ProfileDraft::default(),
    };
    let (users, roles) = ([bob], ["admin".to_owned()]);
    let event = WebhookEventId::new(chrono::DateTime::UNIX_EPOCH);
    vec![
        ("setUserRoles", accounts.change_user(by, &to_roles(&roles), bob, &from).await.map(drop)),
        ("setUsersRoles", accounts.change_users(by, &to_roles(&roles), &users, &from).await.map(drop)),
        ("disableUser", accounts.change_user(by, &UserChange::Disable, bob, &from).await.map(drop)),
        ("disableUsers", accounts.change_users(by, &UserChange::Disable, &users, &from).await.map(drop)),
        ("enableUser", accounts.change_user(by, &UserChange::Enable, bob, &from).await.map(drop)),
        ("enableUsers", accounts.change_users(by, &UserChange::Enable, &users, &from).await.map(drop)),
        ("unlockUser", accounts.unlock_user(by, bob, &from).await.map(drop)),
        ("updateUser", accounts.update_user(by, bob, ProfileChange::default(), &from).await.map(drop)),
        ("deleteUser", accounts.change_user(by, &UserChange::Delete, bob, &from).await.map(drop)),
        ("deleteUsers", accounts.change_users(by, &UserChange::Delete, &users, &from).await.map(drop)),
        ("restoreUser", accounts.change_user(by, &UserChange::Restore, bob, &from).await.map(drop)),
        ("restoreUsers", accounts.change_users(by, &UserChange::Restore, &users, &from).await.map(drop)),
        ("revokeUserSessions", accounts.revoke_user_sessions(by, bob, &from).await.map(drop)),
        ("issuePasswordReset", accounts.issue_password_reset(by, bob, &from).await.map(drop)),
        ("resetSecondFactor", accounts.reset_second_factor(by, bob, &from).await.map(drop)),
        ("createUser", accounts.create_user(by, "late", None, ProfileDraft::default(), &from).await.map(drop)),
        ("importUsers", accounts.import_users(by, vec![imported], OnConflict::Reject, &from).await.map(drop)),
        ("createRole", accounts.create_role(by, role("late"), &from).await.map(drop)),
        ("updateRole", accounts.update_role(by, own, RoleChange::default(), &from).await.map(drop)),
        ("deleteRole", accounts.delete_role(by, own, &from).await.map(drop)),
        ("replayWebhookEvent", accounts.replay_webhook_event(by, event, &from).await.map(drop)),
    ]
}

/// The names of the mutations in the schema that require authentication.
fn guarded() -> Vec<&'static str> {
    let schema = include_str!("../../../schema.graphql");
    let (_, mutations) = schema.split_once("\ntype Mutation {\n").unwrap();
    let (mutations, _) = mutations.split_once("\n}\n").unwrap();
    let (mut guarded, mut name) = (Vec::new(), "");
    for line in mutations.lines() {
        let field = line.strip_prefix('\t').filter(|field| field.starts_with(|first: char| first.is_ascii_lowercase()));
        name = field.and_then(|field| field.split(['(', ':']).next()).unwrap_or(name);
        if line.contains(" @auth(") {
            guarded.push(name);
        }
    }
    guarded
}

/// A new mutation must be added to those that these tests run with revoked permissions.
#[tokio::test]
async fn every_guarded_mutation_is_tested() {
    let server = Server::with(|_| {}).await;
    let ada = principal(&server, &server.admin().await).await;
    let user = UserId::new(chrono::DateTime::UNIX_EPOCH);
    let mut tested: Vec<_> = changes(&server, &ada, user, "none").await.into_iter().map(|(name, _)| name).collect();
    tested.extend(OWN_CHANGES);
    tested.sort_unstable();
    assert!(tested.len() > 20, "{tested:?}");
    assert_eq!(guarded(), tested);
}

#[on_each_database]
async fn mutations_fail_after_the_caller_loses_permissions() {
    each(async |server| {
        let (ada, eve, bob) = (server.admin().await, administrator(server, "eve").await, server.user("bob").await);
        let accounts = server.app.accounts();
        accounts.create_role(&*principal(server, &ada).await, role("desk"), &Client::default()).await.unwrap();
        let bob = UserId::parse(&bob.id).unwrap();
        let demoted = principal(server, &eve).await;
        set_roles(&ada, &eve.id, &["user"]).await.ok();
        let before = all(&ada).await;
        for (name, outcome) in changes(server, &demoted, bob, "desk").await {
            assert!(matches!(outcome, Err(Error::RightsChanged)), "{name} by a demoted user: {outcome:?}");
        }
        set_roles(&ada, &eve.id, &["admin"]).await.ok();
        let disabled = principal(server, &eve).await;
        disable(&ada, &eve.id).await.ok();
        for (name, outcome) in changes(server, &disabled, bob, "desk").await {
            assert!(matches!(outcome, Err(Error::RightsChanged)), "{name} by a disabled user: {outcome:?}");
        }
        assert_eq!(all(&ada).await, before);
    })
    .await;
}

/// All users except eve, and all roles.
async fn all(ada: &Actor) -> String {
    let answer = ada.gql("{ users { edges { node { username state roles { name } } } } roles { name } }").await.ok();
    let mut json = answer.json;
    let edges = json.pointer_mut("/data/users/edges").unwrap().as_array_mut().unwrap();
    edges.retain(|edge| edge["node"]["username"] != "eve");
    json.to_string()
}

/// The mutations of the caller's own account.
const OWN_CHANGES: [&str; 14] = [
    "requestEmailVerification",
    "verifyEmail",
    "beginTotpEnrollment",
    "confirmTotpEnrollment",
    "createRecoveryCodes",
    "removeTotp",
    "updatePassword",
    "createPersonalAccessToken",
    "deleteAccount",
    "logoutEverywhere",
    "reauthenticate",
    "revokePersonalAccessToken",
    "revokeSession",
    "updateProfile",
];

#[on_each_database]
async fn account_mutations_fail_in_a_revoked_session() {
    each(async |server| {
        let (bob, accounts) = (server.user("bob").await, server.app.accounts());
        let (revoked, from) = (principal(server, &bob).await, Client::default());
        bob.gql("mutation { logoutEverywhere { sessionsRevoked } }").await.ok();
        let again = bob.login("bob").await;
        let renamed = ProfileChange { username: Some("bobby".to_owned()), ..ProfileChange::default() };
        let token = NewPersonalAccessToken { name: "late".to_owned(), permissions: Vec::new(), expires_at: None };
        let (old, new) = (PASSWORD.to_owned(), "another one by far".to_owned());
        let (own, token_id) =
            (principal(server, &again).await, PersonalAccessTokenId::new(chrono::DateTime::UNIX_EPOCH));
        let session = own.session().unwrap();
        let code = EmailCode::new().expose();
        let outcomes = [
            ("requestEmailVerification", accounts.request_email_verification(&revoked, &from).await.map(drop)),
            ("verifyEmail", accounts.verify_email(&revoked, &code, &from).await.map(drop)),
            ("beginTotpEnrollment", accounts.begin_totp_enrollment(&revoked).await.map(drop)),
            ("confirmTotpEnrollment", accounts.confirm_totp_enrollment(&revoked, "123456", &from).await.map(drop)),
            ("createRecoveryCodes", accounts.create_recovery_codes(&revoked, "123456", &from).await.map(drop)),
            ("removeTotp", accounts.remove_totp(&revoked, "123456", &from).await.map(drop)),
            ("updatePassword", accounts.update_password(&revoked, old.clone(), new, &from).await.map(drop)),
            (
                "createPersonalAccessToken",
                accounts.create_personal_access_token(&revoked, token, &from).await.map(drop),
            ),
            ("deleteAccount", accounts.delete_account(&revoked, old.clone(), &from).await.map(drop)),
            ("logoutEverywhere", accounts.logout_everywhere(&revoked, false, &from).await.map(drop)),
            ("reauthenticate", accounts.reauthenticate(&revoked, Proof::Password(old), &from).await.map(drop)),
            (
                "revokePersonalAccessToken",
                accounts.revoke_personal_access_token(&revoked, token_id, &from).await.map(drop),
            ),
            ("revokeSession", accounts.revoke_session(&revoked, session, &from).await.map(drop)),
            ("updateProfile", accounts.update_profile(&revoked, renamed, &from).await.map(drop)),
        ];
        assert_eq!(outcomes.each_ref().map(|outcome| outcome.0), OWN_CHANGES);
        for (name, outcome) in outcomes {
            // These mutations check permissions before the session.
            let checks_permissions = ["deleteAccount", "revokePersonalAccessToken"].contains(&name);
            match outcome {
                Err(Error::RightsChanged) if checks_permissions => {}
                Err(Error::InvalidToken) if !checks_permissions => {}
                other => panic!("{name}: {other:?}"),
            }
        }
        assert_eq!(again.gql("{ me { username } }").await.ok().at("/data/me/username"), "bob");
    })
    .await;
}

/// eve's request to regain a role is admitted, then waits for the transaction that removes the role.
#[on_each_database]
async fn waiting_mutation_checks_permissions_after_the_lock() {
    each(async |server| {
        let (_, eve) = (server.admin().await, administrator(server, "eve").await);
        let (store, user) = (&server.app.accounts().store, UserId::parse(&eve.id).unwrap());
        let (accounts, from, roles) = (server.app.accounts(), Client::default(), ["admin".to_owned()]);
        // The request is authenticated before the transaction starts.
        let admitted = principal(server, &eve).await;
        let tx = store.write().await.unwrap();
        store::administrators::lock(&tx).await.unwrap();
        store::roles::assign(&tx, user, &[RoleName::parse("user").unwrap()]).await.unwrap();
        let change = to_roles(&roles);
        let mut regain = std::pin::pin!(accounts.change_user(&admitted, &change, user, &from));
        let early = tokio::time::timeout(Duration::from_millis(100), &mut regain).await;
        assert!(early.is_err(), "the request does not wait: {:?}", early.map(|outcome| outcome.map(drop)));
        tx.commit().await.unwrap();
        let late = regain.await.map(drop);
        assert!(matches!(late, Err(Error::RightsChanged)), "{late:?}");
    })
    .await;
}
