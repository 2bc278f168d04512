//! The chain goes on from where it was pruned, and can be held against what was noted elsewhere.

use chrono::TimeDelta;
use fieldguard::{domain::audit::Verdict, store};
use fieldguard_test_macros::on_each_database;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::{assert_whole, behind, number, rows, verdict};
use crate::{
    actor::{Actor, PASSWORD},
    app::{each, each_with},
};

#[on_each_database]
async fn an_empty_trail_is_whole() {
    each(async |server| {
        let Verdict::Whole { rows, last, .. } = verdict(server).await else { panic!("it is whole") };
        assert_eq!((rows, last), (1, 1), "that a key was made is the first row");
    })
    .await;
}

#[on_each_database]
async fn old_rows_go_and_the_rest_is_still_whole() {
    each(async |server| {
        let (accounts, database) = (server.app.accounts(), behind(server).await);
        let ada = server.admin().await;
        server.user("bob").await;
        ada.gql("{ users { edges { node { email } } } }").await.ok();
        accounts.clock.advance(TimeDelta::days(365));
        assert_eq!(accounts.prune_audit_trail().await.unwrap(), 0, "they are not older than they may be");
        let ada = ada.login("ada").await;
        accounts.clock.advance(TimeDelta::milliseconds(1));
        let before = number(&database, "SELECT count(*) FROM audit_events").await;
        let removed = accounts.prune_audit_trail().await.unwrap();
        assert_eq!(removed, before - 1, "the sign-in of this year stays");
        assert_eq!(number(&database, "SELECT count(*) FROM audit_events").await, 2);
        assert_eq!(number(&database, "SELECT count(*) FROM audit_subjects").await, 0);
        assert_eq!(rows(&ada, "action: AUDIT_LOG_PRUNED").await.len(), 1);
        assert_whole(server).await;
        server.user("eve").await;
        assert_whole(server).await;
        assert_eq!(accounts.prune_audit_trail().await.unwrap(), 0);

        // Who removes the oldest rows by hand and moves the end has no row of the trail for it.
        let third = "(SELECT min(sequence) FROM audit_events)";
        for sql in [
            format!("UPDATE audit_head SET pruned_hash = (SELECT hash FROM audit_events WHERE sequence = {third})"),
            format!("UPDATE audit_head SET pruned_sequence = {third}"),
            format!("DELETE FROM audit_events WHERE sequence = {third}"),
        ] {
            database.execute_unprepared(&sql).await.unwrap();
        }
        assert!(matches!(verdict(server).await, Verdict::Broken { .. }));
    })
    .await;
}

