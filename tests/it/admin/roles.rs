//! `roles`, `permissions` and `setUserRoles`.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{administrator, disable, enable, me, set_roles, support};
use crate::app::each;

#[on_each_database]
async fn roles_are_listed_with_their_permissions() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let answer =
            ada.gql("{ roles { name description permissions { name } } permissions { name description } }").await.ok();
        let catalogue: Vec<&Value> =
            answer.at("/data/permissions").as_array().unwrap().iter().map(|permission| &permission["name"]).collect();
        assert!(catalogue.contains(&&json!("users:read")) && catalogue.contains(&&json!("roles:assign")));
        assert!(catalogue.is_sorted_by_key(|name| name.as_str()), "{catalogue:?}");
        let roles = answer.at("/data/roles").as_array().unwrap();
        let names: Vec<_> = roles.iter().map(|role| role["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["admin", "user"]);
        let permitted: Vec<_> =
            roles[0]["permissions"].as_array().unwrap().iter().map(|permission| &permission["name"]).collect();
        assert_eq!(permitted, catalogue, "an administrator may do everything");
        assert_eq!(roles[1]["permissions"], json!([]));
        for document in ["{ roles { id } }", "{ permissions { name } }"] {
            assert_eq!(bob.gql(document).await.codes(), ["FORBIDDEN"]);
            assert_eq!(server.anonymous().gql(document).await.codes(), ["UNAUTHENTICATED"]);
        }
    })
    .await;
}

#[on_each_database]
async fn set_user_roles_replaces_roles_and_applies_to_the_next_request() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        assert_eq!(bob.gql("{ admin { message } }").await.codes(), ["FORBIDDEN"]);
        let answer = set_roles(&ada, &bob.id, &["user", "admin", "admin"]).await.ok();
        let both = json!([{ "name": "admin" }, { "name": "user" }]);
        assert_eq!(answer.at("/data/setUserRoles/user/roles"), &both);
        let welcome = bob.gql("{ admin { message } }").await.ok();
        assert_eq!(welcome.at("/data/admin/message"), "Welcome, Admin!", "the role applies to the current token");

        set_roles(&ada, &bob.id, &["user"]).await.ok();
        for document in ["{ admin { message } }", "{ users { totalCount } }", "{ roles { id } }"] {
            assert_eq!(bob.gql(document).await.codes(), ["FORBIDDEN"], "the loss applies to the current token");
        }
        assert_eq!(set_roles(&bob, &bob.id, &["admin"]).await.codes(), ["FORBIDDEN"]);
        set_roles(&ada, &bob.id, &[]).await.ok();
        assert_eq!(me(&bob).await, json!({ "state": "ACTIVE", "roles": [] }), "a user can have no role");
    })
    .await;
}

#[on_each_database]
async fn set_user_roles_rejects_unknown_roles() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        for name in ["ghost", "", "Admin", "a b", "admin\u{0}", "'; DROP TABLE roles; --", &"x".repeat(5_000)] {
            let answer = set_roles(&ada, &bob.id, &["user", name]).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{name:.40}");
            assert_eq!(answer.at("/errors/0/extensions/field"), "roles", "{name:.40}");
            assert_eq!(answer.at("/data"), &json!({ "setUserRoles": null }), "{name:.40}");
        }
        assert_eq!(me(&bob).await["roles"], json!([{ "name": "user" }]));
    })
    .await;
}

#[on_each_database]
async fn unknown_users_are_not_found() {
    each(async |server| {
        let ada = server.admin().await;
        for id in ["01890000-0000-7000-8000-000000000000", "", "bob", "' OR 1=1 --", "\u{0}"] {
            for answer in [set_roles(&ada, id, &["user"]).await, disable(&ada, id).await, enable(&ada, id).await] {
                assert_eq!(answer.codes(), ["NOT_FOUND"], "{id}");
                assert_eq!(answer.at("/errors/0/extensions/field"), "userId", "{id}");
            }
        }
    })
    .await;
}

#[on_each_database]
async fn only_administrators_change_roles_of_administrators() {
    each(async |server| {
        let ada = server.admin().await;
        let (eve, sam, bob) =
            (administrator(server, "eve").await, support(server, &ada).await, server.user("bob").await);
        for refused in [
            set_roles(&sam, &sam.id, &["admin"]).await,
            set_roles(&sam, &sam.id, &["support", "user", "admin"]).await,
            set_roles(&sam, &bob.id, &["admin"]).await,
            set_roles(&sam, &eve.id, &["user"]).await,
            set_roles(&sam, &eve.id, &["admin", "user"]).await,
            set_roles(&sam, &eve.id, &[]).await,
            disable(&sam, &eve.id).await,
            enable(&sam, &eve.id).await,
        ] {
            assert_eq!(refused.codes(), ["FORBIDDEN"], "{refused:?}");
        }
        let both = json!([{ "name": "admin" }, { "name": "user" }]);
        assert_eq!(me(&eve).await, json!({ "state": "ACTIVE", "roles": both }));
        assert_eq!(me(&bob).await["roles"], json!([{ "name": "user" }]));
        assert_eq!(sam.gql("{ admin { message } }").await.codes(), ["FORBIDDEN"]);
        // The permissions of `support` allow these.
        disable(&sam, &bob.id).await.ok();
        enable(&sam, &bob.id).await.ok();
        set_roles(&sam, &bob.id, &["support"]).await.ok();
        // A disabled administrator is still protected.
        disable(&ada, &eve.id).await.ok();
        assert_eq!(enable(&sam, &eve.id).await.codes(), ["FORBIDDEN"]);
        assert_eq!(set_roles(&sam, &eve.id, &["user"]).await.codes(), ["FORBIDDEN"]);
    })
    .await;
}
