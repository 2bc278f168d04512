//! Sign-ins of accounts whose stored hash is outdated, damaged or too expensive.

use fieldguard::{
    accounts::Accounts,
    app::App,
    config::Config,
    domain::{permission, session::Client},
};
use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use serde_json::json;

use crate::{
    actor::{Answer, PASSWORD},
    app::{Server, each, settings},
    database::Database,
};

async fn login(server: &Server, name: &str, password: &str) -> Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    server.anonymous().gql_with(document, json!({ "input": { "username": name, "password": password } })).await
}

async fn execute(server: &Server, sql: &str) {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

async fn stored(server: &Server, name: &str) -> String {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    let sql = format!("SELECT password_hash FROM accounts WHERE username = '{name}'");
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let hash = connection.query_one_raw(statement).await.unwrap().unwrap().try_get("", "password_hash").unwrap();
    connection.close().await.unwrap();
    hash
}

/// Waits until another attempt is allowed. Sessions do not expire in this time.
fn wait_out_failures(server: &Server) {
    server.app.accounts().clock.advance(chrono::TimeDelta::seconds(20));
}

#[on_each_database]
async fn damaged_or_expensive_hash_fails_only_password_checks() {
    each(async |server| {
        let bob = server.user("bob").await;
        let wrong = login(server, "nobody", PASSWORD).await;
        let tail = "$BwcHBwcHBwcHBwcHBwcHBw$CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";
        let mut rows = vec![
            "''".to_owned(),
            "'$argon2id$v=19$m=8'".to_owned(),
            format!("'$argon2id$v=19$m=4194304,t=2,p=1{tail}'"),
            format!("'$argon2id$v=19$m=8,t=1000000000,p=1{tail}'"),
            format!("'$argon2id$v=19$m=8,t=1,p=16777215{tail}'"),
            format!("'$scrypt$ln=16,r=8,p=1{tail}'"),
            format!("'{}'", "$".repeat(100_000)),
        ];
        if server.database.url.starts_with("sqlite") {
            rows.extend(["X'FFFE00'".to_owned(), "CAST(X'FFFE' AS TEXT)".to_owned()]);
        }
        for row in rows {
            execute(server, &format!("UPDATE accounts SET password_hash = {row} WHERE username = 'bob'")).await;
            wait_out_failures(server);
            let refused = login(server, "bob", PASSWORD).await;
            assert_eq!((refused.status, &refused.text), (wrong.status, &wrong.text), "{row:.60}");
            assert_eq!(bob.gql("{ me { id } }").await.ok().at("/data/me/id"), &json!(bob.id), "{row:.60}");
            wait_out_failures(server);
            let document =
                format!("mutation {{ reauthenticate(input: {{ password: \"{PASSWORD}\" }}) {{ effectiveAt }} }}");
            assert_eq!(bob.gql(&document).await.codes(), ["INVALID_CREDENTIALS"], "{row:.60}");
        }
    })
    .await;
}

#[tokio::test]
async fn outdated_hash_is_renewed_by_a_successful_sign_in_only() {
    let database = Database::sqlite();
    let mut config = settings();
    let server = Server::on(database, config.clone()).await;
    let admin = server.admin().await;
    let carol = server.user("carol").await;
    server.user("bob").await;
    admin
        .gql(&format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", carol.id))
        .await
        .ok();
    let (bob_before, carol_before) = (stored(&server, "bob").await, stored(&server, "carol").await);

    // The same database with higher hash parameters.
    config.hash.iterations = 2;
    config.database_url = Some(server.database.url.parse().unwrap());
    let raised = reopen(&server, config).await;
    for (name, password) in [("bob", "a wrong password indeed"), ("carol", PASSWORD)] {
        let answer = raised.login(name, password.to_owned(), Client::default()).await;
        assert!(answer.is_err(), "{name}");
    }
    assert_eq!((stored(&server, "bob").await, stored(&server, "carol").await), (bob_before, carol_before.clone()));
    wait_out_failures(&server);
    let client = Client::default();
    assert!(raised.login("bob", PASSWORD.to_owned(), client).await.is_ok());
    assert!(stored(&server, "bob").await.contains("$m=8,t=2,p=1$"));
    assert_eq!(stored(&server, "carol").await, carol_before);
    login(&server, "bob", PASSWORD).await.ok();
}

/// Opens the database of `server` with another configuration.
async fn reopen(server: &Server, mut config: Config) -> Accounts {
    config.data_dir = server.database.directory.path().join("data");
    let clock = server.app.accounts().clock.clone();
    let app = App::open(config, permission::builtin(), clock).await;
    app.unwrap().accounts().clone()
}
