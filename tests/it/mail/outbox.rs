//! The outbox: what is committed is sent, once or again after a crash, and nothing else.

use chrono::TimeDelta;
use fieldguard::{
    domain::{
        id::{MailId, UserId},
        mail::{Mail, MailContent, MailKind, SendOutcome},
    },
    store,
};
use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait as _, Database as Connection, Statement};

use super::{mails, registered, request_reset, send_due, verified};
use crate::app::{Server, each};

#[on_each_database]
async fn a_mail_of_a_change_that_was_rolled_back_is_not_sent() {
    each(async |server| {
        let bob = registered(server, "bob").await;
        mails(server).await;
        let accounts = server.app.accounts();
        let now = accounts.clock.now();
        let mail = || Mail {
            id: MailId::new(now),
            kind: MailKind::PasswordChanged,
            user: UserId::parse(&bob.id).unwrap(),
            recipient: "bob@example.org".to_owned(),
            content: MailContent {
                username: "bob".to_owned(),
                locale: None,
                at: now,
                code: None,
                expires_at: None,
                token: None,
            },
            queued_at: now,
        };
        let tx = accounts.store.write().await.unwrap();
        store::mails::add(&tx, &mail()).await.unwrap();
        drop(tx);
        assert!(mails(server).await.is_empty());
        let tx = accounts.store.write().await.unwrap();
        store::mails::add(&tx, &mail()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(mails(server).await.len(), 1);
    })
    .await;
}

#[on_each_database]
async fn a_claim_ends_after_its_lease_and_the_last_one_decides() {
    each(async |server| {
        registered(server, "bob").await;
        let accounts = server.app.accounts();
        let first = accounts.claim_mails(9).await.unwrap();
        assert_eq!(first.len(), 1);
        accounts.clock.advance(TimeDelta::seconds(39));
        assert!(accounts.claim_mails(9).await.unwrap().is_empty());
        accounts.clock.advance(TimeDelta::seconds(1));
        let second = accounts.claim_mails(9).await.unwrap();
        assert_eq!((second[0].id, second[0].attempts), (first[0].id, 2));
        let mail = accounts.prepare_mail(&second[0]).await.unwrap().unwrap();
        accounts.settle_mail(&first[0], &mail, SendOutcome::Sent).await.unwrap();
        assert_eq!(accounts.mail_backlog().await.unwrap().0.pending, 1, "the first attempt no longer counts");
        accounts.settle_mail(&second[0], &mail, SendOutcome::Sent).await.unwrap();
        assert_eq!(accounts.mail_backlog().await.unwrap().0.pending, 0);
    })
    .await;
}

/// A server that was killed after it prepared a reset, and before it sent it, sends the same code.
#[on_each_database]
async fn a_reset_is_prepared_once() {
    each(async |server| {
        verified(server, "bob").await;
        request_reset(&server.anonymous(), "bob@example.org").await.ok();
        let accounts = server.app.accounts();
        let claimed = accounts.claim_mails(9).await.unwrap();
        let first = accounts.prepare_mail(&claimed[0]).await.unwrap().unwrap();
        accounts.clock.advance(TimeDelta::minutes(2));
        let [second] = mails(server).await.try_into().unwrap();
        assert_eq!((&second.id, &second.content.code), (&first.id, &first.content.code));
    })
    .await;
}

#[on_each_database]
async fn concurrent_claims_get_different_mails() {
    each(async |server| {
        for n in 0..8 {
            registered(server, &format!("user{n}")).await;
        }
        let claims = (0..4).map(|_| server.app.accounts().claim_mails(4));
        let claimed = futures_util::future::join_all(claims).await;
        let mut ids: Vec<_> = claimed.into_iter().flat_map(Result::unwrap).map(|claimed| claimed.id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), count), (8, 8));
    })
    .await;
}

async fn rows(server: &Server, sql: &str) -> usize {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap().len();
    connection.close().await.unwrap();
    rows
}

#[on_each_database]
async fn mails_go_to_files_that_only_the_server_reads() {
    each(async |server| {
        use std::os::unix::fs::PermissionsExt as _;
        registered(server, "bob").await;
        send_due(server).await;
        assert_eq!(rows(server, "SELECT id FROM mails").await, 0, "nothing of a sent mail is kept");
        let directory = server.app.config().mail_directory();
        let files: Vec<_> = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        let [file] = &files[..] else { panic!("{files:?}") };
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&directory), mode(file)), (0o700, 0o600));
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("To: bob@example.org") && text.contains("fg_em_"), "{text}");
        assert_eq!(file.extension().unwrap(), "eml");
    })
    .await;
}

#[on_each_database]
async fn the_mails_of_a_deleted_user_are_deleted() {
    each(async |server| {
        let bob = registered(server, "bob").await;
        let password = crate::actor::PASSWORD;
        let delete = format!("deleteAccount(input: {{ password: \"{password}\" }}) {{ userId }}");
        super::run(&bob, &delete).await.ok();
        for table in ["mails", "email_codes"] {
            assert_eq!(rows(server, &format!("SELECT id FROM {table}")).await, 0, "{table}");
        }
    })
    .await;
}
