//! Reads of personal fields: which are recorded, and who sees them.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{audit_events, connect, number, only, request_id};
use crate::{actor::Actor, app::each, personal_access_tokens};

async fn accesses(owner: &Actor) -> Vec<Value> {
    let document =
        "{ me { accessedBy(first: 50) { edges { node { occurredAt actorId actorUsername coordinates } } } } }";
    let answer = owner.gql(document).await.ok();
    answer.at("/data/me/accessedBy/edges").as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect()
}

#[on_each_database]
async fn accessed_by_lists_who_read_which_fields_of_the_user() {
    each(async |server| {
        let (ada, bob, eve) = (server.admin().await, server.user("bob").await, server.user("eve").await);
        assert_eq!(accesses(&bob).await, [] as [Value; 0]);
        let document = format!("{{ user(id: \"{}\") {{ username email who: state roles {{ name }} }} }}", bob.id);
        let answer = ada.gql(&document).await.ok();
        let found = accesses(&bob).await;
        let coordinates = json!(["User.email", "User.roles", "User.state"]);
        assert_eq!(only(&found)["coordinates"], coordinates);
        assert_eq!(only(&found)["actorId"], json!(ada.id));
        assert_eq!(only(&found)["actorUsername"], json!("ada"));
        assert_eq!(accesses(&eve).await, [] as [Value; 0], "no read of `eve` is recorded");

        let found = audit_events(&ada, &format!("targetId: \"{}\", action: PERSONAL_DATA_READ", bob.id)).await;
        assert_eq!(only(&found)["requestId"], request_id(&answer));
        assert_eq!(only(&found)["subjectIds"], json!([bob.id]));
        assert_eq!(only(&found)["targetId"], json!(bob.id));
        assert_eq!(only(&found)["coordinates"], coordinates);
    })
    .await;
}

#[on_each_database]
async fn one_event_covers_all_users_with_the_same_fields_read() {
    each(async |server| {
        let (ada, bob, eve) = (server.admin().await, server.user("bob").await, server.user("eve").await);
        ada.gql("{ users { edges { node { email lastSignInAt } } } }").await.ok();
        let found = audit_events(&ada, "action: PERSONAL_DATA_READ").await;
        let row = only(&found);
        let mut both = [&bob.id, &eve.id];
        both.sort();
        assert_eq!(row["subjectIds"], json!(both), "`ada` reads their own data as its owner");
        assert_eq!(row["targetId"], Value::Null);
        for target in [&bob, &eve] {
            let found = audit_events(&ada, &format!("targetId: \"{}\", action: PERSONAL_DATA_READ", target.id)).await;
            assert_eq!(only(&found)["coordinates"], json!(["User.email", "User.lastSignInAt"]));
        }
        let mixed = format!(
            "{{ one: user(id: \"{}\") {{ email }} other: user(id: \"{}\") {{ state email }} }}",
            bob.id, eve.id
        );
        ada.gql(&mixed).await.ok();
        assert_eq!(accesses(&bob).await[0]["coordinates"], json!(["User.email"]));
        assert_eq!(accesses(&eve).await[0]["coordinates"], json!(["User.email", "User.state"]));
    })
    .await;
}

#[on_each_database]
async fn reading_sessions_of_another_user_is_recorded() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let document =
            format!("{{ user(id: \"{}\") {{ sessions {{ edges {{ node {{ id ipAddress }} }} }} }} }}", bob.id);
        let answer = ada.gql(&document).await.ok();
        assert_eq!(accesses(&bob).await[0]["coordinates"], json!(["Session.ipAddress", "User.sessions"]));
        let session = answer.at("/data/user/sessions/edges/0/node/id").as_str().unwrap();
        ada.gql(&format!("{{ node(id: \"{session}\") {{ ... on Session {{ userAgent }} }} }}")).await.ok();
        assert_eq!(accesses(&bob).await[0]["coordinates"], json!(["Session.userAgent"]));
    })
    .await;
}

