//! `/graphql`: POST for every operation, GET for queries (GraphQL over HTTP, "Request").

use std::{net::SocketAddr, sync::Arc};

use async_graphql::{Request, ServerError};
use async_graphql_axum::GraphQLResponse;
use axum::{
    Extension, Json,
    body::{Body, to_bytes},
    extract::{ConnectInfo, RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use fieldguard_guard::{
    code::RETRY_AFTER,
    execute::{Answer, Outcome},
    limits::within,
    on_denied::OnDenied,
};
use fieldguard_listener::progress::Progress;
use serde_json::json;

use super::{
    Wire, bearer,
    body::{self, Bounds},
    delivery::Congested,
    forwarded,
    negotiate::{self, Form},
    parameters, refresh_cookie,
    refusal::Refusal,
    request_id::RequestId,
};
use crate::{
    domain::session::Client,
    graphql::execute::{Answered, Circumstances},
};

/// Longer agents are cut: they are shown to people and kept in the database.
const USER_AGENT_CHARACTERS: usize = 256;

/// Says what becomes of fields that are refused.
const ON_DENIED: HeaderName = HeaderName::from_static("x-fieldguard-on-denied");

type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// Runs the document of a POST and answers in the form the client wants.
///
/// # Errors
///
/// A [`Refusal`] where the request is not run at all.
pub async fn post(
    State(wire): State<Wire>,
    Extension(id): Extension<RequestId>,
    peer: Peer,
    progress: Option<Extension<Arc<Progress>>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let form = Form::of(&headers)?;
    let progress = progress.map(|Extension(progress)| progress);
    let run = async {
        negotiate::check_content_type(&headers)?;
        let mut circumstances = circumstances(&wire, &headers, peer, &id).await?;
        let bounds =
            Bounds { bytes: wire.executor.settings().limits.body_bytes, patience: wire.settings.timeouts.body };
        let body = body::read(&headers, body, bounds, progress.clone()).await?;
        if body.was_late {
            // A request has begun when it is there. Whoever sent its last byte later than his rights were taken from him
            // must not have them by it.
            circumstances.caller = bearer::caller(&headers, &circumstances.client, &wire.accounts, &id).await?;
        }
        execute(&wire, parameters::of_body(&body.bytes)?, circumstances, form, progress).await
    };
    run.await.map_err(|refusal: Refusal| refusal.in_form(form))
}

/// Runs the query of a GET. A browser that opens the address without a query is sent to the page for people. HEAD is answered the
/// same, without the body.
///
/// # Errors
///
/// A [`Refusal`] where the request is not run at all, as a mutation is not.
pub async fn get(
    State(wire): State<Wire>,
    Extension(id): Extension<RequestId>,
    peer: Peer,
    progress: Option<Extension<Arc<Progress>>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    if query.as_deref().unwrap_or_default().is_empty() && negotiate::is_for_people(&headers) {
        let page = format!("{}/", refresh_cookie::path(&wire.settings.public_url));
        return Ok(Redirect::to(&page).into_response());
    }
    let form = Form::of(&headers)?;
    let progress = progress.map(|Extension(progress)| progress);
    let run = async {
        let circumstances = circumstances(&wire, &headers, peer, &id).await?;
        let request = parameters::of_query(query.as_deref().unwrap_or_default())?;
        execute(&wire, request, Circumstances { queries_only: true, ..circumstances }, form, progress).await
    };
    run.await.map_err(|refusal: Refusal| refusal.in_form(form))
}

async fn circumstances(wire: &Wire, headers: &HeaderMap, peer: Peer, id: &RequestId) -> Result<Circumstances, Refusal> {
    let client = client(wire, peer.map(|it| it.0.0), headers);
    Ok(Circumstances {
        on_denied: on_denied(headers)?,
        caller: bearer::caller(headers, &client, &wire.accounts, id).await?,
        client,
        refresh_cookie: refresh_cookie::presented(headers, &wire.settings),
        request_id: id.as_str().to_owned(),
        queries_only: false,
    })
}

/// What the header asks for that says what becomes of refused fields. The request's own `extensions` go before it.
fn on_denied(headers: &HeaderMap) -> Result<OnDenied, Refusal> {
    let mut values = headers.get_all(ON_DENIED).iter();
    let Some(value) = values.next() else { return Ok(OnDenied::default()) };
    let parsed = value.to_str().ok().and_then(OnDenied::parse).filter(|_| values.next().is_none());
    parsed.ok_or_else(|| {
        let message = "The header `X-Fieldguard-On-Denied` must be `null`, `reject` or `report`.";
        Refusal::bad_request(StatusCode::BAD_REQUEST, message)
    })
}

fn client(wire: &Wire, peer: Option<SocketAddr>, headers: &HeaderMap) -> Client {
    let trusted = &wire.settings.trusted_proxies;
    let agent = headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok());
    Client {
        ip_address: peer.map(|it| forwarded::client(it.ip(), headers, trusted).to_string()),
        user_agent: agent.map(|it| it.chars().take(USER_AGENT_CHARACTERS).collect()),
        ..Client::default()
    }
}

async fn execute(
    wire: &Wire,
    request: Request,
    circumstances: Circumstances,
    form: Form,
    progress: Option<Arc<Progress>>,
) -> Result<Response, Refusal> {
    let Answered { answer, refresh_cookie } = wire.executor.execute(request, circumstances).await;
    let Answer { outcome, response, is_of_mutation } = answer;
    let mut response = match outcome {
        Outcome::Executed => {
            let response = GraphQLResponse::from(response).into_response();
            delivered(wire, response, is_of_mutation, form, progress).await?
        }
        Outcome::Refused => not_executed(StatusCode::BAD_REQUEST, &response.errors, form),
        Outcome::Denied => not_executed(StatusCode::FORBIDDEN, &response.errors, form),
        Outcome::NoQuery => return Err(Refusal::needs_post()),
        Outcome::Unavailable => not_executed(StatusCode::SERVICE_UNAVAILABLE, &response.errors, form),
        Outcome::Failed => not_executed(StatusCode::INTERNAL_SERVER_ERROR, &response.errors, form),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, form.content_type());
    if let Some(cookie) = refresh_cookie.and_then(|change| refresh_cookie::header(&change, &wire.settings)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, authorization"));
    Ok(response)
}

/// The answer, held to its size and to the bytes that wait for clients. What a mutation answers leaves in any case: it may say
/// a secret that is said only once.
async fn delivered(
    wire: &Wire,
    response: Response,
    is_of_mutation: bool,
    form: Form,
    progress: Option<Arc<Progress>>,
) -> Result<Response, Refusal> {
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { unreachable!("the answer is in memory") };
    if !is_of_mutation && let Err(failure) = within("answerBytes", bytes.len(), wire.settings.answer_bytes) {
        return Ok(not_executed(StatusCode::BAD_REQUEST, &[failure.into()], form));
    }
    let body = wire.deliveries.body(bytes, progress, is_of_mutation).map_err(|Congested| Refusal::congested())?;
    Ok(Response::from_parts(parts, body))
}

/// An answer to a request that was not executed: it has no `data`, not even null (GraphQL spec, section 7.1).
///
/// The trouble of the server has its own status in both forms. It says nothing about the request, and proxies, load balancers
/// and clients with retries look at the status alone.
fn not_executed(status: StatusCode, errors: &[ServerError], form: Form) -> Response {
    let status = match form {
        Form::Json if !status.is_server_error() => StatusCode::OK,
        Form::Json | Form::GraphqlResponse => status,
    };
    let mut response = (status, Json(json!({ "errors": errors }))).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
    }
    response
}
