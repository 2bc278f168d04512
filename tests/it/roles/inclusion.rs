//! Roles that include roles: what comes with them, and that they never run in circles.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{create, delete, holder, made, own_permissions, update};
use crate::{
    admin::{execute, set_roles},
    app::each,
};

#[on_each_database]
async fn brings_all_that_the_included_permit() {
    each(async |server| {
        let ada = server.admin().await;
        let desk = made(&ada, json!({ "name": "desk", "permissions": ["users:read"] })).await;
        let lead =
            made(&ada, json!({ "name": "lead", "permissions": ["users:write"], "includes": ["desk", "user"] })).await;
        let head = create(&ada, json!({ "name": "head", "includes": ["lead", "desk"] })).await.ok();
        let (role, both) = ("/data/createRole/role", json!([{ "name": "users:read" }, { "name": "users:write" }]));
        assert_eq!(head.at(&format!("{role}/permissions")), &both);
        assert_eq!(head.at(&format!("{role}/ownPermissions")), &json!([]));
        assert_eq!(head.at(&format!("{role}/includes")), &json!([{ "name": "desk" }, { "name": "lead" }]));
        let bob = holder(server, &ada, "bob", &["head"]).await;
        assert_eq!(own_permissions(&bob).await, json!(["users:read", "users:write"]));
        bob.gql("{ users { totalCount } }").await.ok();

        // A change far below is one of bob's rights.
        let answer = update(&ada, &desk, json!({ "permissions": ["audit:read"] })).await.ok();
        assert_eq!(answer.at("/data/updateRole/sessionsAffected"), 1);
        assert_eq!(own_permissions(&bob).await, json!(["audit:read", "users:write"]));
        assert_eq!(bob.gql("{ users { totalCount } }").await.codes(), ["FORBIDDEN"]);
        let answer = update(&ada, &lead, json!({ "includes": [] })).await.ok();
        assert_eq!(answer.at("/data/updateRole/sessionsAffected"), 1);
        assert_eq!(own_permissions(&bob).await, json!(["audit:read", "users:write"]), "by the other way");
        // A role that others include goes from them too.
        let answer = delete(&ada, &desk).await.ok();
        assert_eq!(answer.at("/data/deleteRole/sessionsAffected"), 1);
        assert_eq!(own_permissions(&bob).await, json!(["users:write"]));
        let roles = ada.gql("{ roles { name includes { name } } }").await.ok();
        assert_eq!(roles.at("/data/roles/1"), &json!({ "name": "head", "includes": [{ "name": "lead" }] }));
        assert_eq!(roles.at("/data/roles/2"), &json!({ "name": "lead", "includes": [] }));
    })
    .await;
}

#[on_each_database]
async fn never_runs_in_a_circle() {
    each(async |server| {
        let ada = server.admin().await;
        let a = made(&ada, json!({ "name": "a" })).await;
        made(&ada, json!({ "name": "b", "includes": ["a"] })).await;
        made(&ada, json!({ "name": "c", "includes": ["b"] })).await;
        for includes in [json!(["a"]), json!(["b"]), json!(["user", "c"])] {
            let answer = update(&ada, &a, json!({ "includes": includes })).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{includes}");
            assert_eq!(answer.at("/errors/0/extensions/field"), "includes");
        }
        update(&ada, &a, json!({ "includes": ["user"] })).await.ok();
    })
    .await;
}

#[on_each_database]
async fn a_circle_made_behind_its_back_ends() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "a", "permissions": ["users:read"] })).await;
        made(&ada, json!({ "name": "b", "permissions": ["roles:read"], "includes": ["a"] })).await;
        let of = |name: &str| format!("(SELECT id FROM roles WHERE name = '{name}')");
        execute(server, &format!("INSERT INTO role_includes (role_id, included_id) VALUES ({}, {})", of("a"), of("b")))
            .await;
        let bob = holder(server, &ada, "bob", &["a"]).await;
        assert_eq!(own_permissions(&bob).await, json!(["roles:read", "users:read"]));
        bob.gql("{ users { totalCount } roles { includes { includes { includes { name } } } } }").await.ok();
    })
    .await;
}

#[on_each_database]
async fn is_bounded_by_how_often_a_role_is_reached() {
    each(async |server| {
        let ada = server.admin().await;
        // Two of each floor include both of the floor below: 1, 3, 7, 15, 31, 63 parts, and 127 are too many.
        let mut below = Vec::new();
        let mut first = String::new();
        for floor in 0..6 {
            for side in ["l", "r"] {
                let id = made(&ada, json!({ "name": format!("{side}{floor}"), "includes": below })).await;
                if floor == 0 {
                    first = id;
                }
            }
            below = vec![format!("l{floor}"), format!("r{floor}")];
        }
        let refused = create(&ada, json!({ "name": "top", "includes": below })).await;
        assert_eq!(refused.codes(), ["BAD_USER_INPUT"]);
        assert_eq!(refused.at("/errors/0/extensions/field"), "includes");
        // Nor can a role below grow until one above is too large.
        let refused = update(&ada, &first, json!({ "includes": ["user"] })).await;
        assert_eq!(refused.codes(), ["ok"; 0], "63 + 16 parts are not too many");
        made(&ada, json!({ "name": "one" })).await;
        made(&ada, json!({ "name": "two" })).await;
        let refused = update(&ada, &first, json!({ "includes": ["user", "one", "two"] })).await;
        assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "63 + 48 are");
        set_roles(&ada, &ada.id, &["admin", "l5"]).await.ok();
    })
    .await;
}