#[on_each_database]
async fn reads_of_own_public_and_denied_fields_are_not_recorded() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let reads = "SELECT count(*) FROM audit_events WHERE action = 'personal-data-read'";
        bob.gql("{ me { email state roles { name } sessions { edges { node { ipAddress } } } } }").await.ok();
        let answer = bob.signed_out().gql("mutation { register(input: { username: \"eve\", password: \"a long walk by the sea\" }) { refreshToken } }").await.ok();
        let token = answer.at("/data/register/refreshToken").as_str().unwrap();
        let logout = format!("mutation {{ logout(input: {{ refreshToken: \"{token}\" }}) {{ session {{ ipAddress }} }} }}");
        bob.signed_out().gql(&logout).await.ok();
        bob.gql("{ me { securityEvents { edges { node { id } } } accessedBy { edges { cursor } } } }").await.ok();
        ada.gql("{ users { edges { node { id username } } } }").await.ok();
        ada.gql(&format!("{{ user(id: \"{}\") {{ username }} }}", bob.id)).await.ok();
        assert_eq!(bob.gql("{ users { edges { node { email } } } }").await.codes(), ["FORBIDDEN"]);
        assert_eq!(number(&connect(server).await, reads).await, 0);
    })
    .await;
}

/// The paths of the errors of a rejected query expose how many users match the filter.
#[on_each_database]
async fn rejected_query_records_what_it_read_and_filtered_by() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let sam = crate::admin::support(server, &ada).await;
        let reads = "SELECT count(*) FROM audit_events WHERE action = 'personal-data-read'";
        for (fields, arguments) in [
            ("email sessions(first: 1) { edges { cursor } }", ""),
            (
                "id sessions(first: 1) { edges { cursor } }",
                "(filter: { lastSignInAt: { from: \"2020-01-01T00:00:00Z\" } })",
            ),
            (
                "id sessions(first: 1) { edges { cursor } }",
                "(filter: { lastSignInAt: { from: \"2040-01-01T00:00:00Z\" } })",
            ),
        ] {
            let before = number(&connect(server).await, reads).await;
            let document = format!("{{ users{arguments} {{ edges {{ node {{ {fields} }} }} }} }}");
            let body = json!({ "query": document, "extensions": { "onDenied": "reject" } });
            let answer = sam.send(&body).await;
            assert!(number(&connect(server).await, reads).await > before, "{document}: {}", answer.text);
        }
        let recorded = accesses(&bob).await;
        assert!(recorded.iter().any(|access| access["coordinates"] == json!(["User.email"])), "{recorded:?}");
    })
    .await;
}

/// `hasNextPage` exposes that the next user matches the filter, although they are not on the page.
#[on_each_database]
async fn page_info_records_a_read_of_the_next_user() {
    each(async |server| {
        let (ada, bob, bot) = (server.admin().await, server.user("bob").await, server.user("bot").await);
        let in_time = "lastSignInAt: { from: \"2020-01-01T00:00:00Z\" }, usernamePrefix: ";
        for (page, end, count) in [("first: 0", "hasNextPage", 1), ("last: 0", "hasPreviousPage", 2)] {
            let document =
                format!("{{ users({page}, filter: {{ {in_time} \"bob\" }}) {{ pageInfo {{ {end} }} }} }}");
            let answer = ada.gql(&document).await.ok();
            assert_eq!(answer.at(&format!("/data/users/pageInfo/{end}")), &json!(true));
            let recorded = accesses(&bob).await;
            assert_eq!((recorded.len(), &recorded[0]["coordinates"]), (count, &json!(["User.lastSignInAt"])));
        }
        assert_eq!(accesses(&bot).await.len(), 0);
        let first = format!("{{ users(first: 1, orderBy: {{ field: USERNAME }}, filter: {{ {in_time} \"bo\" }}) {{ pageInfo {{ hasNextPage }} }} }}");
        ada.gql(&first).await.ok();
        assert_eq!(accesses(&bot).await.len(), 1, "the next user");
        ada.gql(&first.replace("pageInfo { hasNextPage }", "edges { cursor }")).await.ok();
        assert_eq!(accesses(&bot).await.len(), 1, "a page without `pageInfo` does not expose the next user");
    })
    .await;
}

