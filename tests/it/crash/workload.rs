//! The requests of the clients until the server is killed. Each client registers users and changes them in every way
//! that is acknowledged. One client imports users. Two administrators demote each other at the same moment.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{
    client::{Client, Outcome},
    knowledge::{Batch, Knowledge, Known, Tokens, User},
};
use crate::actor::PASSWORD;

/// The password that `updatePassword` sets.
pub const NEW_PASSWORD: &str = "another walk along the shore";
pub const ADMINISTRATORS: [&str; 2] = ["ada", "bea"];

pub const LOGIN: &str =
    "mutation ($input: LoginInput!) { it: login(input: $input) { accessToken refreshToken user { id } } }";
pub const REFRESH: &str =
    "mutation ($input: RefreshInput!) { it: refresh(input: $input) { accessToken refreshToken } }";
pub const ME: &str = "{ it: me { username roles { name } } }";
pub const SET_ROLES: &str = "mutation ($input: SetUserRolesInput!) { it: setUserRoles(input: $input) { user { id } } }";
const REGISTER: &str =
    "mutation ($input: RegisterInput!) { it: register(input: $input) { accessToken refreshToken user { id } } }";
const CREATE_ACCESS_TOKEN: &str =
    "mutation ($input: CreatePersonalAccessTokenInput!) { it: createPersonalAccessToken(input: $input) { token } }";
const CHANGE_PASSWORD: &str =
    "mutation ($input: UpdatePasswordInput!) { it: updatePassword(input: $input) { sessionsRevoked } }";
const DISABLE: &str = "mutation ($id: ID!) { it: disableUser(input: { userId: $id }) { user { id } } }";
const LOGOUT: &str = "mutation { it: logout { sessionsRevoked } }";
const IMPORT: &str = "mutation ($input: ImportUsersInput!) { it: importUsers(input: $input) { users { id } } }";
const HASH: &str = "$2b$04$......................LAtw7/ohmmBAhnXqmkuIz83Rl5Qdjhm";

const CLIENTS: usize = 4;
/// The maximum number of imports of a cycle, and the number of users in each.
const IMPORTS: (usize, usize) = (10, 3);

/// One run of the server, from its start to the kill.
pub struct Cycle {
    pub number: usize,
    pub client: Client,
    /// The administrators' access tokens and ids.
    pub administrators: [(String, String); 2],
    acknowledged: AtomicUsize,
    progress: Notify,
    is_killed: AtomicBool,
}

impl Cycle {
    pub fn new(number: usize, client: Client, administrators: [(String, String); 2]) -> Self {
        Self {
            number,
            client,
            administrators,
            acknowledged: AtomicUsize::new(0),
            progress: Notify::new(),
            is_killed: AtomicBool::new(false),
        }
    }

    /// Runs the clients, and kills the server after this number of acknowledgments.
    pub async fn run(&self, acknowledgments: usize, kill: impl FnOnce()) -> Knowledge {
        let killed = async {
            self.reached(acknowledgments).await;
            self.is_killed.store(true, Ordering::SeqCst);
            kill();
        };
        let users = join_all((0..CLIENTS).map(|client| self.create_users(client)));
        let demotions = self.demote_concurrently(acknowledgments / 2);
        let (users, batches, administrators, ()) = tokio::join!(users, self.imports(), demotions, killed);
        Knowledge {
            prefixes: [self.name("p"), self.name("i")],
            users: users.into_iter().flatten().collect(),
            batches,
            administrators,
        }
    }

    fn name(&self, rest: &str) -> String {
        format!("c{}-{rest}", self.number)
    }

    fn is_killed(&self) -> bool {
        self.is_killed.load(Ordering::SeqCst)
    }

    fn acknowledge(&self) {
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
        self.progress.notify_waiters();
    }

    async fn reached(&self, acknowledgments: usize) {
        loop {
            let progress = self.progress.notified();
            if self.acknowledged.load(Ordering::SeqCst) >= acknowledgments {
                return;
            }
            progress.await;
        }
    }

    /// The value of an acknowledged change, or `None` if the outcome is unknown.
    async fn ask(&self, token: Option<&str>, document: &str, variables: Value) -> Option<Value> {
        let outcome = self.client.ask(token, document, variables).await;
        if self.is_killed() && matches!(outcome, Outcome::Refused(_)) {
            return None;
        }
        let value = outcome.done()?;
        self.acknowledge();
        Some(value)
    }

    /// Requests a change as `ada`, who may have lost the admin role.
    async fn administer<T: Copy + PartialEq>(
        &self,
        known: &mut Known<T>,
        to: T,
        document: &str,
        variables: Value,
    ) -> Option<()> {
        known.change(to);
        match self.client.ask(Some(&self.administrators[0].0), document, variables).await {
            Outcome::Done(_) => known.made(),
            Outcome::Refused(_) => known.refused(),
            Outcome::Unknown => return None,
        }
        self.acknowledge();
        Some(())
    }

