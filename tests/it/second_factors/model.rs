//! A model of sign-in: random sequences of mutations never give a session without the factors that the account has or
//! that its roles require.

use chrono::TimeDelta;
use fieldguard::domain::session::Client;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{STEP_FIELDS, attacks::administrator, code, next_step, sign_in::for_administrators};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{Server, each_with},
};

const ROUNDS: usize = 400;

/// A generator of pseudorandom numbers (xorshift), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, from: &'a [String]) -> &'a str {
        if from.is_empty() { "" } else { &from[self.below(from.len())] }
    }
}

/// What a client has got so far, whatever it is good for.
#[derive(Default)]
struct Loot {
    challenges: Vec<String>,
    secrets: Vec<String>,
    recovery_codes: Vec<String>,
    refresh_tokens: Vec<String>,
    access_tokens: Vec<String>,
    reset_codes: Vec<String>,
}

impl Loot {
    /// Keeps everything in the answer that could be used again.
    fn keep(&mut self, value: &Value) {
        let Some(object) = value.as_object() else {
            value.as_array().into_iter().flatten().for_each(|item| self.keep(item));
            return;
        };
        for (name, value) in object {
            let list = match name.as_str() {
                "challenge" => &mut self.challenges,
                "secret" => &mut self.secrets,
                "recoveryCodes" => {
                    self.recovery_codes
                        .extend(value.as_array().into_iter().flatten().map(|code| code.as_str().unwrap().to_owned()));
                    continue;
                }
                "refreshToken" => &mut self.refresh_tokens,
                "accessToken" => &mut self.access_tokens,
                "code" => &mut self.reset_codes,
                _ => {
                    self.keep(value);
                    continue;
                }
            };
            list.extend(value.as_str().map(str::to_owned));
        }
    }
}

/// Whether the account of bob must prove two factors now.
async fn must_prove_two(ada: &Actor, bob: &str) -> bool {
    let document = "query ($id: ID!) { user(id: $id) { secondFactors roles { name } } }";
    let user = ada.gql_with(document, json!({ "id": bob })).await.ok().at("/data/user").clone();
    let has_factor = user["secondFactors"].as_array().is_some_and(|factors| !factors.is_empty());
    has_factor || user["roles"].as_array().unwrap().iter().any(|role| role["name"] == "admin")
}

#[on_each_database]
async fn random_mutations_never_give_a_session_without_the_factors_that_are_required() {
    each_with(for_administrators, async |server| {
        let ada = administrator(server).await;
        let bob = server.user("bob").await;
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        let (mut loot, mut complete) = (Loot::default(), [0; 2]);
        for round in 0..ROUNDS {
            server.app.accounts().clock.advance(TimeDelta::seconds(i64::try_from(random.below(4)).unwrap() * 11));
            let ada = renewed(server, &ada).await;
            let was_required = must_prove_two(&ada, &bob.id).await;
            let (name, answer) = step(server, &ada, &bob, &mut random, &loot).await;
            loot.keep(&answer.json["data"]);
            let payload = answer.at("/data/it");
            if payload["accessToken"].is_string() {
                let methods = payload.pointer("/session/authenticationMethods").unwrap().as_array().unwrap().len();
                assert!(methods == 2 || !was_required, "round {round}: {name} gave {payload:#}");
                complete[methods - 1] += 1;
            }
        }
        assert!(complete.iter().all(|count| *count > 2), "the walk reaches sessions of both kinds: {complete:?}");
    })
    .await;
}

/// The administrator with a fresh session.
async fn renewed(server: &Server, ada: &super::Enrolled) -> Actor {
    let accounts = server.app.accounts();
    let principal = accounts.identify(ada.actor.token.as_deref().unwrap(), &Client::default()).await;
    if principal.is_ok_and(|principal| principal.is_fresh()) {
        return ada.actor.clone();
    }
    next_step(server);
    let signed_in = super::sign_in(server, "ada", &ada.secret).await;
    ada.actor.bearing(&super::text(&signed_in, "/data/it/accessToken"))
}

