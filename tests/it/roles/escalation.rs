//! Nobody comes by more than he holds, whatever he does with roles.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{create, delete, everything, holder, made, own_permissions, update};
use crate::{
    actor::Actor,
    admin::{execute, set_roles},
    app::{Server, each},
};

/// Mel, who shapes and gives roles and reads accounts, and may not change accounts; and roles about her: `boss` may do more
/// than she, and includes `small`, which she could have made herself; `safe`, and so `safer`, protects.
async fn stage(server: &Server) -> (Actor, Actor) {
    let ada = server.admin().await;
    let own = ["roles:write", "roles:assign", "roles:read", "users:read"];
    made(&ada, json!({ "name": "shaper", "permissions": own })).await;
    made(&ada, json!({ "name": "small", "permissions": ["users:read"] })).await;
    made(&ada, json!({ "name": "boss", "permissions": ["users:write"], "includes": ["small"] })).await;
    made(&ada, json!({ "name": "over-boss", "includes": ["boss"] })).await;
    made(&ada, json!({ "name": "safe", "permissions": ["users:read"], "isProtected": true })).await;
    made(&ada, json!({ "name": "safer", "includes": ["safe"] })).await;
    let mel = holder(server, &ada, "mel", &["user", "shaper"]).await;
    (ada, mel)
}

#[on_each_database]
async fn by_making_a_role_is_refused() {
    each(async |server| {
        let (ada, mel) = stage(server).await;
        let before = everything(&ada).await;
        for input in [
            json!({ "name": "x", "permissions": ["users:write"] }),
            json!({ "name": "x", "permissions": ["users:read", "audit:read"] }),
            json!({ "name": "x", "includes": ["boss"] }),
            json!({ "name": "x", "includes": ["small", "over-boss"] }),
            json!({ "name": "x", "isProtected": true }),
            json!({ "name": "x", "includes": ["safe"] }),
            json!({ "name": "x", "includes": ["safer"] }),
        ] {
            assert_eq!(create(&mel, input.clone()).await.codes(), ["FORBIDDEN"], "{input}");
        }
        assert_eq!(create(&mel, json!({ "name": "x", "includes": ["admin"] })).await.codes(), ["BAD_USER_INPUT"]);
        assert_eq!(create(&mel, json!({ "name": "admin" })).await.codes(), ["FORBIDDEN"]);
        assert_eq!(everything(&ada).await, before);
        create(&mel, json!({ "name": "x", "permissions": ["users:read"], "includes": ["small", "shaper"] })).await.ok();
    })
    .await;
}

#[on_each_database]
async fn by_changing_a_role_is_refused() {
    each(async |server| {
        let (ada, mel) = stage(server).await;
        let before = everything(&ada).await;
        for (role, change) in [
            ("shaper", json!({ "permissions": ["roles:write", "users:write"] })),
            ("shaper", json!({ "includes": ["boss"] })),
            ("shaper", json!({ "includes": ["over-boss"] })),
            ("shaper", json!({ "isProtected": true })),
            ("shaper", json!({ "includes": ["safe"] })),
            ("user", json!({ "permissions": ["users:write"] })),
            ("user", json!({ "includes": ["boss"] })),
            // What permits more than she may is not hers to change, be it for less.
            ("boss", json!({ "permissions": [] })),
            ("boss", json!({ "description": "Mine." })),
            ("boss", json!({ "name": "bossy" })),
            ("over-boss", json!({ "includes": ["shaper"] })),
            // And with this one, what includes it would change.
            ("small", json!({ "permissions": ["users:read", "roles:read"] })),
            ("small", json!({ "permissions": [] })),
            ("small", json!({ "name": "smaller" })),
            // These decide who is protected.
            ("safe", json!({ "isProtected": false })),
            ("safe", json!({ "description": "Mine." })),
            ("safe", json!({ "permissions": [] })),
            ("safer", json!({ "includes": [] })),
        ] {
            let id = role;
            assert_eq!(update(&mel, &id, change.clone()).await.codes(), ["FORBIDDEN"], "{role} {change}");
        }
        let (admin, shaper) = ("admin", "shaper");
        assert_eq!(update(&mel, &admin, json!({ "permissions": [] })).await.codes(), ["CONFLICT"]);
        assert_eq!(update(&mel, &shaper, json!({ "name": "admin" })).await.codes(), ["FORBIDDEN"]);
        assert_eq!(update(&mel, &shaper, json!({ "includes": ["admin"] })).await.codes(), ["BAD_USER_INPUT"]);
        assert_eq!(everything(&ada).await, before);
        assert_eq!(mel.gql("{ admin { message } }").await.codes(), ["FORBIDDEN"]);
        // What she holds herself, she may pass on, and describe.
        let small = "small";
        update(&mel, &small, json!({ "description": "Reads." })).await.ok();
        update(&mel, "user", json!({ "permissions": ["users:read"] })).await.ok();
        update(&mel, &shaper, json!({ "permissions": ["roles:write", "roles:read"], "includes": ["small"] }))
            .await
            .ok();
        assert_eq!(own_permissions(&mel).await, json!(["roles:read", "roles:write", "users:read"]));
    })
    .await;
}