#[on_each_database]
async fn rows_of_a_clock_that_was_ahead_keep_no_others() {
    each(async |server| {
        let (accounts, database) = (server.app.accounts(), behind(server).await);
        server.user("bob").await;
        accounts.clock.advance(TimeDelta::days(3_650));
        server.user("eve").await;
        accounts.clock.advance(TimeDelta::days(-3_650));
        server.user("mallory").await;
        accounts.clock.advance(TimeDelta::days(366));
        server.user("late").await;
        let young = number(&database, "SELECT count(*) FROM audit_events").await;
        let removed = accounts.prune_audit_trail().await.unwrap();
        assert_eq!(young - removed, 2, "the registration and the sign-in of this year stay");
        assert_whole(server).await;
        accounts.clock.advance(TimeDelta::days(3_650));
        assert!(accounts.prune_audit_trail().await.unwrap() > 0);
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn a_row_that_is_exactly_as_old_as_it_may_be_stays() {
    each(async |server| {
        let accounts = server.app.accounts();
        server.user("bob").await;
        accounts.clock.advance(TimeDelta::days(1));
        server.user("eve").await;
        accounts.clock.advance(TimeDelta::days(365));
        assert_eq!(accounts.prune_audit_trail().await.unwrap(), 3, "the key, and what bob did");
        let left = number(&behind(server).await, "SELECT count(*) FROM audit_events").await;
        assert_eq!(left, 3, "what eve did, and that it was pruned");
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn replicas_prune_at_once_and_nothing_goes_twice() {
    each(async |server| {
        let accounts = server.app.accounts();
        for n in 0..20 {
            server.user(&format!("user{n}")).await;
        }
        accounts.clock.advance(TimeDelta::days(366));
        let both = tokio::join!(
            accounts.prune_audit_trail(),
            accounts.prune_audit_trail(),
            accounts.prune_audit_trail(),
            accounts.prune_audit_trail()
        );
        assert_eq!(both.0.unwrap() + both.1.unwrap() + both.2.unwrap() + both.3.unwrap(), 41);
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn forever_is_forever() {
    let forever = |config: &mut fieldguard::config::Config| config.audit.retention.0 = None;
    each_with(forever, async |server| {
        server.user("bob").await;
        server.app.accounts().clock.advance(TimeDelta::days(36_500));
        assert_eq!(server.app.accounts().prune_audit_trail().await.unwrap(), 0);
    })
    .await;
}

/// Whoever can write anything can write a whole new trail; what was noted elsewhere tells.
#[on_each_database]
async fn a_trail_that_was_written_anew_is_not_the_one_that_was_noted() {
    each(async |server| {
        server.user("bob").await;
        let store = &server.app.accounts().store;
        let Verdict::Whole { last, hash, .. } = verdict(server).await else { panic!("it is whole") };
        server.user("eve").await;
        let verify =
            async |number, hash: &str| store::audit::verify(store, Some((number, hash.to_owned()))).await.unwrap();
        assert!(matches!(verify(last, &hash).await, Verdict::Whole { .. }));
        let other = "0".repeat(64);
        assert!(matches!(verify(last, &other).await, Verdict::Broken { number, .. } if number == last));
        assert!(matches!(verify(last + 1_000, &hash).await, Verdict::Broken { .. }));
    })
    .await;
}

/// From where the requests came, by the rows of that actor.
async fn addresses(ada: &Actor, actor: &Actor) -> Vec<Value> {
    let found = rows(ada, &format!("actorId: \"{}\"", actor.id)).await;
    found.iter().map(|it| it["ipAddress"].clone()).collect()
}

#[on_each_database]
async fn holds_when_addresses_are_forgotten_with_their_account_and_with_no_other() {
    each(async |server| {
        let (ada, bob, eve) = (server.admin().await, server.user("bob").await, server.user("eve").await);
        assert_eq!(addresses(&ada, &bob).await, [json!("127.0.0.1"), json!("127.0.0.1")]);
        let leave = format!("mutation {{ deleteAccount(input: {{ password: \"{PASSWORD}\" }}) {{ userId }} }}");
        bob.gql(&leave).await.ok();
        assert_eq!(addresses(&ada, &bob).await, [Value::Null, Value::Null, Value::Null]);
        assert_eq!(addresses(&ada, &eve).await, [json!("127.0.0.1"), json!("127.0.0.1")]);
        assert_whole(server).await;

        let database = behind(server).await;
        let whose = format!("actor_id = '{}'", eve.id);
        let first = number(&database, &format!("SELECT min(sequence) FROM audit_events WHERE {whose}")).await;
        for forgotten in [
            "ip_address = NULL",
            "ip_address = NULL, address_salt = NULL",
            "ip_address = '127.0.0.2'",
            "ip_address = '27.0.0.1', address_salt = address_salt || '1'",
        ] {
            let keep = "CREATE TABLE kept AS SELECT * FROM audit_events";
            for sql in [keep, &format!("UPDATE audit_events SET {forgotten} WHERE {whose}")] {
                database.execute_unprepared(sql).await.unwrap();
            }
            let verdict = verdict(server).await;
            assert!(matches!(verdict, Verdict::Broken { number, .. } if number == first), "{forgotten}: {verdict:?}");
            for sql in ["DELETE FROM audit_events", "INSERT INTO audit_events SELECT * FROM kept", "DROP TABLE kept"] {
                database.execute_unprepared(sql).await.unwrap();
            }
        }
        assert_whole(server).await;
    })
    .await;
}