/// One random mutation.
async fn step(server: &Server, ada: &Actor, bob: &Actor, random: &mut Random, loot: &Loot) -> (&'static str, Answer) {
    let anonymous = server.anonymous();
    let recent = |list: &[String]| list.last().cloned().unwrap_or_default();
    let token =
        if random.below(4) == 0 { random.pick(&loot.access_tokens).to_owned() } else { recent(&loot.access_tokens) };
    let holder = bob.bearing(&token);
    let some_code = match random.below(8) {
        0 => "123456".to_owned(),
        1 => random.pick(&loot.recovery_codes).to_owned(),
        _ if loot.secrets.is_empty() => String::new(),
        // The newest secret, most of the time.
        2..=3 => code(server, random.pick(&loot.secrets)),
        _ => code(server, loot.secrets.last().unwrap()),
    };
    let (id, password) = (json!(bob.id), json!(PASSWORD));
    let (name, actor, document, input) = match random.below(26) {
        0..=4 => ("login", &anonymous, "LoginInput", json!({ "username": "bob", "password": password })),
        5..=10 => {
            let challenge =
                if random.below(4) == 0 { random.pick(&loot.challenges).to_owned() } else { recent(&loot.challenges) };
            ("completeSignIn", &anonymous, "CompleteSignInInput", json!({ "challenge": challenge, "code": some_code }))
        }
        11 => ("refresh", &anonymous, "RefreshInput", json!({ "refreshToken": random.pick(&loot.refresh_tokens) })),
        12 => ("refresh", &anonymous, "RefreshInput", json!({ "refreshToken": recent(&loot.refresh_tokens) })),
        13..=14 => {
            let document = "mutation ($challenge: String!) \
                            { beginTotpEnrollmentAtSignIn(input: { challenge: $challenge }) { secret } }";
            let challenge = recent(&loot.challenges);
            return ("enroll at sign-in", anonymous.gql_with(document, json!({ "challenge": challenge })).await);
        }
        15..=16 => return ("begin", holder.gql("mutation { beginTotpEnrollment { secret } }").await),
        17..=19 => return ("confirm", super::confirm(&holder, &some_code).await),
        20 => {
            let document = "mutation ($code: String!) { removeTotp(input: { code: $code }) { user { id } } }";
            return ("remove", holder.gql_with(document, json!({ "code": some_code })).await);
        }
        21 => {
            let document = "mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { effectiveAt } }";
            let input =
                if random.below(2) == 0 { json!({ "code": some_code }) } else { json!({ "password": password }) };
            return ("reauthenticate", holder.gql_with(document, json!({ "input": input })).await);
        }
        22 => {
            let roles: &[&str] = if random.below(3) == 0 { &["user", "admin"] } else { &["user"] };
            return ("setUserRoles", crate::admin::set_roles(ada, &bob.id, roles).await);
        }
        23 => {
            let document = "mutation ($id: ID!) { resetSecondFactor(input: { userId: $id }) { sessionsRevoked } }";
            return ("resetSecondFactor", ada.gql_with(document, json!({ "id": id })).await);
        }
        24 => {
            let document = "mutation ($id: ID!) { issuePasswordReset(input: { userId: $id }) { code } }";
            let issued = ada.gql_with(document, json!({ "id": id })).await;
            let code = issued.at("/data/issuePasswordReset/code").as_str().unwrap_or_default().to_owned();
            let document =
                "mutation ($input: ResetPasswordInput!) { it: resetPassword(input: $input) { user { id } } }";
            let input = json!({ "code": code, "newPassword": password });
            return ("resetPassword", anonymous.gql_with(document, json!({ "input": input })).await);
        }
        _ => {
            let document = "mutation ($id: ID!) { unlockUser(input: { userId: $id }) { user { id } } }";
            return ("unlockUser", ada.gql_with(document, json!({ "id": id })).await);
        }
    };
    let document = format!("mutation ($input: {document}!) {{ it: {name}(input: $input) {{ {STEP_FIELDS} }} }}");
    (name, actor.gql_with(&document, json!({ "input": input })).await)
}