    async fn create_users(&self, client: usize) -> Vec<User> {
        let mut users = Vec::new();
        while !self.is_killed() {
            let name = self.name(&format!("p{client}-{}", users.len()));
            let mut user = User::new(name, PASSWORD, (client + users.len()) % 2 == 1);
            // After an unknown outcome, the client continues with another user.
            let _ = self.run_user(&mut user).await;
            users.push(user);
        }
        users
    }

    async fn run_user(&self, user: &mut User) -> Option<()> {
        self.register(user).await?;
        self.refresh(user).await?;
        self.create_access_token(user).await?;
        self.change_password(user).await?;
        let roles = json!({ "input": { "userId": user.id, "roles": ["user", "helper"] } });
        self.administer(&mut user.is_helper, true, SET_ROLES, roles).await?;
        self.refresh(user).await?;
        self.log_in_and_out(user).await?;
        // Half of the users end up disabled.
        if user.is_disabled_last {
            let variables = json!({ "id": user.id });
            self.administer(&mut user.disabled, true, DISABLE, variables).await?;
        }
        Some(())
    }

    async fn register(&self, user: &mut User) -> Option<()> {
        user.exists.change(true);
        let input = json!({ "input": { "username": user.name, "password": PASSWORD } });
        let made = self.ask(None, REGISTER, input).await?;
        user.exists.made();
        user.id = text(&made["user"]["id"]);
        user.session = Some(tokens(&made));
        Some(())
    }

    /// Exchanges the refresh token and uses the new access token, which spends the old refresh token.
    async fn refresh(&self, user: &mut User) -> Option<()> {
        let before = user.session.as_ref()?.refresh.clone();
        let next = self.ask(None, REFRESH, json!({ "input": { "refreshToken": before } })).await?;
        let next = user.session.insert(tokens(&next));
        user.spent = None;
        self.ask(Some(&next.access), ME, json!({})).await?;
        user.spent = Some(before);
        Some(())
    }

    async fn create_access_token(&self, user: &mut User) -> Option<()> {
        let token = &user.session.as_ref()?.access;
        let input = json!({ "input": { "name": "crash", "permissions": [] } });
        let made = self.ask(Some(token), CREATE_ACCESS_TOKEN, input).await?;
        user.access_tokens.push(text(&made["token"]));
        Some(())
    }

    async fn change_password(&self, user: &mut User) -> Option<()> {
        user.password.change(NEW_PASSWORD);
        let token = &user.session.as_ref()?.access;
        let input = json!({ "input": { "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD } });
        self.ask(Some(token), CHANGE_PASSWORD, input).await?;
        user.password.made();
        Some(())
    }

    async fn log_in_and_out(&self, user: &mut User) -> Option<()> {
        let input = json!({ "input": { "username": user.name, "password": NEW_PASSWORD } });
        let session = tokens(&self.ask(None, LOGIN, input).await?);
        self.ask(Some(&session.access), LOGOUT, json!({})).await?;
        user.revoked.push(session);
        Some(())
    }

    async fn imports(&self) -> Vec<Batch> {
        let (imports, size) = IMPORTS;
        let mut batches = Vec::new();
        while batches.len() < imports && !self.is_killed() {
            let names = (0..size).map(|n| self.name(&format!("i{}-{n}", batches.len()))).collect::<Vec<_>>();
            let users: Vec<_> = names.iter().map(|name| json!({ "username": name, "passwordHash": HASH })).collect();
            let mut imported = Known::Is(false);
            let _ = self.administer(&mut imported, true, IMPORT, json!({ "input": { "users": users } })).await;
            batches.push(Batch { names, imported });
        }
        batches
    }

    /// Two administrators demote each other, or each themselves, at the same moment.
    async fn demote_concurrently(&self, acknowledgments: usize) -> [Known<bool>; 2] {
        self.reached(acknowledgments).await;
        let targets = if self.number.is_multiple_of(2) { [1, 0] } else { [0, 1] };
        let [one, two] = [0, 1].map(|by| self.demote(by, targets[by]));
        let (one, two) = tokio::join!(one, two);
        let mut administrators = [Known::Is(true); 2];
        administrators[targets[0]] = one;
        administrators[targets[1]] = two;
        administrators
    }

    async fn demote(&self, by: usize, target: usize) -> Known<bool> {
        let input = json!({ "input": { "userId": self.administrators[target].1, "roles": ["user"] } });
        match self.client.ask(Some(&self.administrators[by].0), SET_ROLES, input).await {
            Outcome::Done(_) => Known::Is(false),
            Outcome::Refused(_) => Known::Is(true),
            Outcome::Unknown => Known::Either(true, false),
        }
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}

pub fn tokens(value: &Value) -> Tokens {
    Tokens { access: text(&value["accessToken"]), refresh: text(&value["refreshToken"]) }
}
