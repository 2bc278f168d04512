//! The personas of the walk: an anonymous caller, an account owner, another user, and a user with each role. Besides
//! the built-in roles there is one role for each permission, because some rules are reached only by a caller with one
//! of two permissions, and two typical combinations.

use std::cell::Cell;

use chrono::{DateTime, TimeDelta};
use fieldguard::{
    app::commands::Program,
    auth::email_code::EmailCode,
    domain::{
        audit::{self, Action, Entry},
        id::{PersonalAccessTokenId, UserId},
        permission::Permission,
        principal::Principal,
        role::{ADMIN, USER},
        session::Client,
        webhook_event::{DeliveryFailure, EventTypes, Outcome},
    },
    guard::caller::Caller,
    store::{
        email_codes::{self, Purpose},
        webhook_events,
    },
};
use serde_json::json;
use tokio::sync::OnceCell;

use crate::{
    actor::{Actor, PASSWORD},
    admin::set_roles,
    app::Server,
    personal_access_tokens, second_factors,
};

/// The kind of persona.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonaKind {
    Anonymous,
    /// A user who owns the objects that the samples refer to.
    Owner,
    /// A user who does not own them.
    Other,
    /// A user whose only role is this one, and who does not own them.
    Holder(String),
    /// An administrator who uses a personal access token with every permission.
    Script,
}

/// A persona, and the objects that the samples refer to.
pub struct Persona {
    pub actor: Actor,
    /// The principal that the rules are evaluated with.
    pub principal: Option<Principal>,
    /// The username. An anonymous persona has none.
    name: Option<String>,
    /// The id and username of the target user, created when a document first refers to it.
    target: OnceCell<(String, String)>,
}

/// A user with an authenticator app.
struct EnrolledUser {
    id: String,
    name: String,
    recovery_code: String,
}

/// Creates personas on one server.
pub struct Personas<'a> {
    server: &'a Server,
    admin: Actor,
    columns: Vec<(String, Caller)>,
    role: String,
    created: Cell<usize>,
}

impl<'a> Personas<'a> {
    pub async fn new(server: &'a Server) -> Self {
        let (admin, accounts) = (server.admin().await, server.app.accounts());
        add_roles(server, &admin).await;
        add_webhook_events(server, &admin).await;
        let columns = Program::builtin().columns(&accounts.roles().await.unwrap());
        admin.gql("mutation { updateProfile(input: { email: \"ada@example.org\" }) { user { id } } }").await.ok();
        let roles = admin.gql("{ roles { id } }").await.ok();
        let role = roles.at("/data/roles/0/id").as_str().unwrap().to_owned();
        let personas = Self { server, admin, columns, role, created: Cell::new(0) };
        // Writes an audit event of every kind of action.
        let (target, _) = personas.account().await;
        let script =
            personas.admin.bearing(&personal_access_tokens::create(&personas.admin, &["users:write"]).await.token);
        let document = "mutation ($id: ID!) { disableUser(input: { userId: $id }) { user { id } } }";
        script.gql_with(document, json!({ "id": target.id })).await.ok();
        personas.new_role().await;
        personas
    }

    /// Every kind of persona.
    pub fn kinds(&self) -> Vec<PersonaKind> {
        let holders = self.columns.iter().skip(1).map(|(role, _)| PersonaKind::Holder(role.clone()));
        [PersonaKind::Anonymous, PersonaKind::Owner, PersonaKind::Other, PersonaKind::Script]
            .into_iter()
            .chain(holders)
            .collect()
    }

    /// Creates a new persona of the kind, with a new target user.
    pub async fn create(&self, kind: &PersonaKind) -> Persona {
        let role = match kind {
            PersonaKind::Anonymous => "anonymous",
            PersonaKind::Owner | PersonaKind::Other => USER,
            PersonaKind::Script => ADMIN,
            PersonaKind::Holder(role) => role,
        };
        let principal =
            self.columns.iter().find(|column| column.0 == role).unwrap().1.principal::<Principal>().cloned();
        if *kind == PersonaKind::Anonymous {
            return Persona { actor: self.server.anonymous(), principal, name: None, target: OnceCell::new() };
        }
        let (mut actor, name) = self.account().await;
        if *kind == PersonaKind::Owner {
            let target = OnceCell::new_with(Some((actor.id.clone(), name.clone())));
            return Persona { actor, principal, name: Some(name), target };
        }
        if let PersonaKind::Holder(_) | PersonaKind::Script = kind {
            let document = "mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { user { id } } }";
            let input = json!({ "userId": actor.id, "roles": [role] });
            self.admin.gql_with(document, json!({ "input": input })).await.ok();
        }
        if *kind == PersonaKind::Script {
            let everything: Vec<_> = self.server.app.accounts().catalogue.iter().map(Permission::name).collect();
            actor = actor.bearing(&personal_access_tokens::create(&actor, &everything).await.token);
            let granted = everything.into_iter().map(str::to_owned);
            let by_token =
                |principal: Principal| principal.by_token(PersonalAccessTokenId::new(DateTime::UNIX_EPOCH), granted);
            return Persona { actor, principal: principal.map(by_token), name: Some(name), target: OnceCell::new() };
        }
        Persona { actor, principal, name: Some(name), target: OnceCell::new() }
    }

