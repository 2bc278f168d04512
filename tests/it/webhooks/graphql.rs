//! `admin.webhookEvents` and `replayWebhookEvent`.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{deliver, each};

const REPLAY: &str = "mutation ($id: ID!) { replayWebhookEvent(input: { webhookEventId: $id }) \
                      { webhookEvent { id state attempts lastStatus settledAt } } }";

#[on_each_database]
async fn administrators_list_and_replay_events() {
    each(async |server, receiver| {
        let ada = server.admin().await;
        let bob = server.user("bob").await;
        let id = bob.id.clone();
        receiver.answer(move |request, _| if request.user() == id { 410 } else { 204 });
        deliver(server).await;
        let list = async |arguments: &str| {
            let document = format!(
                "{{ admin {{ webhookEvents({arguments}) {{ pageInfo {{ hasNextPage endCursor }} \
                 nodes {{ id type userId state attempts nextAttemptAt settledAt lastStatus lastError }} }} }} }}"
            );
            let answer = ada.gql(&document).await.ok();
            answer.at("/data/admin/webhookEvents").clone()
        };
        let all = list("first: 10").await;
        let kinds: Vec<_> =
            all["nodes"].as_array().unwrap().iter().map(|node| (&node["type"], &node["state"])).collect();
        let expected = json!([
            ["USER_SIGNED_IN", "DEAD"],
            ["USER_CREATED", "DEAD"],
            ["USER_SIGNED_IN", "DELIVERED"],
            ["USER_CREATED", "DELIVERED"],
        ]);
        assert_eq!(json!(kinds), expected);
        let first = list("first: 1, state: DEAD").await;
        let cursor = first["pageInfo"]["endCursor"].as_str().unwrap();
        let second = list(&format!("first: 1, state: DEAD, after: \"{cursor}\"")).await;
        let dead = &second["nodes"][0];
        assert_eq!(
            (&first["pageInfo"]["hasNextPage"], &second["pageInfo"]["hasNextPage"]),
            (&json!(true), &json!(false))
        );
        assert_eq!((&dead["userId"], &dead["lastStatus"], &dead["attempts"]), (&json!(bob.id), &json!(410), &json!(1)));
        assert_eq!((dead["settledAt"].is_string(), dead["nextAttemptAt"].is_null()), (true, true));
        assert!(list("first: 1, state: PENDING").await["nodes"].as_array().unwrap().is_empty());

        receiver.forget();
        let replayed = ada.gql_with(REPLAY, json!({ "id": dead["id"] })).await.ok();
        let expected =
            json!({ "id": dead["id"], "state": "PENDING", "attempts": 0, "lastStatus": null, "settledAt": null });
        assert_eq!(*replayed.at("/data/replayWebhookEvent/webhookEvent"), expected);
        deliver(server).await;
        assert_eq!(json!(receiver.accepted()[0].id), dead["id"]);
        let document = "{ auditEvents(first: 9, filter: { action: WEBHOOK_EVENTS_REPLAYED }) \
                        { nodes { actorId targetType targetId coordinates } } }";
        let audited = ada.gql(document).await.ok();
        let expected = json!([{
            "actorId": ada.id,
            "targetType": "WEBHOOK_EVENT",
            "targetId": dead["id"],
            "coordinates": ["Mutation.replayWebhookEvent"],
        }]);
        assert_eq!(*audited.at("/data/auditEvents/nodes"), expected);
        for unknown in ["0192f0c1-4b7e-7a35-9d3f-5c1f4e0a9b77", "nothing"] {
            assert_eq!(ada.gql_with(REPLAY, json!({ "id": unknown })).await.codes(), ["NOT_FOUND"]);
        }
        assert_eq!(bob.gql_with(REPLAY, json!({ "id": dead["id"] })).await.codes(), ["FORBIDDEN"]);
    })
    .await;
}
