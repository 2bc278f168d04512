//! Profiles: who reads and writes which field, what is valid, and what the audit log says.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer},
    admin::{
        desk::{DESK, holder},
        scan,
    },
    app::each,
};

/// The fields that the account owner reads.
const OWN: &str = "displayName avatarUrl locale timeZone metadata";

async fn update(actor: &Actor, input: Value) -> Answer {
    let document =
        format!("mutation ($input: UpdateProfileInput!) {{ it: updateProfile(input: $input) {{ user {{ {OWN} }} }} }}");
    actor.gql_with(&document, json!({ "input": input })).await
}

async fn update_user(actor: &Actor, user: &Actor, change: Value) -> Answer {
    let document = "mutation ($input: UpdateUserInput!) { it: updateUser(input: $input) { user { id } } }";
    let mut input = change;
    input["userId"] = json!(user.id);
    actor.gql_with(document, json!({ "input": input })).await
}

/// The whole profile, as `reader` sees it.
async fn read(reader: &Actor, user: &Actor) -> Answer {
    reader.gql(&format!("{{ user(id: \"{}\") {{ {OWN} adminMetadata }} }}", user.id)).await
}

fn profile() -> Value {
    json!({
        "displayName": "Bob  Ross", "avatarUrl": "https://example.org/bob.png", "locale": "de-CH",
        "timeZone": "Europe/Vienna", "metadata": { "plan": "pro", "seats": [1, 2.5, true, null], "an odd key\": {": {} },
    })
}

#[on_each_database]
async fn profile_fields_are_set_kept_and_cleared() {
    each(async |server| {
        let bob = server.user("bob").await;
        let nothing =
            json!({ "displayName": null, "avatarUrl": null, "locale": null, "timeZone": null, "metadata": null });
        assert_eq!(bob.gql(&format!("{{ me {{ {OWN} }} }}")).await.ok().at("/data/me"), &nothing);
        let mut expected = profile();
        let typed = json!({ "displayName": " Bob  Ross ", "locale": "DE_ch", "timeZone": "europe/vienna" });
        let mut input = profile();
        input.as_object_mut().unwrap().extend(typed.as_object().unwrap().clone());
        assert_eq!(update(&bob, input).await.ok().at("/data/it/user"), &expected);
        assert_eq!(update(&bob, json!({})).await.ok().at("/data/it/user"), &expected);
        for (field, value) in [("locale", json!("en")), ("metadata", json!({ "a": 1 })), ("avatarUrl", json!(null))] {
            expected[field] = value.clone();
            assert_eq!(update(&bob, json!({ field: value })).await.ok().at("/data/it/user"), &expected, "{field}");
        }
        assert_eq!(update(&bob, nothing.clone()).await.ok().at("/data/it/user"), &nothing);
        let literal = "mutation { it: updateProfile(input: { metadata: { plan: \"pro\", deep: [{ a: 1 }] } }) { user { metadata } } }";
        let answer = bob.gql(literal).await.ok();
        assert_eq!(answer.at("/data/it/user/metadata"), &json!({ "plan": "pro", "deep": [{ "a": 1 }] }));
    })
    .await;
}