    /// Puts an item on each page of the persona: a personal access token, and an access to their personal data.
    pub async fn add_items(&self, persona: &Persona) {
        let Some(name) = &persona.name else { return };
        self.access_token_of(name).await;
        let document = "query ($id: ID!) { user(id: $id) { email } }";
        self.admin.gql_with(document, json!({ "id": persona.actor.id })).await.ok();
    }

    /// The document with its placeholders filled in.
    pub async fn fill(&self, document: &str, persona: &Persona) -> String {
        let mut filled =
            document.replace("{me}", &persona.actor.id).replace("{role}", &self.role).replace("{password}", PASSWORD);
        if ["{target}", "{target_name}"].iter().any(|placeholder| filled.contains(placeholder)) {
            let (target, name) = self.target_of(persona).await;
            filled = filled.replace("{target}", target).replace("{target_name}", name);
        }
        if ["{session}", "{refresh_token}", "{event}"].iter().any(|placeholder| filled.contains(placeholder)) {
            let [session, refresh_token, event] = self.session_of(self.name_of(persona).await).await;
            filled = filled.replace("{session}", &session).replace("{refresh_token}", &refresh_token);
            filled = filled.replace("{event}", &event);
        }
        if filled.contains("{access_token}") {
            filled = filled.replace("{access_token}", &self.access_token_of(self.name_of(persona).await).await);
        }
        if filled.contains("{reset_code}") {
            filled = filled.replace("{reset_code}", &self.reset_code().await);
        }
        if filled.contains("{email_code}") {
            filled = filled.replace("{email_code}", &self.email_code(&persona.actor.id, Purpose::Verify).await);
        }
        if filled.contains("{undo_code}") {
            let (target, _) = self.account().await;
            filled = filled.replace("{undo_code}", &self.email_code(&target.id, Purpose::Undo).await);
        }
        if filled.contains("{audit_event}") {
            filled = filled.replace("{audit_event}", &self.audit_event().await);
        }
        if filled.contains("{webhook_event}") {
            filled = filled.replace("{webhook_event}", &self.webhook_event().await);
        }
        if filled.contains("{confirming_code}") {
            filled = filled.replace("{confirming_code}", &self.confirming_code(persona).await);
        }
        if filled.contains("{own_recovery_code}") {
            filled = filled.replace("{own_recovery_code}", &self.own_recovery_code(persona).await);
        }
        if filled.contains("{challenge}") {
            let enrolled = self.enrolled().await;
            let challenge = second_factors::challenge(self.server, &enrolled.name).await;
            filled = filled.replace("{challenge}", &challenge).replace("{recovery_code}", &enrolled.recovery_code);
        }
        if filled.contains("{enrolling_challenge}") {
            let (challenge, code) = self.enrolling().await;
            filled = filled.replace("{enrolling_challenge}", &challenge).replace("{enrolling_code}", &code);
        }
        if filled.contains("{factored}") || filled.contains("{factored_name}") {
            let enrolled = self.enrolled().await;
            filled = filled.replace("{factored}", &enrolled.id).replace("{factored_name}", &enrolled.name);
        }
        if filled.contains("{new_role}") {
            filled = filled.replace("{new_role}", &self.new_role().await);
        }
        if filled.contains("{new}") { filled.replace("{new}", &self.name()) } else { filled }
    }

