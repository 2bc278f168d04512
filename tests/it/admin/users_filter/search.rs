//! `users(filter: { search })`: finds a part of the name or email address. The search index keeps nothing of deleted
//! users.

use fieldguard::config::Config;
use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, Database as Connection, DbBackend, Statement};
use serde_json::json;

use super::{ask, create_users, names};
use crate::{
    actor::{Actor, PASSWORD},
    admin::desk::change,
    app::{Server, each, each_with},
};

async fn search(actor: &Actor, text: &str) -> Vec<String> {
    let answer = ask(actor, json!({ "filter": { "search": text } })).await.ok();
    let mut found: Vec<_> = names(&answer).into_iter().map(str::to_owned).collect();
    found.sort();
    assert_eq!(answer.at("/data/users/totalCount"), found.len(), "{text}");
    found
}

#[on_each_database]
async fn search_finds_any_part_of_the_name_or_the_email_address() {
    each(async |server| {
        let ada = create_users(server).await;
        for (text, expected) in [
            ("ada", &["ada"][..]),
            ("BOB", &["Bob", "bobby_1"]),
            ("ｏｂｂｙ", &["bobby_1"]),
            ("bby_", &["bobby_1"]),
            ("example.org", &["Bob", "bobby_1"]),
            ("B.LEE@ex", &["Bob"]),
            ("zoe@BÜCHER.example", &["zoe"]),
            ("e\u{301}mi", &["Émile"]),
            ("emi", &[]),
            ("bobbob", &[]),
            ("orgbob", &[]),
            ("1bobby", &[]),
            (" dle ", &["idle"]),
            ("", &["Bob", "ada", "bobby_1", "idle", "zoe", "Émile"]),
            ("  ", &["Bob", "ada", "bobby_1", "idle", "zoe", "Émile"]),
        ] {
            assert_eq!(search(&ada, text).await, expected, "{text}");
        }
        let both = json!({ "search": "bob", "state": "DISABLED" });
        assert_eq!(names(&ask(&ada, json!({ "filter": both })).await.ok()), ["bobby_1"]);
        for field in ["CREATED_AT", "USERNAME", "LAST_SIGN_IN_AT"] {
            let arguments = json!({ "filter": { "search": "bob" }, "orderBy": { "field": field }, "first": 1 });
            let first = ask(&ada, arguments).await.ok();
            let cursor = first.at("/data/users/pageInfo/endCursor");
            let arguments = json!({ "filter": { "search": "BOB" }, "orderBy": { "field": field }, "after": cursor });
            let second = ask(&ada, arguments).await.ok();
            let mut found = [names(&first), names(&second)].concat();
            found.sort_unstable();
            assert_eq!(found, ["Bob", "bobby_1"], "{field}");
        }
    })
    .await;
}

#[on_each_database]
async fn search_for_fewer_than_three_characters_is_refused() {
    each(async |server| {
        let ada = create_users(server).await;
        for text in ["a", " ad ", "é", "😀😀", "..", "\""] {
            let answer = ask(&ada, json!({ "filter": { "search": text } })).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{text}");
            assert_eq!(answer.at("/errors/0/extensions/field"), "filter.search", "{text}");
        }
    })
    .await;
}

#[on_each_database]
async fn search_treats_special_characters_as_text() {
    let large = |config: &mut Config| config.limits.documents.body_bytes = 3_000_000;
    each_with(large, async |server| {
        let ada = create_users(server).await;
        for text in [
            "%%%",
            "___",
            "b%b",
            "b_b",
            "\\\\\\",
            "\"\"\"",
            "\"bob\"",
            "bob\" OR \"ada",
            "bob OR ada",
            "bob*",
            "^bob",
            "username:bob",
            "{username email}: bob",
            "NEAR(bob ada)",
            "-bob",
            "'''",
            "'; DROP TABLE accounts; --",
            "bob\0",
            "\0\0\0",
            "$1$1",
            "\u{10ffff}\u{10ffff}\u{10ffff}",
            "b\u{202e}ob",
            &"b".repeat(1_000_000),
            &"\u{fdfa}".repeat(85),
        ] {
            assert_eq!(search(&ada, text).await, Vec::<String>::new(), "{text:.30}");
        }
        assert_eq!(search(&ada, "bob").await, ["Bob", "bobby_1"]);
    })
    .await;
}

#[on_each_database]
async fn search_follows_changes_of_a_user_immediately() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let set = async |input: &str| {
            bob.gql(&format!("mutation {{ updateProfile(input: {{ {input} }}) {{ user {{ id }} }} }}")).await.ok();
        };
        set("email: \"first@example.org\"").await;
        assert_eq!(search(&ada, "first@").await, ["bob"]);
        set("email: \"second@example.org\"").await;
        assert_eq!((search(&ada, "first").await, search(&ada, "second").await), (vec![], vec!["bob".to_owned()]));
        set("username: \"robert\"").await;
        assert_eq!((search(&ada, "bob").await, search(&ada, "ober").await), (vec![], vec!["robert".to_owned()]));
        set("email: null").await;
        assert_eq!(search(&ada, "second").await, Vec::<String>::new());
        let delete = format!("mutation {{ deleteAccount(input: {{ password: \"{PASSWORD}\" }}) {{ userId }} }}");
        server.anonymous().login("robert").await.gql(&delete).await.ok();
        assert_eq!(search(&ada, "ober").await, Vec::<String>::new());
    })
    .await;
}

#[on_each_database]
async fn search_is_recorded_as_a_read_of_email_addresses() {
    each(async |server| {
        let ada = create_users(server).await;
        search(&ada, "lee@ex").await;
        let bob = server.anonymous().login("bob").await;
        let document = "{ me { accessedBy(first: 1) { edges { node { coordinates } } } } }";
        let answer = bob.gql(document).await.ok();
        assert_eq!(answer.at("/data/me/accessedBy/edges/0/node/coordinates"), &json!(["User.email"]));
    })
    .await;
}

/// The trigrams in the search index of SQLite.
async fn terms(server: &Server) -> Vec<String> {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    let sql = "CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, account_search, row)";
    let mut found = Vec::new();
    if connection.execute_unprepared(sql).await.is_ok() {
        let statement = Statement::from_string(DbBackend::Sqlite, "SELECT term FROM temp.terms");
        let rows = connection.query_all_raw(statement).await.unwrap();
        found = rows.iter().map(|row| row.try_get("", "term").unwrap()).collect();
    }
    connection.close().await.unwrap();
    found
}

#[tokio::test]
async fn search_index_keeps_nothing_of_a_deleted_user() {
    let server = Server::start().await;
    let (ada, bob) = (server.admin().await, server.user("quixotry").await);
    let email = "mutation { updateProfile(input: { email: \"jumbled@phlox.example\" }) { user { id } } }";
    bob.gql(email).await.ok();
    let before = terms(&server).await;
    assert!(["quix", "xotry", "jumb", "phlo"].iter().all(|term| before.contains(&term[..3].to_owned())), "{before:?}");
    change(&ada, &format!("deleteUser(input: {{ userId: \"{}\" }})", bob.id)).await.ok();
    server.app.accounts().clock.advance(chrono::TimeDelta::days(30));
    assert_eq!(server.app.accounts().purge_deleted().await.unwrap(), 1);
    assert_eq!(terms(&server).await, ["ada"]);
}