#[on_each_database]
async fn only_the_owner_and_audit_log_readers_see_accesses() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let document = format!("{{ user(id: \"{}\") {{ accessedBy {{ edges {{ node {{ actorId }} }} }} }} }}", bob.id);
        ada.gql(&document).await.ok();
        assert_eq!(
            accesses(&bob).await[0]["coordinates"],
            json!(["User.accessedBy"]),
            "reading `accessedBy` is recorded, too"
        );
        assert_eq!(bob.gql("{ auditEvents { edges { node { id } } } }").await.codes(), ["FORBIDDEN"]);
        assert_eq!(
            server.anonymous().gql("{ auditEvents { edges { node { id } } } }").await.codes(),
            ["UNAUTHENTICATED"]
        );
        let row = ada.gql("{ auditEvents(first: 1) { edges { node { id } } } }").await.ok();
        let id = row.at("/data/auditEvents/edges/0/node/id").as_str().unwrap().to_owned();
        let node = format!("{{ node(id: \"{id}\") {{ __typename id }} }}");
        assert_eq!(ada.gql(&node).await.ok().at("/data/node"), &json!({ "__typename": "AuditEvent", "id": id }));
        assert!(bob.gql(&node).await.ok().at("/data/node").is_null());
    })
    .await;
}

#[on_each_database]
async fn filtering_by_a_personal_field_records_a_read_of_each_match() {
    each(async |server| {
        let (ada, bob, eve) = (server.admin().await, server.user("bob").await, server.user("eve").await);
        let change = "mutation { updateProfile(input: { email: \"bob@example.org\" }) { user { id } } }";
        bob.gql(change).await.ok();
        let by_address = "filter: { email: \"bob@example.org\" }";
        let by_time = "filter: { usernamePrefix: \"bob\", lastSignInAt: { from: \"2027-01-15T08:00:00Z\" } }";
        for (question, coordinates) in [
            (format!("users({by_address}) {{ edges {{ node {{ username }} }} }}"), json!(["User.email"])),
            (format!("users({by_address}) {{ pageInfo {{ endCursor }} }}"), json!(["User.email"])),
            (format!("users(first: 0, {by_address}) {{ totalCount }}"), json!(["User.email"])),
            (format!("users(first: 0, {by_time}) {{ totalCount }}"), json!(["User.lastSignInAt"])),
            (
                "users(filter: { usernamePrefix: \"b\", role: \"user\", state: ACTIVE }) { edges { cursor } }"
                    .to_owned(),
                json!(["User.roles", "User.state"]),
            ),
            (
                "users(filter: { usernamePrefix: \"b\" }, orderBy: { field: CREATED_AT }) { edges { cursor } }"
                    .to_owned(),
                json!(["User.createdAt"]),
            ),
        ] {
            let before = accesses(&bob).await.len();
            let answer = ada.gql(&format!("{{ {question} }}")).await.ok();
            let found = accesses(&bob).await;
            assert_eq!((found.len(), &found[0]["coordinates"]), (before + 1, &coordinates), "{question}");
            let rows =
                audit_events(&ada, &format!("action: PERSONAL_DATA_READ, requestId: {}", request_id(&answer))).await;
            assert_eq!(only(&rows)["subjectIds"], json!([bob.id]), "{question}");
        }
        assert_eq!(accesses(&eve).await, [] as [Value; 0]);
    })
    .await;
}

#[on_each_database]
async fn filter_without_a_match_is_recorded() {
    each(async |server| {
        let ada = server.admin().await;
        let quiet = "{ users(first: 0, filter: { email: \"x@example.org\" }) { pageInfo { hasNextPage } totalCount } }";
        let answer = ada.gql(quiet).await.ok();
        let found = audit_events(&ada, "action: PERSONAL_DATA_READ").await;
        let row = only(&found);
        assert_eq!(
            (&row["coordinates"], &row["subjectIds"], &row["targetId"]),
            (&json!(["User.email"]), &json!([]), &Value::Null)
        );
        assert_eq!(row["requestId"], request_id(&answer));
        ada.gql("{ users(filter: { usernamePrefix: \"x\" }) { totalCount edges { cursor } } }").await.ok();
        assert_eq!(audit_events(&ada, "action: PERSONAL_DATA_READ").await.len(), 1, "usernames are public");
    })
    .await;
}