    /// The id and username of the user that the persona acts on.
    async fn target_of<'p>(&self, persona: &'p Persona) -> &'p (String, String) {
        let create = async || {
            let (account, name) = self.account().await;
            (account.id, name)
        };
        persona.target.get_or_init(create).await
    }

    /// The username of the persona, or of the target of an anonymous persona.
    async fn name_of<'p>(&self, persona: &'p Persona) -> &'p str {
        match &persona.name {
            Some(name) => name,
            None => &self.target_of(persona).await.1,
        }
    }

    /// A password reset code for a user of its own, because a reset revokes the user's sessions.
    async fn reset_code(&self) -> String {
        let (target, _) = self.account().await;
        let document = "mutation ($id: ID!) { issuePasswordReset(input: { userId: $id }) { code } }";
        let answer = self.admin.gql_with(document, json!({ "id": target.id })).await.ok();
        answer.at("/data/issuePasswordReset/code").as_str().unwrap().to_owned()
    }

    /// A code for the user's address. An anonymous persona has neither.
    async fn email_code(&self, user: &str, purpose: Purpose) -> String {
        let Some(user) = UserId::parse(user) else { return "none".to_owned() };
        let (code, accounts) = (EmailCode::new(), self.server.app.accounts());
        let now = accounts.clock.now();
        let email = accounts.user(user).await.unwrap().unwrap().email.unwrap();
        let tx = accounts.store.write().await.unwrap();
        let expires_at = now + TimeDelta::hours(1);
        email_codes::put(&tx, user, purpose, (&code.hash(), &email), expires_at, now).await.unwrap();
        tx.commit().await.unwrap();
        code.expose()
    }

    /// The id of an audit event with an actor and a target.
    async fn audit_event(&self) -> String {
        let (target, _) = self.account().await;
        let document = "mutation ($id: ID!) { setUserRoles(input: { userId: $id, roles: [] }) { user { id } } }";
        self.admin.gql_with(document, json!({ "id": target.id })).await.ok();
        let document = "{ auditEvents(first: 1, filter: { action: USER_ROLES_SET }) { edges { node { id } } } }";
        let answer = self.admin.gql(document).await.ok();
        answer.at("/data/auditEvents/edges/0/node/id").as_str().unwrap().to_owned()
    }

    /// The id of the newest webhook event, which is pending.
    async fn webhook_event(&self) -> String {
        let answer = self.admin.gql("{ admin { webhookEvents(first: 1) { nodes { id } } } }").await.ok();
        answer.at("/data/admin/webhookEvents/nodes/0/id").as_str().unwrap().to_owned()
    }

    /// Creates a role to update or delete.
    async fn new_role(&self) -> String {
        let document = "mutation ($name: String!) { createRole(input: { name: $name }) { role { name } } }";
        let answer = self.admin.gql_with(document, json!({ "name": self.name() })).await.ok();
        answer.at("/data/createRole/role/name").as_str().unwrap().to_owned()
    }

    /// Creates a session of the user with the name. Returns its id, its refresh token, and the id of its security
    /// event.
    async fn session_of(&self, name: &str) -> [String; 3] {
        let document = "mutation ($input: LoginInput!) { login(input: $input) { refreshToken session { id } \
                        user { securityEvents(first: 1) { edges { node { id } } } } } }";
        let input = json!({ "input": { "username": name, "password": PASSWORD } });
        let answer = self.server.anonymous().gql_with(document, input).await.ok();
        ["session/id", "refreshToken", "user/securityEvents/edges/0/node/id"]
            .map(|path| answer.at(&format!("/data/login/{path}")).as_str().unwrap().to_owned())
    }

    /// A code that confirms a new secret of the persona. A persona that can't enroll gets another code.
    async fn confirming_code(&self, persona: &Persona) -> String {
        let begun = second_factors::begin(&persona.actor).await;
        match begun.at("/data/beginTotpEnrollment/secret").as_str() {
            Some(secret) => second_factors::code(self.server, secret),
            None => "123456".to_owned(),
        }
    }

    /// A recovery code of the persona, who enrolls. A persona that can't enroll gets another code.
    async fn own_recovery_code(&self, persona: &Persona) -> String {
        let code = self.confirming_code(persona).await;
        let confirmed = second_factors::confirm(&persona.actor, &code).await;
        let first = confirmed.at("/data/confirmTotpEnrollment/recoveryCodes/0").as_str();
        first.unwrap_or("123456").to_owned()
    }

    /// A new user with an authenticator app.
    async fn enrolled(&self) -> EnrolledUser {
        let (actor, name) = self.account().await;
        let secret = second_factors::begin(&actor).await.ok().at("/data/beginTotpEnrollment/secret").clone();
        let code = second_factors::code(self.server, secret.as_str().unwrap());
        let confirmed = second_factors::confirm(&actor, &code).await.ok();
        let recovery_code = confirmed.at("/data/confirmTotpEnrollment/recoveryCodes/0").as_str().unwrap().to_owned();
        EnrolledUser { id: actor.id, name, recovery_code }
    }

    /// The challenge of a new user who must enroll, and a code of their new secret.
    async fn enrolling(&self) -> (String, String) {
        let (actor, name) = self.account().await;
        let document = "mutation { createRole(input: { name: \"enrolling\" }) { role { id } } }";
        // The role exists after the first time.
        self.admin.gql(document).await;
        set_roles(&self.admin, &actor.id, &["enrolling"]).await.ok();
        let challenge = second_factors::challenge(self.server, &name).await;
        let document = "mutation ($challenge: String!) \
                        { beginTotpEnrollmentAtSignIn(input: { challenge: $challenge }) { secret } }";
        let begun = self.server.anonymous().gql_with(document, json!({ "challenge": challenge })).await.ok();
        let secret = begun.at("/data/beginTotpEnrollmentAtSignIn/secret").as_str().unwrap();
        (challenge, second_factors::code(self.server, secret))
    }

    /// Creates a personal access token for the user with the name, and uses it. Returns its id.
    async fn access_token_of(&self, name: &str) -> String {
        let created = personal_access_tokens::create(&self.server.anonymous().login(name).await, &[]).await;
        self.server.anonymous().bearing(&created.token).gql("{ me { id } }").await.ok();
        created.id
    }

    /// An unused name.
    fn name(&self) -> String {
        self.created.set(self.created.get() + 1);
        format!("walker{}", self.created.get())
    }

    /// Creates a user with a value in every field. Returns the user and the username.
    async fn account(&self) -> (Actor, String) {
        let name = self.name();
        let document = "mutation ($input: RegisterInput!) { register(input: $input) { accessToken user { id } } }";
        let input = json!({ "username": name, "email": format!("{name}@example.org"), "password": PASSWORD });
        let answer = self.server.anonymous().gql_with(document, json!({ "input": input })).await.ok();
        let text = |pointer| answer.at(pointer).as_str().map(str::to_owned).unwrap();
        let mut actor = self.server.anonymous().bearing(&text("/data/register/accessToken"));
        actor.id = text("/data/register/user/id");
        (actor, name)
    }
}

