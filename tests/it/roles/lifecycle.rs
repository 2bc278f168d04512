//! `createRole`, `updateRole`, `deleteRole`: input validation, answers, and when permissions change.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{create, delete, holder, made, own_permissions, update};
use crate::{admin::set_roles, app::each};

#[on_each_database]
async fn roles_are_created_updated_and_deleted() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let desk =
            json!({ "name": "desk", "description": " Helps people. ", "permissions": ["users:read", "users:read"] });
        let answer = create(&ada, desk).await.ok();
        let role = answer.at("/data/createRole/role");
        let expected = json!({
            "id": role["id"], "name": "desk", "description": "Helps people.", "isProtected": false, "isBuiltIn": false,
            "includes": [], "permissions": [{ "name": "users:read" }], "ownPermissions": [{ "name": "users:read" }],
        });
        assert_eq!(role, &expected);
        let id = role["id"].as_str().unwrap();
        let document = "query ($id: ID!) { node(id: $id) { id ... on Role { name isProtected } } }";
        let node = ada.gql_with(document, json!({ "id": id })).await.ok();
        assert_eq!(node.at("/data/node"), &json!({ "id": id, "name": "desk", "isProtected": false }));

        set_roles(&ada, &bob.id, &["user", "desk"]).await.ok();
        assert_eq!(own_permissions(&bob).await, json!(["users:read"]));
        let answer = update(&ada, "desk", json!({ "name": "front-desk", "permissions": ["roles:read"] })).await.ok();
        assert_eq!(answer.at("/data/updateRole/role/name"), "front-desk");
        assert_eq!(answer.at("/data/updateRole/role/description"), "Helps people.", "an absent field is unchanged");
        assert_eq!(answer.at("/data/updateRole/sessionsAffected"), 1);
        assert!(answer.at("/data/updateRole/effectiveAt").as_str().unwrap().starts_with("2027-01-15T08:00:0"));
        assert_eq!(
            own_permissions(&bob).await,
            json!(["roles:read"]),
            "effective immediately, with the old access token"
        );

        let answer = update(&ada, "front-desk", json!({ "description": "", "permissions": null })).await.ok();
        assert_eq!(answer.at("/data/updateRole/sessionsAffected"), 0, "no user's permissions change");
        let answer = delete(&ada, "front-desk").await.ok();
        assert_eq!(answer.at("/data/deleteRole/roleId"), id);
        assert_eq!(answer.at("/data/deleteRole/sessionsAffected"), 1);
        assert_eq!(own_permissions(&bob).await, json!([]));
        let roles = bob.gql("{ me { roles { name } } }").await.ok();
        assert_eq!(
            roles.at("/data/me/roles"),
            &json!([{ "name": "user" }]),
            "the deleted role is removed from its users"
        );
        for answer in [update(&ada, "desk", json!({ "name": "x" })).await, delete(&ada, "front-desk").await] {
            assert_eq!((answer.codes(), answer.at("/errors/0/extensions/field")), (vec!["NOT_FOUND"], &json!("role")));
        }
    })
    .await;
}

#[on_each_database]
async fn unknown_roles_are_not_found() {
    each(async |server| {
        let ada = server.admin().await;
        for id in
            ["01890000-0000-7000-8000-000000000000", "", "desk", "Admin", " admin", "' OR 1=1 --", "\u{0}", &ada.id]
        {
            for answer in [update(&ada, id, json!({ "name": "x" })).await, delete(&ada, id).await] {
                assert_eq!(answer.codes(), ["NOT_FOUND"], "{id}");
                assert_eq!(answer.at("/errors/0/extensions/field"), "role", "{id}");
                assert_eq!(answer.at("/errors/0/message"), "This role does not exist.");
            }
        }
    })
    .await;
}

#[on_each_database]
async fn invalid_role_input_is_rejected() {
    each(async |server| {
        let ada = server.admin().await;
        let id = made(&ada, json!({ "name": "desk" })).await;
        let before = super::everything(&ada).await;
        let long = "x".repeat(201);
        let cases: Vec<(Value, &str)> = vec![
            (json!({ "name": "" }), "name"),
            (json!({ "name": "Desk" }), "name"),
            (json!({ "name": "x".repeat(41) }), "name"),
            (json!({ "name": "a\u{0}b" }), "name"),
            (json!({ "name": "аdmin" }), "name"),
            (json!({ "name": "anonymous" }), "name"),
            (json!({ "name": "a", "description": long }), "description"),
            (json!({ "name": "a", "description": "a\nb" }), "description"),
            (json!({ "name": "a", "description": "\u{1b}[31m" }), "description"),
            (json!({ "name": "a", "description": "a\u{202e}b" }), "description"),
            (json!({ "name": "a", "permissions": ["users:read", "ghosts:read"] }), "permissions"),
            (json!({ "name": "a", "permissions": [""] }), "permissions"),
            (json!({ "name": "a", "permissions": ["USERS:READ"] }), "permissions"),
            (json!({ "name": "a", "includes": ["user", "ghost"] }), "includes"),
            (json!({ "name": "a", "includes": ["no such form"] }), "includes"),
            (json!({ "name": "a", "includes": ["admin"] }), "includes"),
        ];
        for (input, field) in cases {
            for (answer, name) in [
                (create(&ada, input.clone()).await, "createRole"),
                (update(&ada, &id, input.clone()).await, "updateRole"),
            ] {
                assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{name} {input}");
                assert_eq!(answer.at("/errors/0/extensions/field"), field, "{name} {input}");
                assert_eq!(answer.at("/data"), &json!({ name: null }), "{input}");
            }
        }
        assert_eq!(super::everything(&ada).await, before);
    })
    .await;
}

