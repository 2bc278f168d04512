//! Privilege escalation: callers can't gain permissions through roles.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{create, delete, everything, holder, made, own_permissions, update};
use crate::{
    actor::Actor,
    admin::{execute, set_roles},
    app::{Server, each},
};

/// Creates two users. The first is the administrator ada. The second is mel, who can write, assign and read roles and
/// read users, but not write users. Creates roles around mel: `boss` has a permission that mel lacks and includes
/// `small`, whose permissions mel has. `safe` is protected, and `safer` includes it.
async fn set_up(server: &Server) -> (Actor, Actor) {
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
async fn escalation_by_creating_a_role_is_denied() {
    each(async |server| {
        let (ada, mel) = set_up(server).await;
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
async fn escalation_by_updating_a_role_is_denied() {
    each(async |server| {
        let (ada, mel) = set_up(server).await;
        let before = everything(&ada).await;
        for (role, change) in [
            ("shaper", json!({ "permissions": ["roles:write", "users:write"] })),
            ("shaper", json!({ "includes": ["boss"] })),
            ("shaper", json!({ "includes": ["over-boss"] })),
            ("shaper", json!({ "isProtected": true })),
            ("shaper", json!({ "includes": ["safe"] })),
            ("user", json!({ "permissions": ["users:write"] })),
            ("user", json!({ "includes": ["boss"] })),
            // A role with more permissions than the caller has can't be updated, not even to fewer permissions.
            ("boss", json!({ "permissions": [] })),
            ("boss", json!({ "description": "Mine." })),
            ("boss", json!({ "name": "bossy" })),
            ("over-boss", json!({ "includes": ["shaper"] })),
            // An update of this role would change the roles that include it.
            ("small", json!({ "permissions": ["users:read", "roles:read"] })),
            ("small", json!({ "permissions": [] })),
            ("small", json!({ "name": "smaller" })),
            // These roles decide which users are protected.
            ("safe", json!({ "isProtected": false })),
            ("safe", json!({ "description": "Mine." })),
            ("safe", json!({ "permissions": [] })),
            ("safer", json!({ "includes": [] })),
        ] {
            let id = role;
            assert_eq!(update(&mel, id, change.clone()).await.codes(), ["FORBIDDEN"], "{role} {change}");
        }
        let (admin, shaper) = ("admin", "shaper");
        assert_eq!(update(&mel, admin, json!({ "permissions": [] })).await.codes(), ["CONFLICT"]);
        assert_eq!(update(&mel, shaper, json!({ "name": "admin" })).await.codes(), ["FORBIDDEN"]);
        assert_eq!(update(&mel, shaper, json!({ "includes": ["admin"] })).await.codes(), ["BAD_USER_INPUT"]);
        assert_eq!(everything(&ada).await, before);
        assert_eq!(mel.gql("{ admin { message } }").await.codes(), ["FORBIDDEN"]);
        // Callers can grant permissions they have, and change descriptions.
        let small = "small";
        update(&mel, small, json!({ "description": "Reads." })).await.ok();
        update(&mel, "user", json!({ "permissions": ["users:read"] })).await.ok();
        update(&mel, shaper, json!({ "permissions": ["roles:write", "roles:read"], "includes": ["small"] })).await.ok();
        assert_eq!(own_permissions(&mel).await, json!(["roles:read", "roles:write", "users:read"]));
    })
    .await;
}

#[on_each_database]
async fn escalation_by_deleting_a_role_is_denied() {
    each(async |server| {
        let (ada, mel) = set_up(server).await;
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
        assert_eq!(
            delete(&mel, &mine).await.codes(),
            ["FORBIDDEN"],
            "mel deleted the role that gave her `roles:write`"
        );
    })
    .await;
}

#[on_each_database]
async fn escalation_by_assigning_a_role_is_denied() {
    each(async |server| {
        let (ada, mel) = set_up(server).await;
        let (bob, ann) = (server.user("bob").await, holder(server, &ada, "ann", &["user", "boss"]).await);
        let before = everything(&ada).await;
        for user in [&mel, &bob] {
            for roles in [&["admin"][..], &["boss"], &["user", "over-boss"], &["shaper", "admin"]] {
                assert_eq!(set_roles(&mel, &user.id, roles).await.codes(), ["FORBIDDEN"], "{roles:?}");
            }
        }
        assert_eq!(set_roles(&mel, &ann.id, &["boss", "over-boss"]).await.codes(), ["FORBIDDEN"]);
        assert_eq!(everything(&ada).await, before);
        // Roles that ann has can stay or be removed, because none of them protects ann.
        set_roles(&mel, &ann.id, &["boss", "small"]).await.ok();
        set_roles(&mel, &ann.id, &["small"]).await.ok();
        assert_eq!(
            set_roles(&mel, &ann.id, &["boss"]).await.codes(),
            ["FORBIDDEN"],
            "the revoked role can't be assigned again"
        );
        set_roles(&mel, &bob.id, &["shaper", "safer"]).await.ok();
        assert_eq!(own_permissions(&bob).await, own_permissions(&mel).await);
    })
    .await;
}

#[on_each_database]
async fn escalation_by_an_unknown_stored_permission_is_denied() {
    each(async |server| {
        let (ada, mel) = set_up(server).await;
        let of = "(SELECT id FROM roles WHERE name = 'small')";
        execute(server, &format!("INSERT INTO role_permissions (role_id, permission) VALUES ({of}, 'gone:long-ago')"))
            .await;
        assert_eq!(
            set_roles(&mel, &mel.id, &["shaper", "small"]).await.codes(),
            ["FORBIDDEN"],
            "a later version may define the permission again"
        );
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
