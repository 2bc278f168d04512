//! `POST /graphql`.

use std::net::SocketAddr;

use async_graphql::ServerError;
use async_graphql_axum::GraphQLResponse;
use axum::{
    Extension, Json,
    body::Bytes,
    extract::{ConnectInfo, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    Wire, bearer, body,
    negotiate::{self, Form},
    refusal::Refusal,
    request_id::RequestId,
};
use crate::{
    domain::session::Client,
    graphql::execute::{Answer, Circumstances},
};

/// Longer agents are cut: they are shown to people and kept in the database.
const USER_AGENT_CHARACTERS: usize = 256;

/// Runs the document of a POST and answers in the form the client wants.
///
/// # Errors
///
/// A [`Refusal`] where the request is not run at all.
pub async fn handle(
    State(wire): State<Wire>,
    Extension(id): Extension<RequestId>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let form = Form::of(&headers)?;
    negotiate::check_content_type(&headers)?;
    let caller = bearer::caller(&headers, &wire.accounts, &id).await?;
    let request = body::parse(body)?;
    let client = client(peer.map(|it| it.0.0), &headers);
    let circumstances = Circumstances { caller, client, request_id: id.as_str().to_owned() };
    let answer = wire.executor.execute(request, circumstances).await;
    Ok(respond(answer, form))
}

fn client(peer: Option<SocketAddr>, headers: &HeaderMap) -> Client {
    let agent = headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok());
    Client {
        ip_address: peer.map(|it| it.ip().to_canonical().to_string()),
        user_agent: agent.map(|it| it.chars().take(USER_AGENT_CHARACTERS).collect()),
    }
}

fn respond(answer: Answer, form: Form) -> Response {
    let mut response = if answer.executed {
        GraphQLResponse::from(answer.response).into_response()
    } else {
        not_executed(&answer.response.errors, form)
    };
    response.headers_mut().insert(header::CONTENT_TYPE, form.content_type());
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, authorization"));
    response
}

/// An answer to a request that was not executed: it has no `data`, not even null (GraphQL spec, section 7.1).
fn not_executed(errors: &[ServerError], form: Form) -> Response {
    let status = match form {
        Form::GraphqlResponse => StatusCode::BAD_REQUEST,
        Form::Json => StatusCode::OK,
    };
    (status, Json(json!({ "errors": errors }))).into_response()
}
