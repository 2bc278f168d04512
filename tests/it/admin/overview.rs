//! `Query.admin`: the overview for administrators.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::disable;
use crate::app::each;

#[on_each_database]
async fn overview_counts_users_and_sessions() {
    each(async |server| {
        server.user("early").await;
        server.app.accounts().clock.advance(TimeDelta::days(8));
        let ada = server.admin().await;
        let (bob, _ann) = (server.user("bob").await, server.user("ann").await);
        let eve = server.user("eve").await;
        ada.gql(&format!("mutation {{ deleteUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", eve.id))
            .await
            .ok();
        server.anonymous().login("ann").await;
        disable(&ada, &bob.id).await.ok();
        let document = "{ admin { message version database startedAt sessions \
                        users { total active disabled deletionScheduled createdLast7Days } } }";
        let kind = if server.database.url.starts_with("sqlite") { "SQLITE" } else { "POSTGRES" };
        let expected = json!({
            "message": "Welcome, Admin!", "version": env!("CARGO_PKG_VERSION"), "database": kind,
            // Active: one session of `early`, one of `ada` and two of `ann`. The session of `bob` is revoked.
            "startedAt": "2027-01-15T08:00:00+00:00", "sessions": 4,
            "users":
                { "total": 5, "active": 3, "disabled": 1, "deletionScheduled": 1, "createdLast7Days": 4 },
        });
        assert_eq!(ada.gql(document).await.ok().at("/data/admin"), &expected);
    })
    .await;
}

#[on_each_database]
async fn overview_requires_the_admin_role() {
    each(async |server| {
        let bob = server.user("bob").await;
        let refused = bob.gql("{ admin { message } me { username } }").await;
        assert_eq!(refused.at("/data"), &json!({ "admin": null, "me": { "username": "bob" } }));
        assert_eq!(refused.codes(), ["FORBIDDEN"]);
        assert_eq!(refused.at("/errors/0/extensions/coordinate"), "Query.admin");
        assert_eq!(refused.at("/errors/0/extensions/requires"), &json!({ "role": "admin" }));
        assert_eq!(server.anonymous().gql("{ admin { message } }").await.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}
