//! Who walks: nobody, an owner, somebody else, and a holder of each role. Besides the built-in roles there is one for each
//! permission alone, since only a caller who may do one thing of two comes to the rules that lie deep, and two as people make
//! them.

use std::cell::Cell;

use chrono::DateTime;
use fieldguard::{
    app::commands::Program,
    domain::{
        id::AccessTokenId,
        permission::Permission,
        principal::Principal,
        role::{ADMIN, USER},
    },
    guard::caller::Caller,
};
use serde_json::json;
use tokio::sync::OnceCell;

use crate::{
    access_tokens,
    actor::{Actor, PASSWORD},
    app::Server,
};

/// The part somebody plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Anonymous,
    /// A user to whom what the samples name belongs.
    Owner,
    /// A user to whom it does not belong.
    Other,
    /// A holder of this role and no other, to whom it does not belong.
    Holder(String),
    /// An administrator who comes by a personal access token with every permission.
    Script,
}

/// Somebody who plays a part, and what the samples name.
pub struct Player {
    pub actor: Actor,
    /// What the rules are asked about.
    pub principal: Option<Principal>,
    /// Nobody has none.
    name: Option<String>,
    /// Id and name of an account, made when a document first speaks of it.
    target: OnceCell<(String, String)>,
}

/// All players, on one server.
pub struct Cast<'a> {
    server: &'a Server,
    admin: Actor,
    columns: Vec<(String, Caller)>,
    role: String,
    made: Cell<usize>,
}

impl<'a> Cast<'a> {
    pub async fn new(server: &'a Server) -> Self {
        let (admin, accounts) = (server.admin().await, server.app.accounts());
        add_roles(server, &admin).await;
        let columns = Program::builtin().columns(&accounts.roles().await.unwrap());
        admin.gql("mutation { updateProfile(input: { email: \"ada@example.org\" }) { user { id } } }").await.ok();
        let roles = admin.gql("{ roles { id } }").await.ok();
        let role = roles.at("/data/roles/0/id").as_str().unwrap().to_owned();
        let cast = Self { server, admin, columns, role, made: Cell::new(0) };
        // So that the audit trail tells of every kind of change.
        let (somebody, _) = cast.account().await;
        let script = cast.admin.bearing(&access_tokens::create(&cast.admin, &["users:write"]).await.token);
        let document = "mutation ($id: ID!) { disableUser(input: { userId: $id }) { user { id } } }";
        script.gql_with(document, json!({ "id": somebody.id })).await.ok();
        cast.new_role().await;
        cast
    }

    /// Every part there is.
    pub fn parts(&self) -> Vec<Part> {
        let holders = self.columns.iter().skip(1).map(|(role, _)| Part::Holder(role.clone()));
        [Part::Anonymous, Part::Owner, Part::Other, Part::Script].into_iter().chain(holders).collect()
    }

    /// Somebody new for the part, whose target is new too.
    pub async fn player(&self, part: &Part) -> Player {
        let role = match part {
            Part::Anonymous => "anonymous",
            Part::Owner | Part::Other => USER,
            Part::Script => ADMIN,
            Part::Holder(role) => role,
        };
        let principal = self.columns.iter().find(|it| it.0 == role).unwrap().1.principal::<Principal>().cloned();
        if *part == Part::Anonymous {
            return Player { actor: self.server.anonymous(), principal, name: None, target: OnceCell::new() };
        }
        let (mut actor, name) = self.account().await;
        if *part == Part::Owner {
            let target = OnceCell::new_with(Some((actor.id.clone(), name.clone())));
            return Player { actor, principal, name: Some(name), target };
        }
        if let Part::Holder(_) | Part::Script = part {
            let document = "mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { user { id } } }";
            let input = json!({ "userId": actor.id, "roles": [role] });
            self.admin.gql_with(document, json!({ "input": input })).await.ok();
        }
        if *part == Part::Script {
            let everything: Vec<_> = self.server.app.accounts().catalogue.iter().map(Permission::name).collect();
            actor = actor.bearing(&access_tokens::create(&actor, &everything).await.token);
            let given = everything.into_iter().map(str::to_owned);
            let by_token = |it: Principal| it.by_token(AccessTokenId::new(DateTime::UNIX_EPOCH), given);
            return Player { actor, principal: principal.map(by_token), name: Some(name), target: OnceCell::new() };
        }
        Player { actor, principal, name: Some(name), target: OnceCell::new() }
    }

    /// Leaves something on each page the player has: a token, and that somebody read what is personal.
    pub async fn furnish(&self, player: &Player) {
        let Some(name) = &player.name else { return };
        self.access_token_of(name).await;
        let document = "query ($id: ID!) { user(id: $id) { email } }";
        self.admin.gql_with(document, json!({ "id": player.actor.id })).await.ok();
    }

