//! Null propagation by the GraphQL specification ("Handling Execution Errors"). The expected data is what graphql-js
//! answers for the same types, resolvers and document.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use fieldguard::guarded;
use serde_json::{Value, json};

use super::{ask, errors, refused};

struct Query;
#[derive(Clone, Copy)]
struct Node(i32);

#[guarded(public)]
#[Object]
impl Query {
    async fn node(&self) -> Option<Node> {
        Some(Node(0))
    }

    async fn firm(&self) -> Node {
        Node(0)
    }

    async fn nodes(&self) -> Option<Vec<Node>> {
        Some(vec![Node(0), Node(1)])
    }

    async fn gaps(&self) -> Option<Vec<Option<Node>>> {
        Some(vec![Some(Node(0)), None, Some(Node(2))])
    }

    async fn firm_gaps(&self) -> Vec<Option<Node>> {
        vec![Some(Node(0)), Some(Node(1))]
    }

    async fn fallible(&self) -> async_graphql::Result<Option<Node>> {
        Ok(Some(Node(0)))
    }

    async fn broken(&self) -> async_graphql::Result<Option<Node>> {
        Err("broken".into())
    }

    async fn open(&self) -> i32 {
        1
    }
}

#[guarded(public)]
#[Object]
impl Node {
    async fn id(&self) -> i32 {
        self.0
    }

    #[requires(signed_in)]
    async fn soft(&self) -> Option<i32> {
        Some(self.0)
    }

    #[requires(signed_in)]
    async fn hard(&self) -> i32 {
        self.0
    }

    #[requires(signed_in)]
    async fn soft_list(&self) -> Option<Vec<i32>> {
        Some(vec![self.0])
    }

    #[requires(signed_in)]
    async fn hard_list(&self) -> Vec<i32> {
        vec![self.0]
    }

    #[requires(signed_in)]
    fn sync_soft(&self) -> Option<i32> {
        Some(self.0)
    }

    async fn down(&self) -> Option<Node> {
        Some(Node(self.0 + 10))
    }

    async fn firm_down(&self) -> Node {
        Node(self.0 + 10)
    }

    async fn downs(&self) -> Vec<Node> {
        vec![Node(self.0 + 10), Node(self.0 + 11)]
    }
}

async fn check(document: &str, expected: Value, paths: &[&str]) {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let answer = ask(&schema, document, None).await;
    assert_eq!(answer["data"].to_string(), expected.to_string(), "{document}");
    assert_eq!(errors(&answer), refused("UNAUTHENTICATED", paths), "{document}");
}

#[tokio::test]
async fn denied_nullable_field_is_null_and_its_siblings_keep_their_values() {
    check("{ node { id soft } open }", json!({"node": {"id": 0, "soft": null}, "open": 1}), &["node.soft"]).await;
    check("{ firm { soft id } }", json!({"firm": {"soft": null, "id": 0}}), &["firm.soft"]).await;
    check("{ node { syncSoft id } }", json!({"node": {"syncSoft": null, "id": 0}}), &["node.syncSoft"]).await;
    check("{ node { softList id } }", json!({"node": {"softList": null, "id": 0}}), &["node.softList"]).await;
    check("{ fallible { soft id } }", json!({"fallible": {"soft": null, "id": 0}}), &["fallible.soft"]).await;
    check(
        "{ nodes { id soft } }",
        json!({"nodes": [{"id": 0, "soft": null}, {"id": 1, "soft": null}]}),
        &["nodes.0.soft", "nodes.1.soft"],
    )
    .await;
    check(
        "{ gaps { soft } }",
        json!({"gaps": [{"soft": null}, null, {"soft": null}]}),
        &["gaps.0.soft", "gaps.2.soft"],
    )
    .await;
    check(
        "{ node { down { down { soft id } id } } }",
        json!({"node": {"down": {"down": {"soft": null, "id": 20}, "id": 10}}}),
        &["node.down.down.soft"],
    )
    .await;
    check(
        "{ node { downs { id soft } } }",
        json!({"node": {"downs": [{"id": 10, "soft": null}, {"id": 11, "soft": null}]}}),
        &["node.downs.0.soft", "node.downs.1.soft"],
    )
    .await;
}

#[tokio::test]
async fn denied_non_null_field_nulls_the_nearest_nullable_parent() {
    check("{ node { id hard } open }", json!({"node": null, "open": 1}), &["node.hard"]).await;
    check("{ node { id hardList } open }", json!({"node": null, "open": 1}), &["node.hardList"]).await;
    check("{ firm { hard } open }", json!(null), &["firm.hard"]).await;
    check("{ gaps { hard } open }", json!({"gaps": [null, null, null], "open": 1}), &["gaps.0.hard", "gaps.2.hard"])
        .await;
    check(
        "{ firmGaps { hard } open }",
        json!({"firmGaps": [null, null], "open": 1}),
        &["firmGaps.0.hard", "firmGaps.1.hard"],
    )
    .await;
    check("{ node { down { hard } id } }", json!({"node": {"down": null, "id": 0}}), &["node.down.hard"]).await;
    check("{ node { firmDown { hard } id } open }", json!({"node": null, "open": 1}), &["node.firmDown.hard"]).await;
}

#[tokio::test]
async fn denied_item_of_a_non_null_list_nulls_the_list() {
    // Like graphql-js, stop at the first error of a list. The path names the field, not only the item.
    check("{ nodes { hard } open }", json!({"nodes": null, "open": 1}), &["nodes.0.hard"]).await;
    check("{ node { downs { hard } id } open }", json!({"node": null, "open": 1}), &["node.downs.0.hard"]).await;
}

#[tokio::test]
async fn failing_public_field_nulls_only_itself() {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let answer = ask(&schema, "{ open broken { id } }", None).await;
    assert_eq!(answer["data"], json!({"open": 1, "broken": null}));
    assert_eq!(answer["errors"][0]["path"], json!(["broken"]));
    assert_eq!(answer["errors"][0]["message"], "broken");
}

#[tokio::test]
async fn keys_have_the_order_of_the_selection() {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let answer = schema.execute("{ open node { soft id again: soft } firm { id } }").await;
    assert_eq!(answer.data.to_string(), "{open: 1, node: {soft: null, id: 0, again: null}, firm: {id: 0}}");
}
