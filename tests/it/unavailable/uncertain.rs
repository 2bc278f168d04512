//! A change of which the service cannot tell whether it was made.

use fieldguard::{domain::overview::DatabaseKind, store::Error};
use fieldguard_test_macros::{needs, on_each_database};
use sea_orm::ConnectionTrait;

use super::{assert_field_unavailable, assert_request_unavailable, connect};
use crate::{
    actor::Answer,
    app::{Server, each, settings},
    database::Database,
};

/// Ends its own connection within the COMMIT of a change of an account.
const VANISH: &str = "
    CREATE FUNCTION vanish() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER vanish AFTER UPDATE ON accounts DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION vanish()";

#[track_caller]
fn assert_uncertain(answer: &Answer) {
    assert_eq!(answer.at("/errors/0/message"), "The change may have been made. Read before you retry.");
    assert_eq!(answer.at("/errors/0/extensions/outcome"), "UNKNOWN");
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn a_commit_that_loses_its_connection_says_that_the_change_may_have_been_made() {
    let Some(database) = Database::current_postgres().await else { return };
    let server = Server::on(database, settings()).await;
    let (ada, bob) = (server.admin().await, server.user("bob").await);
    let database = connect(&server).await;
    database.execute_unprepared(VANISH).await.unwrap();
    let disable = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", bob.id);
    let answer = ada.gql(&disable).await;
    assert_field_unavailable(&answer, "disableUser");
    assert_uncertain(&answer);
    database.execute_unprepared("DROP TRIGGER vanish ON accounts").await.unwrap();
    ada.gql(&disable).await.ok();
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn a_store_tells_a_commit_without_an_answer_from_a_refused_one() {
    let Some(database) = Database::current_postgres().await else { return };
    let server = Server::on(database, settings()).await;
    let database = connect(&server).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let tx = server.app.accounts().store.write().await.unwrap();
    database.execute_unprepared(end).await.unwrap();
    let lost = tx.commit().await.unwrap_err();
    assert!(matches!(lost, Error::Uncertain(_)), "{lost:?}");
}

/// Refuses the rows that say who read personal data, which are written after the change and before its answer.
async fn refuse_reads(server: &Server) {
    let database = connect(server).await;
    let statements: &[&str] = match server.app.accounts().store.kind() {
        DatabaseKind::Sqlite => {
            &["CREATE TRIGGER refuse BEFORE INSERT ON audit_events WHEN NEW.action = 'personal-data-read'
              BEGIN SELECT RAISE(ABORT, 'no'); END"]
        }
        DatabaseKind::Postgres => &[
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$no$$; END'",
            "CREATE TRIGGER refuse BEFORE INSERT ON audit_events FOR EACH ROW
              WHEN (NEW.action = 'personal-data-read') EXECUTE FUNCTION refuse()",
        ],
    };
    for statement in statements {
        database.execute_unprepared(statement).await.unwrap();
    }
}

#[on_each_database]
async fn a_withheld_answer_of_a_mutation_says_that_the_change_may_have_been_made() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        refuse_reads(server).await;
        let read = ada.gql(&format!("{{ user(id: \"{}\") {{ email }} }}", bob.id)).await;
        assert_request_unavailable(&read);
        assert!(read.at("/errors/0/extensions/outcome").is_null(), "a query changes nothing: {read:#?}");

        let disable = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ email }} }} }}", bob.id);
        let answer = ada.gql(&disable).await;
        assert_request_unavailable(&answer);
        assert_uncertain(&answer);
        assert_eq!(bob.gql("{ me { id } }").await.status.as_u16(), 401, "it was made");
    })
    .await;
}
