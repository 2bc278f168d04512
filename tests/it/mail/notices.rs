//! Notices of changes to an account.

use fieldguard::domain::mail::MailKind::{PasswordChanged, PersonalAccessTokenCreated};
use fieldguard_test_macros::on_each_database;

use super::{mails, registered, run, summary, verified};
use crate::{
    actor::{Actor, PASSWORD},
    app::each,
};

async fn change(actor: &Actor) {
    let token = "createPersonalAccessToken(input: { name: \"backup\", permissions: [] }) { token }";
    run(actor, token).await.ok();
    let password = format!(
        "updatePassword(input: {{ currentPassword: \"{PASSWORD}\", newPassword: \"a short swim in the lake\" }}) \
         {{ sessionsRevoked }}"
    );
    run(actor, &password).await.ok();
}

#[on_each_database]
async fn verified_addresses_are_told_of_passwords_and_tokens() {
    each(async |server| {
        let (bob, carol) = (verified(server, "bob").await, registered(server, "carol").await);
        run(&bob, "updateProfile(input: { locale: \"de-CH\" }) { user { id } }").await.ok();
        mails(server).await;
        change(&carol).await;
        assert!(mails(server).await.is_empty(), "an address that is not verified may be a stranger's");
        change(&bob).await;
        let sent = mails(server).await;
        let expected = [(PasswordChanged, "bob@example.org"), (PersonalAccessTokenCreated, "bob@example.org")];
        assert_eq!(summary(&sent), expected);
        assert_eq!(sent[1].content.token.as_deref(), Some("backup"));
        assert_eq!(sent[1].content.locale.as_deref(), Some("de-CH"));
    })
    .await;
}

#[on_each_database]
async fn a_refused_change_sends_no_mail() {
    each(async |server| {
        let bob = verified(server, "bob").await;
        let weak = format!(
            "updatePassword(input: {{ currentPassword: \"{PASSWORD}\", newPassword: \"password1234\" }}) \
             {{ sessionsRevoked }}"
        );
        assert_eq!(run(&bob, &weak).await.codes(), ["BAD_USER_INPUT"]);
        registered(server, "carol").await;
        mails(server).await;
        let taken = run(&bob, "updateProfile(input: { email: \"carol@example.org\" }) { user { id } }").await;
        assert_eq!(taken.codes(), ["CONFLICT"]);
        assert!(mails(server).await.is_empty());
    })
    .await;
}