/// Records three webhook events: one that was delivered, one that failed, and one that waits.
async fn add_webhook_events(server: &Server, admin: &Actor) {
    let accounts = server.app.accounts();
    let (store, now) = (accounts.store.clone().recording(EventTypes::all()), accounts.clock.now());
    let user = UserId::parse(&admin.id).unwrap();
    for outcome in [
        Some(Outcome::Answered { status: 204, retry_after: None }),
        Some(Outcome::Failed(DeliveryFailure::Timeout)),
        None,
    ] {
        let tx = store.write().await.unwrap();
        tx.note(Entry::new(Action::UserUpdated, audit::Actor::Operator, &Client::default(), now).on(user));
        tx.commit().await.unwrap();
        let Some(outcome) = outcome else { continue };
        let tx = store.write().await.unwrap();
        let [claimed] = webhook_events::claim(&tx, now, now, 1).await.unwrap().try_into().unwrap();
        if outcome.is_success() {
            webhook_events::deliver(&tx, &claimed, outcome, now).await.unwrap();
        } else {
            webhook_events::retry(&tx, &claimed, outcome, now + TimeDelta::days(1)).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

/// Creates a role for each permission, a support role, and a role that has permissions only through inclusion.
async fn add_roles(server: &Server, admin: &Actor) {
    let catalogue = &server.app.accounts().catalogue;
    let mut roles: Vec<_> = catalogue
        .iter()
        .map(|permission| (permission.name().replace(':', "-"), vec![permission.name()], vec![]))
        .collect();
    roles.push(("support".to_owned(), vec!["users:read", "users:write", "sessions:revoke"], vec![]));
    roles.push(("lead".to_owned(), vec!["roles:read"], vec!["support"]));
    for (name, permissions, includes) in roles {
        let document = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
        let input = json!({ "name": name, "permissions": permissions, "includes": includes });
        admin.gql_with(document, json!({ "input": input })).await.ok();
    }
}
