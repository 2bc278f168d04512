//! `users` and `user`: reading users in pages, or by id.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::execute;
use crate::{
    actor::{Actor, Answer},
    app::{Server, each},
};

const USERS: &str = "query ($first: Int, $after: String, $last: Int, $before: String) {
    users(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { id username } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}";

async fn page(actor: &Actor, arguments: Value) -> Answer {
    actor.gql_with(USERS, arguments).await
}

fn names(answer: &Answer) -> Vec<String> {
    let edges = answer.at("/data/users/edges").as_array().unwrap();
    edges.iter().map(|edge| edge["node"]["username"].as_str().unwrap().to_owned()).collect()
}

fn cursors(answer: &Answer) -> Vec<String> {
    let edges = answer.at("/data/users/edges").as_array().unwrap();
    edges.iter().map(|edge| edge["cursor"].as_str().unwrap().to_owned()).collect()
}

/// `hasNextPage` and `hasPreviousPage`.
fn neighbors(answer: &Answer) -> (bool, bool) {
    let at = |name: &str| answer.at(&format!("/data/users/pageInfo/{name}")).as_bool().unwrap();
    (at("hasNextPage"), at("hasPreviousPage"))
}

/// Creates `count` users `u000`, `u001`… and after them an administrator.
async fn with_users(server: &Server, count: usize) -> Actor {
    let row = |n: usize| {
        let id = format!("01890000-0000-7000-8000-{n:012}");
        let id = if server.database.url.starts_with("sqlite") {
            format!("X'{}'", id.replace('-', ""))
        } else {
            format!("'{id}'")
        };
        format!("({id}, 'u{n:03}', 'u{n:03}', 'x', {n}, {n})")
    };
    let rows: Vec<_> = (0..count).map(row).collect();
    let columns = "id, username, username_key, password_hash, created_at, updated_at";
    execute(server, &format!("INSERT INTO accounts ({columns}) VALUES {}", rows.join(","))).await;
    server.admin().await
}

#[on_each_database]
async fn users_are_paged_from_either_end() {
    each(async |server| {
        let ada = with_users(server, 4).await;
        let all = page(&ada, json!({})).await.ok();
        assert_eq!(names(&all), ["u000", "u001", "u002", "u003", "ada"]);
        assert_eq!(neighbors(&all), (false, false));
        let c = cursors(&all);
        assert_eq!(all.at("/data/users/pageInfo/startCursor"), &json!(c[0]));
        assert_eq!(all.at("/data/users/pageInfo/endCursor"), &json!(c[4]));
        for (arguments, expected, next, previous) in [
            (json!({ "first": 2 }), &["u000", "u001"][..], true, false),
            (json!({ "first": 2, "after": c[1] }), &["u002", "u003"], true, true),
            (json!({ "first": 2, "after": c[2] }), &["u003", "ada"], false, true),
            (json!({ "first": 5 }), &["u000", "u001", "u002", "u003", "ada"], false, false),
            (json!({ "last": 2 }), &["u003", "ada"], false, true),
            (json!({ "last": 2, "before": c[3] }), &["u001", "u002"], true, true),
            (json!({ "last": 2, "before": c[2] }), &["u000", "u001"], true, false),
            (json!({ "first": 9, "after": c[0], "before": c[4] }), &["u001", "u002", "u003"], true, true),
            (json!({ "last": 1, "after": c[0], "before": c[4] }), &["u003"], true, true),
            (json!({ "first": 2, "after": c[4] }), &[], false, true),
            (json!({ "last": 2, "before": c[0] }), &[], true, false),
            (json!({ "first": 2, "after": c[3], "before": c[1] }), &[], true, true),
        ] {
            let answer = page(&ada, arguments.clone()).await.ok();
            assert_eq!(
                (names(&answer), neighbors(&answer)),
                (expected.iter().map(|name| (*name).to_owned()).collect(), (next, previous)),
                "{arguments}"
            );
        }
        let total = ada.gql("{ users(first: 1) { totalCount } }").await.ok();
        assert_eq!(total.at("/data/users/totalCount"), 5);
    })
    .await;
}

#[on_each_database]
async fn page_size_is_limited() {
    each(async |server| {
        let ada = with_users(server, 120).await;
        for (arguments, size) in [
            (json!({}), 20),
            (json!({ "first": 0 }), 0),
            (json!({ "last": 0 }), 0),
            (json!({ "first": 1 }), 1),
            (json!({ "first": 100 }), 100),
            (json!({ "last": 100 }), 100),
            (json!({ "first": null, "last": null }), 20),
        ] {
            let answer = page(&ada, arguments.clone()).await.ok();
            assert_eq!(names(&answer).len(), size, "{arguments}");
        }
        for (arguments, field) in [
            (json!({ "first": 101 }), "first"),
            (json!({ "first": -1 }), "first"),
            (json!({ "first": 2_147_483_647 }), "first"),
            (json!({ "first": -2_147_483_648_i64 }), "first"),
            (json!({ "first": 2_147_483_648_u64 }), "first"),
            (json!({ "first": 1.5 }), "first"),
            (json!({ "first": "1" }), "first"),
            (json!({ "last": 101 }), "last"),
            (json!({ "last": -1 }), "last"),
            (json!({ "first": 1, "last": 1 }), "last"),
            (json!({ "first": 0, "last": 0 }), "last"),
            (json!({ "after": 1 }), "after"),
            (json!({ "before": "nonsense" }), "before"),
        ] {
            let answer = page(&ada, arguments.clone()).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{arguments}");
            assert_eq!(answer.at("/errors/0/extensions/field"), field, "{arguments}");
        }
    })
    .await;
}