#[on_each_database]
async fn by_deleting_a_role_is_refused() {
    each(async |server| {
        let (ada, mel) = stage(server).await;
        let before = everything(&ada).await;
        for (role, code) in [
            ("boss", "FORBIDDEN"),
            ("over-boss", "FORBIDDEN"),
            ("small", "FORBIDDEN"),
            ("safe", "FORBIDDEN"),
            ("safer", "FORBIDDEN"),
            ("admin", "CONFLICT"),
            ("user", "CONFLICT"),
        ] {
            assert_eq!(delete(&mel, role).await.codes(), [code], "{role}");
        }
        assert_eq!(everything(&ada).await, before);
        let mine = made(&mel, json!({ "name": "mine", "permissions": ["users:read"] })).await;
        delete(&mel, &mine).await.ok();
        delete(&mel, "shaper").await.ok();
        assert_eq!(delete(&mel, &mine).await.codes(), ["FORBIDDEN"], "she has sawn off her own branch");
    })
    .await;
}

#[on_each_database]
async fn by_giving_a_role_is_refused() {
    each(async |server| {
        let (ada, mel) = stage(server).await;
        let (bob, ann) = (server.user("bob").await, holder(server, &ada, "ann", &["user", "boss"]).await);
        let before = everything(&ada).await;
        for user in [&mel, &bob] {
            for roles in [&["admin"][..], &["boss"], &["user", "over-boss"], &["shaper", "admin"]] {
                assert_eq!(set_roles(&mel, &user.id, roles).await.codes(), ["FORBIDDEN"], "{roles:?}");
            }
        }
        assert_eq!(set_roles(&mel, &ann.id, &["boss", "over-boss"]).await.codes(), ["FORBIDDEN"]);
        assert_eq!(everything(&ada).await, before);
        // What ann holds she keeps; and it can be taken from her, since it does not protect her.
        set_roles(&mel, &ann.id, &["boss", "small"]).await.ok();
        set_roles(&mel, &ann.id, &["small"]).await.ok();
        assert_eq!(set_roles(&mel, &ann.id, &["boss"]).await.codes(), ["FORBIDDEN"], "and not given back");
        set_roles(&mel, &bob.id, &["shaper", "safer"]).await.ok();
        assert_eq!(own_permissions(&bob).await, own_permissions(&mel).await);
    })
    .await;
}

#[on_each_database]
async fn by_a_permission_that_no_catalogue_knows_is_refused() {
    each(async |server| {
        let (ada, mel) = stage(server).await;
        let of = "(SELECT id FROM roles WHERE name = 'small')";
        execute(server, &format!("INSERT INTO role_permissions (role_id, permission) VALUES ({of}, 'gone:long-ago')"))
            .await;
        assert_eq!(set_roles(&mel, &mel.id, &["shaper", "small"]).await.codes(), ["FORBIDDEN"], "it may come back");
        assert_eq!(create(&mel, json!({ "name": "x", "includes": ["small"] })).await.codes(), ["FORBIDDEN"]);
        assert_eq!(
            create(&mel, json!({ "name": "x", "permissions": ["gone:long-ago"] })).await.codes(),
            ["BAD_USER_INPUT"]
        );
        let bob = holder(server, &ada, "bob", &["small"]).await;
        assert_eq!(own_permissions(&bob).await, json!(["users:read"]));
    })
    .await;
}