#[on_each_database]
async fn explaining_access_of_another_user_records_a_read_of_their_permissions() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let explain =
            |who: &str| format!("{{ explainAccess(document: \"{{ users {{ totalCount }} }}\"{who}) {{ decision }} }}");
        for who in [String::new(), ", asRole: \"user\"".to_owned(), format!(", asUserId: \"{}\"", ada.id)] {
            ada.gql(&explain(&who)).await.ok();
        }
        assert_eq!(audit_events(&ada, "action: PERSONAL_DATA_READ").await, [] as [Value; 0]);
        ada.gql(&explain(&format!(", asUserId: \"{}\"", bob.id))).await.ok();
        assert_eq!(only(&accesses(&bob).await)["coordinates"], json!(["User.permissions"]));
    })
    .await;
}

#[on_each_database]
async fn revoking_a_token_records_a_read_only_of_selected_fields() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        for (payload, read) in [("effectiveAt", None), ("personalAccessToken { lastUsedAddress }", Some(()))] {
            let token = personal_access_tokens::create(&bob, &[]).await;
            ada.gql(&format!("mutation {{ revokePersonalAccessToken(input: {{ personalAccessTokenId: \"{}\" }}) {{ {payload} }} }}", token.id)).await.ok();
            let expected = read.map(|()| json!(["PersonalAccessToken.lastUsedAddress"]));
            assert_eq!(accesses(&bob).await.first().map(|access| access["coordinates"].clone()), expected, "{payload}");
        }
        let token = personal_access_tokens::create(&bob, &[]).await;
        let own = format!("mutation {{ revokePersonalAccessToken(input: {{ personalAccessTokenId: \"{}\" }}) {{ personalAccessToken {{ name }} }} }}", token.id);
        bob.gql(&own).await.ok();
        assert_eq!(accesses(&bob).await.len(), 1, "revoking an own token is not recorded as a read");
    })
    .await;
}

#[on_each_database]
async fn every_field_of_another_users_session_is_personal() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let answer = ada
            .gql(&format!("{{ user(id: \"{}\") {{ sessions {{ edges {{ node {{ id }} }} }} }} }}", bob.id))
            .await
            .ok();
        let session = answer.at("/data/user/sessions/edges/0/node/id").as_str().unwrap().to_owned();
        for field in ["createdAt", "lastUsedAt", "expiresAt", "freshUntil", "ipAddress", "userAgent", "isCurrent"] {
            ada.gql(&format!("{{ node(id: \"{session}\") {{ ... on Session {{ {field} }} }} }}")).await.ok();
            assert_eq!(accesses(&bob).await[0]["coordinates"], json!([format!("Session.{field}")]));
        }
    })
    .await;
}

#[on_each_database]
async fn reading_audit_events_of_a_user_is_recorded() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        server.anonymous().login("bob").await;
        let events = |filter: &str, fields: &str| {
            format!("{{ auditEvents(first: 20, filter: {{ {filter} }}) {{ edges {{ node {{ {fields} }} }} }} }}")
        };
        ada.gql(&events(&format!("actorId: \"{}\"", bob.id), "action")).await.ok();
        assert_eq!(accesses(&bob).await[0]["coordinates"], json!(["AuditEvent.actorId"]));
        ada.gql(&events(&format!("targetId: \"{}\"", bob.id), "action")).await.ok();
        assert_eq!(accesses(&bob).await[0]["coordinates"], json!(["AuditEvent.targetId"]));
        ada.gql(&events("action: SIGN_IN", "occurredAt ipAddress")).await.ok();
        assert_eq!(accesses(&bob).await[0]["coordinates"], json!(["AuditEvent.ipAddress", "AuditEvent.occurredAt"]));
        ada.gql(&events("action: USER_REGISTERED", "occurredAt")).await.ok();
        assert_eq!(accesses(&bob).await.len(), 3, "a registration does not expose a sign-in");
        let explain =
            format!("{{ explainAccess(document: \"{{ me {{ id }} }}\", asUserId: \"{}\") {{ decision }} }}", bob.id);
        ada.gql(&explain).await.ok();
        assert_eq!(accesses(&bob).await[0]["coordinates"], json!(["User.permissions"]));
    })
    .await;
}
