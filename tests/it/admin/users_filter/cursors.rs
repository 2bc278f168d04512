//! Which lists a cursor of a filtered and ordered list works for.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{ask, create_users, names};
use crate::{actor::PASSWORD, app::each};

fn listings() -> Vec<Value> {
    let order = |field: &str, direction: &str| json!({ "field": field, "direction": direction });
    vec![
        json!({}),
        json!({ "filter": { "state": "ACTIVE" } }),
        json!({ "filter": { "usernamePrefix": "" , "state": "ACTIVE", "role": "user" } }),
        json!({ "orderBy": order("CREATED_AT", "ASC") }),
        json!({ "orderBy": order("CREATED_AT", "DESC") }),
        json!({ "orderBy": order("USERNAME", "ASC") }),
        json!({ "orderBy": order("LAST_SIGN_IN_AT", "ASC") }),
        json!({ "orderBy": order("USERNAME", "ASC"), "filter": { "state": "ACTIVE" } }),
    ]
}

fn with(listing: &Value, more: &Value) -> Value {
    let mut arguments = listing.clone();
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    arguments
}

#[on_each_database]
async fn cursor_works_only_for_its_order_and_filter() {
    each(async |server| {
        let ada = create_users(server).await;
        for one in listings() {
            let first = ask(&ada, with(&one, &json!({ "first": 1 }))).await.ok();
            let cursor = first.at("/data/users/pageInfo/endCursor").clone();
            for other in listings() {
                for (size, position) in [("first", "after"), ("last", "before")] {
                    let answer = ask(&ada, with(&other, &json!({ size: 2, position: cursor }))).await;
                    if one == other {
                        answer.ok();
                        continue;
                    }
                    assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{one} {other}");
                    assert_eq!(answer.at("/errors/0/extensions/field"), position, "{one} {other}");
                }
            }
        }
        // Normalized equal filters are the same filter.
        let one = ask(&ada, json!({ "first": 1, "filter": { "usernamePrefix": "BOB", "state": null } })).await.ok();
        let cursor = one.at("/data/users/pageInfo/endCursor");
        let next = ask(&ada, json!({ "after": cursor, "filter": { "usernamePrefix": " bob" } })).await.ok();
        assert_eq!(names(&next), ["bobby_1"]);
    })
    .await;
}

#[on_each_database]
async fn cursors_have_one_length_and_outlive_their_user() {
    each(async |server| {
        let ada = create_users(server).await;
        let short = server.user("o-o").await;
        let long = server.user(&"o".repeat(40)).await;
        for listing in listings() {
            let answer = ask(&ada, listing.clone()).await.ok();
            let edges = answer.at("/data/users/edges").as_array().unwrap();
            let lengths: Vec<_> = edges.iter().map(|edge| edge["cursor"].as_str().unwrap().len()).collect();
            assert!(lengths.iter().all(|length| *length == lengths[0]), "{listing}: {lengths:?}");
        }
        let listing = json!({ "orderBy": { "field": "USERNAME" } });
        let all = ask(&ada, listing.clone()).await.ok();
        let at = names(&all).iter().position(|name| *name == "o-o").unwrap();
        let cursor = all.at(&format!("/data/users/edges/{at}/cursor"));
        let document = "mutation ($password: String!) { deleteAccount(input: { password: $password }) { userId } }";
        short.gql_with(document, json!({ "password": PASSWORD })).await.ok();
        let next = ask(&ada, with(&listing, &json!({ "first": 1, "after": cursor }))).await.ok();
        assert_eq!(names(&next), [&"o".repeat(40)]);
        let before = ask(&ada, with(&listing, &json!({ "last": 1, "before": cursor }))).await.ok();
        assert_eq!(names(&before), ["idle"]);
        assert!(!long.id.is_empty());
    })
    .await;
}