#[on_each_database]
async fn paging_in_either_direction_returns_each_user_once() {
    each(async |server| {
        let ada = with_users(server, 249).await;
        let mut expected: Vec<_> = (0..249).map(|n| format!("u{n:03}")).collect();
        expected.push("ada".to_owned());
        let (mut forward, mut after) = (Vec::new(), Value::Null);
        loop {
            let answer = page(&ada, json!({ "first": 17, "after": after })).await.ok();
            assert_eq!(neighbors(&answer).1, !forward.is_empty(), "every page but the first has a previous page");
            forward.extend(names(&answer));
            after = answer.at("/data/users/pageInfo/endCursor").clone();
            if !neighbors(&answer).0 {
                break;
            }
            assert!(forward.len() < 250);
        }
        assert_eq!(forward, expected);
        let (mut backward, mut before) = (Vec::new(), Value::Null);
        loop {
            let answer = page(&ada, json!({ "last": 17, "before": before })).await.ok();
            assert_eq!(neighbors(&answer).0, !backward.is_empty(), "every page but the last has a next page");
            backward.splice(0..0, names(&answer));
            before = answer.at("/data/users/pageInfo/startCursor").clone();
            if !neighbors(&answer).1 {
                break;
            }
            assert!(backward.len() < 250);
        }
        assert_eq!(backward, expected);
    })
    .await;
}

#[on_each_database]
async fn cursors_are_opaque_and_cannot_be_forged() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    let other = Server::start().await;
    let foreign = cursors(&page(&with_users(&other, 3).await, json!({})).await.ok()).swap_remove(1);
    each(async |server| {
        let ada = with_users(server, 3).await;
        let all = page(&ada, json!({})).await.ok();
        for (cursor, edge) in cursors(&all).iter().zip(all.at("/data/users/edges").as_array().unwrap()) {
            let id = edge["node"]["id"].as_str().unwrap().replace('-', "");
            let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
            let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
            assert!(!hex.contains(&id[..12]) && !hex.contains(&id[20..]), "the id is in the cursor");
            assert!(!cursor.contains(edge["node"]["username"].as_str().unwrap()));
        }
        let own = cursors(&all).swap_remove(1);
        let plain = all.at("/data/users/edges/1/node/id").as_str().unwrap().to_owned();
        let flipped = |at: usize| {
            let other = if own.as_bytes()[at] == b'A' { "B" } else { "A" };
            format!("{}{other}{}", &own[..at], &own[at + 1..])
        };
        let forged = [
            foreign.clone(),
            plain.clone(),
            URL_SAFE_NO_PAD.encode(&plain),
            flipped(0),
            flipped(20),
            flipped(40),
            own[1..].to_owned(),
            format!("{own}="),
            format!(" {own}"),
            String::new(),
            "\u{0}".to_owned(),
            "9".repeat(10_000),
        ];
        for cursor in forged {
            for (size, position) in [("first", "after"), ("last", "before")] {
                let answer = page(&ada, json!({ size: 1, position: cursor })).await;
                assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{cursor:.60}");
                assert_eq!(answer.at("/errors/0/extensions/field"), position, "{cursor:.60}");
                assert_eq!(answer.at("/data"), &json!({ "users": null }), "{cursor:.60}");
            }
        }
    })
    .await;
}

#[on_each_database]
async fn user_is_found_by_id_only() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let document = "query ($id: ID!) { user(id: $id) { username state } }";
        let found = ada.gql_with(document, json!({ "id": bob.id })).await.ok();
        assert_eq!(found.at("/data/user"), &json!({ "username": "bob", "state": "ACTIVE" }));
        let braced = format!("{{{}}}", bob.id);
        for id in [
            json!("01890000-0000-7000-8000-000000000000"),
            json!(""),
            json!("bob"),
            json!(1),
            json!("' OR 1=1 --"),
            json!("\u{0}"),
            json!(bob.id.to_uppercase()),
            json!(braced),
            json!("9".repeat(10_000)),
        ] {
            let answer = ada.gql_with(document, json!({ "id": id })).await.ok();
            assert_eq!(answer.at("/data"), &json!({ "user": null }), "{id:.60}");
        }
        for document in ["{ users { edges { node { id } } } }", "{ user(id: 1) { id } }"] {
            assert_eq!(bob.gql(document).await.codes(), ["FORBIDDEN"]);
            assert_eq!(server.anonymous().gql(document).await.codes(), ["UNAUTHENTICATED"]);
        }
    })
    .await;
}
