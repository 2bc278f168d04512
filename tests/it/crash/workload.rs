//! What the clients do until the server is killed: each registers accounts and takes them through everything that is
//! acknowledged; one imports accounts; two administrators demote each other at the same moment.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{
    client::{Client, Outcome},
    people::{Batch, Knowledge, Known, Person, Tokens},
};
use crate::actor::PASSWORD;

/// The password that `updatePassword` sets.
pub const NEW_PASSWORD: &str = "another walk along the shore";
/// The administrators.
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
/// How many imports of how many accounts a cycle makes at most.
const IMPORTS: (usize, usize) = (10, 3);

/// One life of the server, from its start to the kill.
pub struct Cycle {
    pub number: usize,
    pub client: Client,
    /// The access tokens and the ids of the administrators.
    pub administrators: [(String, String); 2],
    acknowledged: AtomicUsize,
    progress: Notify,
    is_killed: AtomicBool,
}

impl Cycle {
    /// A cycle in which nothing was done yet.
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

    /// Has everyone work, and kills the server after this many acknowledgments.
    pub async fn run(&self, acknowledgments: usize, kill: impl FnOnce()) -> Knowledge {
        let killed = async {
            self.reached(acknowledgments).await;
            self.is_killed.store(true, Ordering::SeqCst);
            kill();
        };
        let people = join_all((0..CLIENTS).map(|client| self.people(client)));
        let duel = self.duel(acknowledgments / 2);
        let (people, batches, administrators, ()) = tokio::join!(people, self.imports(), duel, killed);
        Knowledge {
            prefixes: [self.name("p"), self.name("i")],
            people: people.into_iter().flatten().collect(),
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

    /// The value of an acknowledged change.
    async fn ask(&self, token: Option<&str>, document: &str, variables: Value) -> Option<Value> {
        let outcome = self.client.ask(token, document, variables).await;
        if self.is_killed() && matches!(outcome, Outcome::Refused(_)) {
            return None;
        }
        let value = outcome.done()?;
        self.acknowledge();
        Some(value)
    }

    /// Asks for a change by `ada`, who may have lost her rights meanwhile.
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

    async fn people(&self, client: usize) -> Vec<Person> {
        let mut people = Vec::new();
        while !self.is_killed() {
            let name = self.name(&format!("p{client}-{}", people.len()));
            let mut person = Person::new(name, PASSWORD, (client + people.len()) % 2 == 1);
            // Where an outcome is unknown, the rest of it is another's.
            let _ = self.live(&mut person).await;
            people.push(person);
        }
        people
    }

    async fn live(&self, person: &mut Person) -> Option<()> {
        self.register(person).await?;
        self.refresh(person).await?;
        self.create_access_token(person).await?;
        self.change_password(person).await?;
        let roles = json!({ "input": { "userId": person.id, "roles": ["user", "helper"] } });
        self.administer(&mut person.is_helper, true, SET_ROLES, roles).await?;
        self.refresh(person).await?;
        self.log_in_and_out(person).await?;
        // Half of the accounts end disabled.
        if person.is_disabled_last {
            let variables = json!({ "id": person.id });
            self.administer(&mut person.disabled, true, DISABLE, variables).await?;
        }
        Some(())
    }

    async fn register(&self, person: &mut Person) -> Option<()> {
        person.exists.change(true);
        let input = json!({ "input": { "username": person.name, "password": PASSWORD } });
        let made = self.ask(None, REGISTER, input).await?;
        person.exists.made();
        person.id = text(&made["user"]["id"]);
        person.session = Some(tokens(&made));
        Some(())
    }

    /// Exchanges the refresh token and uses what came: from then on the token before is spent.
    async fn refresh(&self, person: &mut Person) -> Option<()> {
        let before = person.session.as_ref()?.refresh.clone();
        let next = self.ask(None, REFRESH, json!({ "input": { "refreshToken": before } })).await?;
        let next = person.session.insert(tokens(&next));
        person.spent = None;
        self.ask(Some(&next.access), ME, json!({})).await?;
        person.spent = Some(before);
        Some(())
    }

    async fn create_access_token(&self, person: &mut Person) -> Option<()> {
        let token = &person.session.as_ref()?.access;
        let input = json!({ "input": { "name": "crash", "permissions": [] } });
        let made = self.ask(Some(token), CREATE_ACCESS_TOKEN, input).await?;
        person.access_tokens.push(text(&made["token"]));
        Some(())
    }

    async fn change_password(&self, person: &mut Person) -> Option<()> {
        person.password.change(NEW_PASSWORD);
        let token = &person.session.as_ref()?.access;
        let input = json!({ "input": { "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD } });
        self.ask(Some(token), CHANGE_PASSWORD, input).await?;
        person.password.made();
        Some(())
    }

    async fn log_in_and_out(&self, person: &mut Person) -> Option<()> {
        let input = json!({ "input": { "username": person.name, "password": NEW_PASSWORD } });
        let session = tokens(&self.ask(None, LOGIN, input).await?);
        self.ask(Some(&session.access), LOGOUT, json!({})).await?;
        person.ended.push(session);
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

    /// Two administrators take the rights of each other, or each their own, at the same moment.
    async fn duel(&self, acknowledgments: usize) -> [Known<bool>; 2] {
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
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

pub fn tokens(value: &Value) -> Tokens {
    Tokens { access: text(&value["accessToken"]), refresh: text(&value["refreshToken"]) }
}