#[on_each_database]
async fn invalid_profile_values_are_refused_by_field() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let deep = (0..8).fold(json!({}), |inner, _| json!({ "a": inner }));
        for (field, value, reason) in [
            ("displayName", json!(""), "TOO_SHORT"),
            ("displayName", json!("x".repeat(101)), "TOO_LONG"),
            ("displayName", json!("a\nb"), "INVALID_CHARACTER"),
            ("locale", json!("german"), "INVALID_FORMAT"),
            ("locale", json!("de--CH"), "INVALID_FORMAT"),
            ("timeZone", json!("Mars/Olympus"), "UNKNOWN"),
            ("avatarUrl", json!("http://example.org/a.png"), "INVALID_FORMAT"),
            ("avatarUrl", json!("https://bob:secret@example.org/"), "INVALID_FORMAT"),
            ("avatarUrl", json!(format!("https://example.org/{}", "a".repeat(2_048))), "TOO_LONG"),
            ("metadata", json!([1]), "INVALID_TYPE"),
            ("metadata", json!({ "a": "x".repeat(4_096) }), "TOO_LONG"),
            ("metadata", deep, "INVALID_FORMAT"),
        ] {
            let mut answers = vec![update(&bob, json!({ field: value })).await];
            answers.push(update_user(&ada, &bob, json!({ field: value })).await);
            if field == "metadata" {
                answers.push(update_user(&ada, &bob, json!({ "adminMetadata": value })).await);
            }
            for refused in answers {
                assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "{field}: {refused:#?}");
                let extensions = refused.at("/errors/0/extensions");
                let named = extensions["field"].as_str().unwrap();
                assert!(named == field || named == "adminMetadata", "{refused:#?}");
                assert_eq!(extensions["reason"], reason, "{refused:#?}");
            }
        }
        let both = update(&bob, json!({ "locale": "?", "timeZone": "?" })).await;
        let problems = both.at("/errors/0/extensions/problems").as_array().unwrap();
        assert_eq!(problems.iter().map(|problem| &problem["field"]).collect::<Vec<_>>(), ["locale", "timeZone"]);
        let answer = read(&ada, &bob).await.ok();
        assert!(answer.at("/data/user").as_object().unwrap().values().all(Value::is_null), "{answer:#?}");
    })
    .await;
}

#[on_each_database]
async fn admin_metadata_is_hidden_from_the_owner() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let sam = holder(server, &ada, "desk", DESK).await;
        let mut expected = profile();
        expected["adminMetadata"] = json!({ "tenant": "acme" });
        update_user(&sam, &bob, expected.clone()).await.ok();
        assert_eq!(read(&sam, &bob).await.ok().at("/data/user"), &expected);
        let own = bob.gql(&format!("{{ me {{ {OWN} adminMetadata }} }}")).await;
        assert_eq!(own.codes(), ["FORBIDDEN"]);
        assert_eq!(own.at("/errors/0/path"), &json!(["me", "adminMetadata"]));
        expected["adminMetadata"] = json!(null);
        assert_eq!(own.at("/data/me"), &expected);
        let document = "mutation { updateProfile(input: { adminMetadata: { tenant: \"evil\" } }) { user { id } } }";
        assert_eq!(bob.gql(document).await.codes(), ["GRAPHQL_VALIDATION_FAILED"]);
        update(&bob, json!({ "metadata": { "tenant": "evil" } })).await.ok();
        assert_eq!(read(&sam, &bob).await.ok().at("/data/user/adminMetadata"), &json!({ "tenant": "acme" }));
        // A writer of users who may not read them sees what everyone sees.
        let blind = holder(server, &ada, "blind", &["users:write"]).await;
        let document = format!(
            "mutation {{ updateUser(input: {{ userId: \"{}\" }}) {{ user {{ {OWN} adminMetadata }} }} }}",
            bob.id
        );
        let answer = blind.gql(&document).await;
        assert_eq!(answer.codes(), ["FORBIDDEN"; 4], "{answer:#?}");
        let seen = json!({
            "displayName": "Bob  Ross", "avatarUrl": "https://example.org/bob.png", "locale": null, "timeZone": null,
            "metadata": null, "adminMetadata": null,
        });
        assert_eq!(answer.at("/data/updateUser/user"), &seen);
        assert_eq!(update_user(&bob, &ada, json!({ "adminMetadata": {} })).await.codes(), ["FORBIDDEN"]);
    })
    .await;
}