    /// The document with its placeholders filled in.
    pub async fn fill(&self, document: &str, player: &Player) -> String {
        let mut filled =
            document.replace("{me}", &player.actor.id).replace("{role}", &self.role).replace("{password}", PASSWORD);
        if ["{target}", "{target_name}"].iter().any(|it| filled.contains(it)) {
            let (target, name) = self.target_of(player).await;
            filled = filled.replace("{target}", target).replace("{target_name}", name);
        }
        if ["{session}", "{refresh_token}", "{event}"].iter().any(|it| filled.contains(it)) {
            let [session, refresh_token, event] = self.session_of(self.name_of(player).await).await;
            filled = filled.replace("{session}", &session).replace("{refresh_token}", &refresh_token);
            filled = filled.replace("{event}", &event);
        }
        if filled.contains("{access_token}") {
            filled = filled.replace("{access_token}", &self.access_token_of(self.name_of(player).await).await);
        }
        if filled.contains("{reset_code}") {
            filled = filled.replace("{reset_code}", &self.reset_code().await);
        }
        if filled.contains("{audit_event}") {
            filled = filled.replace("{audit_event}", &self.audit_event().await);
        }
        if filled.contains("{new_role}") {
            filled = filled.replace("{new_role}", &self.new_role().await);
        }
        if filled.contains("{new}") { filled.replace("{new}", &self.name()) } else { filled }
    }

    /// The account on which the player acts: its id and its name.
    async fn target_of<'p>(&self, player: &'p Player) -> &'p (String, String) {
        let make = async || {
            let (account, name) = self.account().await;
            (account.id, name)
        };
        player.target.get_or_init(make).await
    }

    /// The name of the player's account, or of the target's where there is no player.
    async fn name_of<'p>(&self, player: &'p Player) -> &'p str {
        match &player.name {
            Some(name) => name,
            None => &self.target_of(player).await.1,
        }
    }

    /// A code that resets the password of an account of its own, since it ends the sessions of whomever it is for.
    async fn reset_code(&self) -> String {
        let (target, _) = self.account().await;
        let document = "mutation ($id: ID!) { issuePasswordReset(input: { userId: $id }) { code } }";
        let answer = self.admin.gql_with(document, json!({ "id": target.id })).await.ok();
        answer.at("/data/issuePasswordReset/code").as_str().unwrap().to_owned()
    }

    /// A row of the audit trail in which somebody did something on somebody.
    async fn audit_event(&self) -> String {
        let (target, _) = self.account().await;
        let document = "mutation ($id: ID!) { setUserRoles(input: { userId: $id, roles: [] }) { user { id } } }";
        self.admin.gql_with(document, json!({ "id": target.id })).await.ok();
        let document = "{ auditEvents(first: 1, filter: { action: USER_ROLES_SET }) { edges { node { id } } } }";
        let answer = self.admin.gql(document).await.ok();
        answer.at("/data/auditEvents/edges/0/node/id").as_str().unwrap().to_owned()
    }

    /// A role of its own for whoever changes or deletes one.
    async fn new_role(&self) -> String {
        let document = "mutation ($name: String!) { createRole(input: { name: $name }) { role { name } } }";
        let answer = self.admin.gql_with(document, json!({ "name": self.name() })).await.ok();
        answer.at("/data/createRole/role/name").as_str().unwrap().to_owned()
    }

    /// A new session of the account of that name: its id, its refresh token, and the security event that it is.
    async fn session_of(&self, name: &str) -> [String; 3] {
        let document = "mutation ($input: LoginInput!) { login(input: $input) { refreshToken session { id } \
                        user { securityEvents(first: 1) { edges { node { id } } } } } }";
        let input = json!({ "input": { "username": name, "password": PASSWORD } });
        let answer = self.server.anonymous().gql_with(document, input).await.ok();
        ["session/id", "refreshToken", "user/securityEvents/edges/0/node/id"]
            .map(|path| answer.at(&format!("/data/login/{path}")).as_str().unwrap().to_owned())
    }

    /// The id of a new personal access token of the account of that name, which has been used.
    async fn access_token_of(&self, name: &str) -> String {
        let made = access_tokens::create(&self.server.anonymous().login(name).await, &[]).await;
        self.server.anonymous().bearing(&made.token).gql("{ me { id } }").await.ok();
        made.id
    }

    /// A name nobody has.
    fn name(&self) -> String {
        self.made.set(self.made.get() + 1);
        format!("walker{}", self.made.get())
    }

    /// A new account, with a value in every field, and its name.
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

/// Adds a role for each permission, a support desk's, and one that holds only what another gives it.
async fn add_roles(server: &Server, admin: &Actor) {
    let catalogue = &server.app.accounts().catalogue;
    let mut roles: Vec<_> = catalogue.iter().map(|it| (it.name().replace(':', "-"), vec![it.name()], vec![])).collect();
    roles.push(("support".to_owned(), vec!["users:read", "users:write", "sessions:revoke"], vec![]));
    roles.push(("lead".to_owned(), vec!["roles:read"], vec!["support"]));
    for (name, permissions, includes) in roles {
        let document = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
        let input = json!({ "name": name, "permissions": permissions, "includes": includes });
        admin.gql_with(document, json!({ "input": input })).await.ok();
    }
}
