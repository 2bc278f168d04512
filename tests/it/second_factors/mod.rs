//! Second factors: authenticator apps, recovery codes, and sign-ins in several steps.

mod administration;
mod attacks;
mod enrollment;
mod keys;
mod model;
mod sign_in;

use aws_lc_rs::hmac;
use chrono::TimeDelta;
use fieldguard::config::{Config, Secret};
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::Server,
};

/// The key of servers in these tests. With PostgreSQL, none is generated.
pub const KEY: &str = "Jx4kPz0uQ8rT2vWmYb6nEs1dGf7hLc9a";
/// A code that no secret has at the times of these tests.
const WRONG: &str = "000000";
const STEP: i64 = 30;

/// Parts of a payload after each step of a sign-in.
const STEP_FIELDS: &str = "nextStep challenge challengeExpiresAt accessToken refreshToken tokenType expiresIn expiresAt \
                           recoveryCodes session { id authenticationMethods authenticatedAt } \
                           user { id username secondFactors }";

/// A server that can store secrets.
pub fn with_key(config: &mut Config) {
    config.encryption.key = Some(Secret::new(KEY.to_owned()));
}

/// Requires a second factor of users with this role.
pub fn require_for(config: &mut Config, role: &str) {
    config.sign_in.require_second_factor_for = [role].into_iter().collect();
}

/// A user with an authenticator app.
pub struct Enrolled {
    pub actor: Actor,
    pub secret: String,
    pub recovery_codes: Vec<String>,
}

/// Registers a user, and enrolls an authenticator app. The clock then stands at the next time step.
pub async fn enroll(server: &Server, name: &str) -> Enrolled {
    enroll_actor(server, server.user(name).await).await
}

/// Enrolls an authenticator app for a user with a fresh session.
pub async fn enroll_actor(server: &Server, actor: Actor) -> Enrolled {
    let secret = text(&begin(&actor).await.ok(), "/data/beginTotpEnrollment/secret");
    let confirmed = confirm(&actor, &code(server, &secret)).await.ok();
    next_step(server);
    let recovery_codes = texts(confirmed.at("/data/confirmTotpEnrollment/recoveryCodes"));
    Enrolled { actor, secret, recovery_codes }
}

pub async fn begin(actor: &Actor) -> Answer {
    actor.gql("mutation { beginTotpEnrollment { secret url qrCode } }").await
}

pub async fn confirm(actor: &Actor, code: &str) -> Answer {
    let document = "mutation ($code: String!) { confirmTotpEnrollment(input: { code: $code }) \
                    { recoveryCodes sessionsRevoked effectiveAt user { username secondFactors } } }";
    actor.gql_with(document, json!({ "code": code })).await
}

/// The first step of a sign-in.
pub async fn login(server: &Server, name: &str) -> Answer {
    login_with(server, name, PASSWORD).await
}

pub async fn login_with(server: &Server, name: &str, password: &str) -> Answer {
    let document = format!("mutation ($input: LoginInput!) {{ it: login(input: $input) {{ {STEP_FIELDS} }} }}");
    server.anonymous().gql_with(&document, json!({ "input": { "username": name, "password": password } })).await
}

/// The challenge of a sign-in that waits for its next step.
pub async fn challenge(server: &Server, name: &str) -> String {
    text(&login(server, name).await.ok(), "/data/it/challenge")
}

/// The next step of a sign-in.
pub async fn complete(server: &Server, challenge: &str, code: &str) -> Answer {
    let document =
        format!("mutation ($input: CompleteSignInInput!) {{ it: completeSignIn(input: $input) {{ {STEP_FIELDS} }} }}");
    server.anonymous().gql_with(&document, json!({ "input": { "challenge": challenge, "code": code } })).await
}

/// Signs in with both factors.
pub async fn sign_in(server: &Server, name: &str, secret: &str) -> Answer {
    let answer = complete(server, &challenge(server, name).await, &code(server, secret)).await.ok();
    next_step(server);
    answer
}

/// The code of the secret at the time of the server (RFC 6238), computed without the library of the server.
pub fn code(server: &Server, secret: &str) -> String {
    code_at(server.app.accounts().clock.now().timestamp() / STEP, secret)
}

pub fn code_at(step: i64, secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &from_base32(secret));
    let mac = hmac::sign(&key, &step.to_be_bytes());
    let start = usize::from(mac.as_ref()[19] & 0xf);
    let word = u32::from_be_bytes(mac.as_ref()[start..start + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

fn from_base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).unwrap();
        (bits, count) = (bits << 5 | u32::try_from(value).unwrap(), count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}

/// Advances the clock to the next time step, so that the next code is new.
pub fn next_step(server: &Server) {
    server.app.accounts().clock.advance(TimeDelta::seconds(STEP));
}

#[track_caller]
pub fn text(answer: &Answer, pointer: &str) -> String {
    answer.at(pointer).as_str().unwrap_or_else(|| panic!("no {pointer} in {answer:#?}")).to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// The actions of the user's audit events, newest first.
async fn audited(server: &Server, user: &str) -> Vec<String> {
    let document = "query ($id: ID!) { auditEvents(first: 50, filter: { targetId: $id }) { nodes { action } } }";
    let answer = server.admin().await.gql_with(document, json!({ "id": user })).await.ok();
    let nodes = answer.at("/data/auditEvents/nodes").as_array().unwrap().clone();
    nodes.iter().map(|node| node["action"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn codes_are_those_of_the_standard() {
    // RFC 6238, appendix B, with the last six of its eight digits.
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    assert_eq!([59, 1_111_111_109, 1_234_567_890].map(|at| code_at(at / 30, secret)), ["287082", "081804", "005924"]);
}
