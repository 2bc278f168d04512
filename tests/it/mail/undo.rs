//! Changes of an address, and `undoEmailChange`.

use chrono::TimeDelta;
use fieldguard::domain::mail::MailKind::{EmailChanged, EmailVerification, PasswordReset};
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{actions, code, email_of, mails, registered, reset, run, set_email, summary, undo, verified, verify};
use crate::{
    actor::{Actor, PASSWORD},
    app::{Server, each},
    personal_access_tokens::script,
};

const NEW_PASSWORD: &str = "a short swim in the lake";

/// Changes the verified address of a user. Returns the code for the former one.
async fn changed(server: &Server, bob: &Actor, email: &str) -> String {
    set_email(bob, email).await.ok();
    code(&mails(server).await, EmailChanged)
}

#[on_each_database]
async fn the_former_address_takes_the_account_back() {
    each(async |server| {
        let bob = verified(server, "bob").await;
        let token = script(&bob, &[]).await;
        let undo_code = changed(server, &bob, "eve@example.org").await;
        let thief = server.anonymous().login("bob").await;
        let answer = undo(&server.anonymous(), &undo_code).await.ok();
        assert_eq!(*answer.at("/data/undoEmailChange/user"), json!({ "id": bob.id }));
        assert_eq!(email_of(server, &bob.id).await, (json!("bob@example.org"), json!(true)));
        for actor in [&bob, &thief, &token] {
            assert_eq!(actor.gql("{ me { id } }").await.status, 401);
        }
        let login = json!({ "input": { "username": "bob", "password": PASSWORD } });
        let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
        let login = server.anonymous().gql_with(document, login).await;
        assert_eq!(login.codes(), ["INVALID_CREDENTIALS"], "the thief knows the password");
        let sent = mails(server).await;
        assert_eq!(summary(&sent), [(PasswordReset, "bob@example.org")]);
        reset(&server.anonymous(), &code(&sent, PasswordReset), NEW_PASSWORD).await.ok();
        assert_eq!(undo(&server.anonymous(), &undo_code).await.codes(), ["INVALID_CREDENTIALS"], "once");
        assert!(actions(server, &bob.id).await.contains(&"EMAIL_CHANGE_UNDONE".to_owned()));
    })
    .await;
}

#[on_each_database]
async fn an_undo_voids_the_codes_of_later_changes() {
    each(async |server| {
        let bob = verified(server, "bob").await;
        let first = changed(server, &bob, "eve@example.org").await;
        run(&bob, "requestEmailVerification { codeValidFor }").await.ok();
        verify(&bob, &code(&mails(server).await, EmailVerification)).await.ok();
        let second = changed(server, &bob, "mallory@example.org").await;
        undo(&server.anonymous(), &first).await.ok();
        assert_eq!(undo(&server.anonymous(), &second).await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(email_of(server, &bob.id).await.0, "bob@example.org");
    })
    .await;
}

#[on_each_database]
async fn an_undo_is_possible_for_72_hours() {
    each(async |server| {
        let (bob, clock) = (verified(server, "bob").await, &server.app.accounts().clock);
        let code = changed(server, &bob, "eve@example.org").await;
        clock.advance(TimeDelta::hours(72));
        assert_eq!(undo(&server.anonymous(), &code).await.codes(), ["INVALID_CREDENTIALS"]);
        clock.advance(TimeDelta::milliseconds(-1));
        undo(&server.anonymous(), &code).await.ok();
    })
    .await;
}

/// A thief cannot keep the address by registering with it, and a person who proved that it is theirs can.
#[on_each_database]
async fn an_address_is_taken_back_unless_another_user_verified_it() {
    each(async |server| {
        let bob = verified(server, "bob").await;
        let undo_code = changed(server, &bob, "eve@example.org").await;
        let squatter = registered(server, "squatter").await;
        set_email(&squatter, "bob@example.org").await.ok();
        undo(&server.anonymous(), &undo_code).await.ok();
        assert_eq!(email_of(server, &squatter.id).await, (json!(null), json!(false)));

        let carol = verified(server, "carol").await;
        mails(server).await;
        let undo_code = changed(server, &carol, "carola@example.org").await;
        set_email(&squatter, "carol@example.org").await.ok();
        verify(&squatter, &code(&mails(server).await, EmailVerification)).await.ok();
        assert_eq!(undo(&server.anonymous(), &undo_code).await.codes(), ["CONFLICT"]);
        assert_eq!(email_of(server, &carol.id).await.0, "carola@example.org");
    })
    .await;
}

#[on_each_database]
async fn a_removed_address_is_told_and_an_unverified_one_is_not() {
    each(async |server| {
        let (bob, carol) = (verified(server, "bob").await, registered(server, "carol").await);
        mails(server).await;
        for actor in [&bob, &carol] {
            run(actor, "updateProfile(input: { email: null }) { user { id } }").await.ok();
        }
        assert_eq!(summary(&mails(server).await), [(EmailChanged, "bob@example.org")]);
    })
    .await;
}

/// An administrator may replace an address because its owner lost it.
#[on_each_database]
async fn a_change_by_an_administrator_cannot_be_undone() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, verified(server, "bob").await);
        let change = format!(
            "updateUser(input: {{ userId: \"{}\", email: \"robert@example.org\" }}) {{ user {{ id }} }}",
            bob.id
        );
        run(&ada, &change).await.ok();
        let sent = mails(server).await;
        assert_eq!(summary(&sent), [(EmailVerification, "robert@example.org"), (EmailChanged, "bob@example.org")]);
        assert_eq!(sent[1].content.code, None);
    })
    .await;
}
