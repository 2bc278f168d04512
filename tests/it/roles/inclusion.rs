//! Roles that include other roles: the permissions they inherit, and the limits on cycles and size.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{create, delete, holder, made, own_permissions, update};
use crate::{
    admin::{execute, set_roles},
    app::each,
};

#[on_each_database]
async fn role_has_every_permission_of_the_roles_it_includes() {
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

        // An update of an indirectly included role changes bob's permissions.
        let answer = update(&ada, &desk, json!({ "permissions": ["audit:read"] })).await.ok();
        assert_eq!(answer.at("/data/updateRole/sessionsAffected"), 1);
        assert_eq!(own_permissions(&bob).await, json!(["audit:read", "users:write"]));
        assert_eq!(bob.gql("{ users { totalCount } }").await.codes(), ["FORBIDDEN"]);
        let answer = update(&ada, &lead, json!({ "includes": [] })).await.ok();
        assert_eq!(answer.at("/data/updateRole/sessionsAffected"), 1);
        assert_eq!(
            own_permissions(&bob).await,
            json!(["audit:read", "users:write"]),
            "`head` also includes `desk` directly"
        );
        // Deleting a role removes it from the roles that include it.
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
async fn inclusion_cycles_are_rejected() {
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
async fn inclusion_cycle_written_to_the_database_terminates() {
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
async fn number_of_included_roles_is_limited() {
    each(async |server| {
        let ada = server.admin().await;
        // Each of the two roles of a level includes both roles of the level below: 1, 3, 7, 15, 31, 63 parts. 127 parts
        // exceed the limit.
        let mut below = Vec::new();
        let mut first = String::new();
        for level in 0..6 {
            for side in ["l", "r"] {
                let id = made(&ada, json!({ "name": format!("{side}{level}"), "includes": below })).await;
                if level == 0 {
                    first = id;
                }
            }
            below = vec![format!("l{level}"), format!("r{level}")];
        }
        let refused = create(&ada, json!({ "name": "top", "includes": below })).await;
        assert_eq!(refused.codes(), ["BAD_USER_INPUT"]);
        assert_eq!(refused.at("/errors/0/extensions/field"), "includes");
        // An included role can't grow beyond the limit of a role that includes it.
        let refused = update(&ada, &first, json!({ "includes": ["user"] })).await;
        assert_eq!(refused.codes(), ["ok"; 0], "63 + 16 parts are within the limit");
        made(&ada, json!({ "name": "one" })).await;
        made(&ada, json!({ "name": "two" })).await;
        let refused = update(&ada, &first, json!({ "includes": ["user", "one", "two"] })).await;
        assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "63 + 48 parts exceed the limit");
        set_roles(&ada, &ada.id, &["admin", "l5"]).await.ok();
    })
    .await;
}
