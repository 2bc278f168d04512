//! Mails: when they are queued, who gets them, what their codes do, and how they are sent.

mod configured;
mod kill;
mod limits;
mod notices;
mod outbox;
mod resets;
mod sink;
mod smtp;
mod undo;
mod verification;
mod vouching;

use fieldguard::{
    config::{Config, SmtpTls},
    domain::mail::{Mail, MailKind, SendOutcome},
};
use serde_json::{Value, json};

use self::sink::Sink;
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::Server,
};

/// Settings with this mail server.
fn sends_to(config: &mut Config, sink: &Sink) {
    config.mail.smtp_host = Some("127.0.0.1".into());
    config.mail.smtp_port = Some(sink.port());
    config.mail.smtp_tls = SmtpTls::None;
    config.mail.from = Some("Example <no-reply@example.org>".parse().unwrap());
}

/// Runs the test with a server on each database that sends to a mail server.
async fn each_with_sink(test: impl AsyncFn(&Server, &Sink)) {
    let sink = Sink::start().await;
    crate::app::each_with(
        |config| sends_to(config, &sink),
        async |server| {
            sink.forget();
            test(server, &sink).await;
        },
    )
    .await;
}

/// Makes one attempt for every mail that is due, as a running server does.
async fn send_due(server: &Server) {
    let (accounts, mailer) = (server.app.accounts(), server.app.mailer().unwrap());
    for claimed in accounts.claim_mails(50).await.unwrap() {
        if let Some(mail) = accounts.prepare_mail(&claimed).await.unwrap() {
            let outcome = mailer.send(&mail).await;
            accounts.settle_mail(&claimed, &mail, outcome).await.unwrap();
        }
    }
}

/// Takes every mail that is due out of the outbox, without sending it.
async fn mails(server: &Server) -> Vec<Mail> {
    let accounts = server.app.accounts();
    let mut taken = Vec::new();
    for claimed in accounts.claim_mails(50).await.unwrap() {
        if let Some(mail) = accounts.prepare_mail(&claimed).await.unwrap() {
            accounts.settle_mail(&claimed, &mail, SendOutcome::Sent).await.unwrap();
            taken.push(mail);
        }
    }
    taken.sort_by_key(|mail| mail.kind);
    taken
}

/// The kind and the recipient of each mail.
fn summary(mails: &[Mail]) -> Vec<(MailKind, &str)> {
    mails.iter().map(|mail| (mail.kind, &*mail.recipient)).collect()
}

/// The code of the only mail of this kind.
#[track_caller]
fn code(mails: &[Mail], kind: MailKind) -> String {
    let [mail] = mails.iter().filter(|mail| mail.kind == kind).collect::<Vec<_>>()[..] else { panic!("{mails:?}") };
    mail.content.code.clone().unwrap()
}

async fn run(actor: &Actor, mutation: &str) -> Answer {
    actor.gql(&format!("mutation {{ {mutation} }}")).await
}

/// Registers a user with the address `NAME@example.org`.
async fn registered(server: &Server, name: &str) -> Actor {
    let document = "mutation ($input: RegisterInput!) { register(input: $input) { accessToken user { id } } }";
    let email = format!("{name}@example.org");
    let input = json!({ "input": { "username": name, "email": email, "password": PASSWORD } });
    let answer = server.anonymous().gql_with(document, input).await.ok();
    let text = |pointer| answer.at(pointer).as_str().unwrap().to_owned();
    let mut user = server.anonymous().bearing(&text("/data/register/accessToken"));
    user.id = text("/data/register/user/id");
    user
}

/// Takes the mails that wait, registers a user, and verifies the address.
async fn verified(server: &Server, name: &str) -> Actor {
    mails(server).await;
    let user = registered(server, name).await;
    verify(&user, &code(&mails(server).await, MailKind::EmailVerification)).await.ok();
    user
}

async fn verify(actor: &Actor, code: &str) -> Answer {
    let document = "mutation ($code: String!) { verifyEmail(input: { code: $code }) { user { email emailVerified } } }";
    actor.gql_with(document, json!({ "code": code })).await
}

async fn set_email(actor: &Actor, email: &str) -> Answer {
    let document =
        "mutation ($email: String) { updateProfile(input: { email: $email }) { user { email emailVerified } } }";
    actor.gql_with(document, json!({ "email": email })).await
}

async fn request_reset(actor: &Actor, email: &str) -> Answer {
    let document = "mutation ($email: String!) { requestPasswordReset(input: { email: $email }) { codeValidFor } }";
    actor.gql_with(document, json!({ "email": email })).await
}

async fn reset(actor: &Actor, code: &str, password: &str) -> Answer {
    let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { username } } }";
    actor.gql_with(document, json!({ "input": { "code": code, "newPassword": password } })).await
}

async fn undo(actor: &Actor, code: &str) -> Answer {
    let document = "mutation ($code: String!) { undoEmailChange(input: { code: $code }) { user { id } } }";
    actor.gql_with(document, json!({ "code": code })).await
}

/// The address of the user, and whether it is verified, as an administrator sees them.
async fn email_of(server: &Server, user: &str) -> (Value, Value) {
    let ada = server.admin().await;
    let answer = ada.gql(&format!("{{ user(id: \"{user}\") {{ email emailVerified }} }}")).await.ok();
    (answer.at("/data/user/email").clone(), answer.at("/data/user/emailVerified").clone())
}

/// The actions in the audit log about this user, oldest first.
async fn actions(server: &Server, user: &str) -> Vec<String> {
    let ada = server.admin().await;
    let document = format!(
        "{{ auditEvents(last: 50, filter: {{ targetId: \"{user}\" }}) {{ nodes {{ action actorType reason }} }} }}"
    );
    let answer = ada.gql(&document).await.ok();
    let nodes = answer.at("/data/auditEvents/nodes").as_array().unwrap().clone();
    nodes.iter().map(|node| node["action"].as_str().unwrap().to_owned()).collect()
}