#[on_each_database]
async fn role_names_are_unique() {
    each(async |server| {
        let ada = server.admin().await;
        let id = made(&ada, json!({ "name": "desk" })).await;
        made(&ada, json!({ "name": "lead" })).await;
        for name in ["admin", "user", "lead"] {
            for answer in
                [create(&ada, json!({ "name": name })).await, update(&ada, &id, json!({ "name": name })).await]
            {
                assert_eq!(answer.codes(), ["CONFLICT"], "{name}");
                assert_eq!(answer.at("/errors/0/extensions/field"), "name");
                assert_eq!(answer.at("/errors/0/message"), "This role name is taken.");
            }
        }
        update(&ada, &id, json!({ "name": "desk" })).await.ok();
    })
    .await;
}

#[on_each_database]
async fn built_in_roles_cannot_be_renamed_or_deleted() {
    each(async |server| {
        let ada = server.admin().await;
        let bob = server.user("bob").await;
        let (admin, user) = ("admin", "user");
        for (answer, what) in [
            (update(&ada, admin, json!({ "description": "x" })).await, "update of admin's description"),
            (update(&ada, admin, json!({ "name": "root" })).await, "rename of admin"),
            (update(&ada, admin, json!({ "isProtected": false })).await, "removal of admin's protection"),
            (update(&ada, admin, json!({})).await, "empty update of admin"),
            (delete(&ada, admin).await, "deletion of admin"),
            (update(&ada, user, json!({ "name": "member" })).await, "rename of user"),
            (delete(&ada, user).await, "deletion of user"),
        ] {
            assert_eq!(answer.codes(), ["CONFLICT"], "{what}");
        }
        let change = json!({ "name": "user", "description": "Everybody.", "permissions": ["roles:read"] });
        let answer = update(&ada, user, change).await.ok();
        assert_eq!(answer.at("/data/updateRole/role/isBuiltIn"), true);
        assert_eq!(own_permissions(&bob).await, json!(["roles:read"]));
        ada.gql("{ admin { message } }").await.ok();
    })
    .await;
}

#[on_each_database]
async fn role_mutations_require_roles_write() {
    each(async |server| {
        let ada = server.admin().await;
        let id = made(&ada, json!({ "name": "desk" })).await;
        made(&ada, json!({ "name": "reader", "permissions": ["roles:read", "roles:assign"] })).await;
        made(&ada, json!({ "name": "writer", "permissions": ["roles:write"] })).await;
        let (ruth, will) =
            (holder(server, &ada, "ruth", &["reader"]).await, holder(server, &ada, "will", &["writer"]).await);
        for (actor, code) in [(&ruth, "FORBIDDEN"), (&server.anonymous(), "UNAUTHENTICATED")] {
            assert_eq!(create(actor, json!({ "name": "x" })).await.codes(), [code]);
            assert_eq!(update(actor, &id, json!({ "name": "x" })).await.codes(), [code]);
            assert_eq!(delete(actor, &id).await.codes(), [code]);
        }
        // The permissions of a role are visible only with `roles:read`.
        let answer = update(&will, &id, json!({ "permissions": ["roles:write"] })).await;
        assert_eq!(answer.codes(), ["FORBIDDEN"; 5]);
        assert_eq!(answer.at("/data/updateRole/role/name"), "desk");
        assert_eq!(answer.at("/data/updateRole/role/permissions"), &Value::Null);
        delete(&will, &id).await.ok();
    })
    .await;
}

#[on_each_database]
async fn role_names_cannot_equal_columns_of_the_access_table() {
    each(async |server| {
        let ada = server.admin().await;
        let role = made(&ada, json!({ "name": "reader" })).await;
        for name in ["coordinate", "rule", "anonymous"] {
            for refused in
                [create(&ada, json!({ "name": name })).await, update(&ada, &role, json!({ "name": name })).await]
            {
                assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "{name}");
                assert_eq!(refused.at("/errors/0/extensions/field"), "name");
            }
        }
    })
    .await;
}
