//! Tests the library over HTTP.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};
use tower_service::Service;

async fn ask(token: Option<&str>, document: &str) -> (StatusCode, Value) {
    let mut router = guard_only::router(fieldguard_http::settings::Settings::default()).expect("the schema is whole");
    let mut request = Request::post("/graphql")
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/graphql-response+json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Body::from(json!({ "query": document }).to_string())).expect("it is a request");
    let answer = router.call(request).await.expect("it answers");
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.expect("it is in memory");
    (status, serde_json::from_slice(&body).expect("it is JSON"))
}

#[tokio::test]
async fn a_denied_field_is_null() {
    let (status, answer) = ask(Some("ann"), "{ loans { title due } }").await;
    assert_eq!(status, StatusCode::OK);
    let due: Vec<_> = (0..3).map(|index| &answer["data"]["loans"][index]["due"]).collect();
    assert_eq!(due, [&json!("2027-01-10"), &json!("2027-01-24"), &Value::Null]);
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
    let error = &answer["errors"][0];
    assert_eq!(error["message"], "`Loan.due` requires the permission `loans:read`, or being the borrower.");
    assert_eq!(error["path"], json!(["loans", 2, "due"]));
    assert_eq!(error["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn a_filter_needs_access_to_the_fields_it_exposes() {
    let document = "{ loans(filter: { borrower: 2 }) { title } }";
    let (_, answer) = ask(Some("ann"), document).await;
    assert_eq!(answer["errors"][0]["extensions"]["argument"], "filter.borrower");
    let (_, answer) = ask(Some("lee"), document).await;
    assert_eq!(answer, json!({ "data": { "loans": [{ "title": "Pale Fire" }] } }));
}

#[tokio::test]
async fn introspection_shows_what_the_caller_may_use() {
    let document = "{ __schema { mutationType { name } } __type(name: \"Query\") { fields { name } } }";
    let (_, anonymous) = ask(None, document).await;
    assert_eq!(anonymous["data"]["__schema"]["mutationType"], Value::Null);
    assert_eq!(anonymous["data"]["__type"]["fields"], json!([{ "name": "loans" }]));
    let (_, librarian) = ask(Some("lee"), document).await;
    assert_eq!(librarian["data"]["__schema"]["mutationType"]["name"], "Mutation");
}

#[tokio::test]
async fn an_invalid_token_is_refused() {
    let (status, answer) = ask(Some("eve"), "{ loans { title } }").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}
