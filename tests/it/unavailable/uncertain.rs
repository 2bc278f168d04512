//! Mutations whose outcome the server does not know.

use fieldguard::{domain::overview::DatabaseType, store::Error};
use fieldguard_test_macros::{needs, on_each_database};
use sea_orm::ConnectionTrait;

use super::{assert_field_unavailable, assert_request_unavailable, connect};
use crate::{
    actor::Answer,
    app::{Server, each, settings},
    database::Database,
};

/// A trigger that closes its own connection during the COMMIT of an update of a user.
const CLOSE_ON_COMMIT: &str = "
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
async fn connection_lost_during_commit_reports_an_unknown_outcome() {
    let Some(database) = Database::current_postgres().await else { return };
    let server = Server::on(database, settings()).await;
    let (ada, bob) = (server.admin().await, server.user("bob").await);
    let database = connect(&server).await;
    database.execute_unprepared(CLOSE_ON_COMMIT).await.unwrap();
    let disable = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", bob.id);
    let answer = ada.gql(&disable).await;
    assert_field_unavailable(&answer, "disableUser");
    assert_uncertain(&answer);
    database.execute_unprepared("DROP TRIGGER vanish ON accounts").await.unwrap();
    ada.gql(&disable).await.ok();
}

#[needs("FIELDGUARD_TEST_POSTGRES_URL")]
#[tokio::test]
async fn commit_without_an_answer_is_uncertain() {
    let Some(database) = Database::current_postgres().await else { return };
    let server = Server::on(database, settings()).await;
    let database = connect(&server).await;
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let tx = server.app.accounts().store.write().await.unwrap();
    database.execute_unprepared(terminate).await.unwrap();
    let lost = tx.commit().await.unwrap_err();
    assert!(matches!(lost, Error::Uncertain(_)), "{lost:?}");
}

/// Makes the insertion of `personal-data-read` audit events fail. The server writes them after the mutation and before
/// its answer.
async fn fail_read_events(server: &Server) {
    let database = connect(server).await;
    let statements: &[&str] = match server.app.accounts().store.kind() {
        DatabaseType::Sqlite => {
            &["CREATE TRIGGER refuse BEFORE INSERT ON audit_events WHEN NEW.action = 'personal-data-read'
              BEGIN SELECT RAISE(ABORT, 'no'); END"]
        }
        DatabaseType::Postgres => &[
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
async fn mutation_whose_answer_cannot_be_audited_reports_an_unknown_outcome() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        fail_read_events(server).await;
        let read = ada.gql(&format!("{{ user(id: \"{}\") {{ email }} }}", bob.id)).await;
        assert_request_unavailable(&read);
        assert!(read.at("/errors/0/extensions/outcome").is_null(), "a query changes nothing: {read:#?}");

        let disable = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ email }} }} }}", bob.id);
        let answer = ada.gql(&disable).await;
        assert_request_unavailable(&answer);
        assert_uncertain(&answer);
        assert_eq!(bob.gql("{ me { id } }").await.status.as_u16(), 401, "the mutation took effect");
    })
    .await;
}
