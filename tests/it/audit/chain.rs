//! Pruning and verification of the audit log's hash chain.

use chrono::TimeDelta;
use fieldguard::{domain::audit::Verdict, store};
use fieldguard_test_macros::on_each_database;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::{assert_whole, audit_events, connect, number, verdict};
use crate::{
    actor::{Actor, PASSWORD},
    app::{each, each_with},
};

#[on_each_database]
async fn new_audit_log_is_whole() {
    each(async |server| {
        let Verdict::Whole { rows, last, .. } = verdict(server).await else { panic!("the audit log is not whole") };
        assert_eq!((rows, last), (1, 1), "the first event is the key rotation");
    })
    .await;
}

#[on_each_database]
async fn pruning_removes_old_events_and_the_log_stays_whole() {
    each(async |server| {
        let (accounts, database) = (server.app.accounts(), connect(server).await);
        let ada = server.admin().await;
        server.user("bob").await;
        ada.gql("{ users { edges { node { email } } } }").await.ok();
        accounts.clock.advance(TimeDelta::days(365));
        assert_eq!(accounts.prune_audit_trail().await.unwrap(), 0, "no event is older than the retention");
        let ada = ada.login("ada").await;
        accounts.clock.advance(TimeDelta::milliseconds(1));
        let before = number(&database, "SELECT count(*) FROM audit_events").await;
        let removed = accounts.prune_audit_trail().await.unwrap();
        assert_eq!(removed, before - 1, "the latest sign-in stays");
        assert_eq!(number(&database, "SELECT count(*) FROM audit_events").await, 2);
        assert_eq!(number(&database, "SELECT count(*) FROM audit_subjects").await, 0);
        assert_eq!(audit_events(&ada, "action: AUDIT_LOG_PRUNED").await.len(), 1);
        assert_whole(server).await;
        server.user("eve").await;
        assert_whole(server).await;
        assert_eq!(accounts.prune_audit_trail().await.unwrap(), 0);

        // Deleting the oldest events directly, with the head adjusted, leaves no `AUDIT_LOG_PRUNED` event.
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
async fn events_of_a_fast_clock_do_not_block_pruning() {
    each(async |server| {
        let (accounts, database) = (server.app.accounts(), connect(server).await);
        server.user("bob").await;
        accounts.clock.advance(TimeDelta::days(3_650));
        server.user("eve").await;
        accounts.clock.advance(TimeDelta::days(-3_650));
        server.user("mallory").await;
        accounts.clock.advance(TimeDelta::days(366));
        server.user("late").await;
        let before = number(&database, "SELECT count(*) FROM audit_events").await;
        let removed = accounts.prune_audit_trail().await.unwrap();
        assert_eq!(before - removed, 2, "the latest registration and sign-in stay");
        assert_whole(server).await;
        accounts.clock.advance(TimeDelta::days(3_650));
        assert!(accounts.prune_audit_trail().await.unwrap() > 0);
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn event_of_exactly_the_retention_age_is_kept() {
    each(async |server| {
        let accounts = server.app.accounts();
        server.user("bob").await;
        accounts.clock.advance(TimeDelta::days(1));
        server.user("eve").await;
        accounts.clock.advance(TimeDelta::days(365));
        assert_eq!(accounts.prune_audit_trail().await.unwrap(), 3, "the key rotation and two events of `bob`");
        let left = number(&connect(server).await, "SELECT count(*) FROM audit_events").await;
        assert_eq!(left, 3, "two events of `eve` and the pruning");
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn concurrent_pruning_removes_each_event_once() {
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
async fn unlimited_retention_prunes_nothing() {
    let forever = |config: &mut fieldguard::config::Config| config.audit.retention.0 = None;
    each_with(forever, async |server| {
        server.user("bob").await;
        server.app.accounts().clock.advance(TimeDelta::days(36_500));
        assert_eq!(server.app.accounts().prune_audit_trail().await.unwrap(), 0);
    })
    .await;
}

/// An attacker with full write access can write a whole new log. A hash that was noted elsewhere exposes it.
#[on_each_database]
async fn rewritten_log_does_not_match_a_noted_hash() {
    each(async |server| {
        server.user("bob").await;
        let store = &server.app.accounts().store;
        let Verdict::Whole { last, hash, .. } = verdict(server).await else { panic!("the audit log is not whole") };
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

/// The IP addresses in the events of this actor.
async fn addresses(ada: &Actor, actor: &Actor) -> Vec<Value> {
    let found = audit_events(ada, &format!("actorId: \"{}\"", actor.id)).await;
    found.iter().map(|event| event["ipAddress"].clone()).collect()
}

#[on_each_database]
async fn deleting_a_user_clears_their_addresses_and_the_log_stays_whole() {
    each(async |server| {
        let (ada, bob, eve) = (server.admin().await, server.user("bob").await, server.user("eve").await);
        assert_eq!(addresses(&ada, &bob).await, [json!("127.0.0.1"), json!("127.0.0.1")]);
        let delete_account =
            format!("mutation {{ deleteAccount(input: {{ password: \"{PASSWORD}\" }}) {{ userId }} }}");
        bob.gql(&delete_account).await.ok();
        assert_eq!(addresses(&ada, &bob).await, [Value::Null, Value::Null, Value::Null]);
        assert_eq!(addresses(&ada, &eve).await, [json!("127.0.0.1"), json!("127.0.0.1")]);
        assert_whole(server).await;

        let database = connect(server).await;
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