#[on_each_database]
async fn profile_reads_and_updates_are_audited_without_values() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        update(&bob, json!({ "displayName": "Bob", "metadata": { "plan": "secret-plan" } })).await.ok();
        update(&bob, json!({ "displayName": "Bob", "locale": "en" })).await.ok();
        update_user(&ada, &bob, json!({ "email": "bob@example.org", "adminMetadata": { "tenant": "x" } })).await.ok();
        let events = async |action: &str| {
            let document = format!(
                "{{ auditEvents(first: 10, filter: {{ targetId: \"{}\", action: {action} }}) {{ nodes {{ reason coordinates }} }} }}",
                bob.id
            );
            let answer = ada.gql(&document).await.ok();
            assert!(!answer.text.contains("secret-plan"), "{answer:#?}");
            let found = answer.at("/data/auditEvents/nodes").as_array().unwrap().clone().into_iter();
            // The question itself is a read, too.
            found.filter(|event| event["coordinates"] != json!(["AuditEvent.targetId"])).collect::<Vec<_>>()
        };
        let updates = events("USER_UPDATED").await;
        let reasons: Vec<_> = updates.iter().map(|event| &event["reason"]).collect();
        assert_eq!(reasons, ["email, adminMetadata", "locale", "displayName, metadata"]);
        assert_eq!(events("PERSONAL_DATA_READ").await, [] as [Value; 0]);
        ada.gql(&format!("{{ user(id: \"{}\") {{ displayName avatarUrl }} }}", bob.id)).await.ok();
        assert_eq!(events("PERSONAL_DATA_READ").await, [] as [Value; 0], "everyone may read these");
        read(&ada, &bob).await.ok();
        let read = events("PERSONAL_DATA_READ").await;
        let expected = json!(["User.adminMetadata", "User.locale", "User.metadata", "User.timeZone"]);
        assert_eq!(read[0]["coordinates"], expected);
    })
    .await;
}

#[on_each_database]
async fn created_and_imported_users_have_the_given_profile() {
    each(async |server| {
        let ada = server.admin().await;
        let mut expected = profile();
        expected["adminMetadata"] = json!({ "tenant": "acme" });
        let mut input = expected.clone();
        input["username"] = json!("bob");
        let create = format!(
            "mutation ($input: CreateUserInput!) {{ it: createUser(input: $input) {{ user {{ {OWN} adminMetadata }} }} }}"
        );
        let answer = ada.gql_with(&create, json!({ "input": input })).await.ok();
        assert_eq!(answer.at("/data/it/user"), &expected);
        input["username"] = json!("ann");
        input["passwordHash"] = json!("$2b$04$abcdefghijklmnopqrstuuN6jmBqkX6.gXCPyPBnGnhMnKkLl1fGa");
        let import = format!(
            "mutation ($input: ImportUsersInput!) {{ it: importUsers(input: $input) {{ users {{ {OWN} adminMetadata }} }} }}"
        );
        let answer = ada.gql_with(&import, json!({ "input": { "users": [input] } })).await.ok();
        assert_eq!(answer.at("/data/it/users"), &json!([expected]));
        input["locale"] = json!("?");
        let refused = ada.gql_with(&import, json!({ "input": { "users": [input] } })).await;
        assert_eq!(refused.at("/errors/0/extensions/field"), "users.0.locale");
    })
    .await;
}

#[on_each_database]
async fn list_of_users_shows_each_profile() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        update(&bob, json!({ "displayName": "Bob Ross" })).await.ok();
        let answer = ada
            .gql("{ users(orderBy: { field: USERNAME, direction: ASC }) { nodes { username displayName } } }")
            .await
            .ok();
        let expected =
            json!([{ "username": "ada", "displayName": null }, { "username": "bob", "displayName": "Bob Ross" }]);
        assert_eq!(answer.at("/data/users/nodes"), &expected);
    })
    .await;
}

#[on_each_database]
async fn deleted_accounts_leave_no_profile() {
    each(async |server| {
        let ada = server.admin().await;
        for delete in ["deleteAccount(input: { password: \"a long walk by the river\" }) { userId }", ""] {
            let bob = server.user("bob").await;
            update(&bob, profile()).await.ok();
            if delete.is_empty() {
                let document =
                    format!("mutation {{ deleteUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", bob.id);
                ada.login("ada").await.gql(&document).await.ok();
                server.app.accounts().clock.advance(TimeDelta::days(31));
                assert_eq!(server.app.accounts().purge_deleted().await.unwrap(), 1);
            } else {
                bob.gql(&format!("mutation {{ {delete} }}")).await.ok();
            }
            assert_eq!(scan::table(server, "profiles").await, [""; 0]);
        }
    })
    .await;
}
