//! `/graphql`: POST for every operation, GET for queries (GraphQL over HTTP, "Request").

use std::{net::SocketAddr, sync::Arc};

use async_graphql::ServerError;
use axum::{
    Extension, Json,
    body::Body,
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

use crate::{
    body::{self, Bounds},
    delivery::{Congested, Deliveries},
    endpoint::{Endpoint, Head, Incoming, Outgoing},
    negotiate::{self, Form},
    parameters,
    refusal::Refusal,
    request_id::RequestId,
    settings::Settings,
};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Served<E> {
    pub(crate) endpoint: E,
    pub(crate) settings: Arc<Settings>,
    /// Answers that clients have not taken yet.
    pub(crate) deliveries: Arc<Deliveries>,
}

/// Says what becomes of fields that are refused.
const ON_DENIED: HeaderName = HeaderName::from_static("x-fieldguard-on-denied");

type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// Runs the document of a POST and answers in the form the client wants.
///
/// # Errors
///
/// A [`Refusal`] where the request is not run at all.
pub(crate) async fn post<E: Endpoint>(
    State(served): State<Served<E>>,
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
        let on_denied = on_denied(&headers)?;
        let head = head(&headers, peer, &id);
        let mut asker = served.endpoint.identify(head).await?;
        let bounds = Bounds { bytes: served.endpoint.limits().body_bytes, patience: served.settings.timeouts.body };
        let body = body::read(&headers, body, bounds, progress.clone()).await?;
        if body.was_late {
            // A request has begun when it is there. A caller who sent its last byte after rights were taken away must not
            // have them by it.
            asker = served.endpoint.identify(head).await?;
        }
        let incoming = parameters::of_body(&body.bytes)?.incoming(&id, on_denied, false)?;
        execute(&served, incoming, asker, form, progress).await
    };
    run.await.map_err(|refusal: Refusal| refusal.in_form(form))
}

/// Runs the query of a GET. A browser that opens the address without a query is sent to the page for people. HEAD is answered the
/// same, without the body.
///
/// # Errors
///
/// A [`Refusal`] where the request is not run at all, as a mutation is not.
pub(crate) async fn get<E: Endpoint>(
    State(served): State<Served<E>>,
    Extension(id): Extension<RequestId>,
    peer: Peer,
    progress: Option<Extension<Arc<Progress>>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = query.as_deref().unwrap_or_default();
    if let Some(page) =
        served.settings.page.as_deref().filter(|_| query.is_empty() && negotiate::is_for_people(&headers))
    {
        return Ok(Redirect::to(page).into_response());
    }
    let form = Form::of(&headers)?;
    let progress = progress.map(|Extension(progress)| progress);
    let run = async {
        let on_denied = on_denied(&headers)?;
        let asker = served.endpoint.identify(head(&headers, peer, &id)).await?;
        let incoming = parameters::of_query(query)?.incoming(&id, on_denied, true)?;
        execute(&served, incoming, asker, form, progress).await
    };
    run.await.map_err(|refusal: Refusal| refusal.in_form(form))
}

fn head<'a>(headers: &'a HeaderMap, peer: Peer, id: &'a RequestId) -> Head<'a> {
    Head { headers, peer: peer.map(|Extension(ConnectInfo(peer))| peer), id }
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

async fn execute<E: Endpoint>(
    served: &Served<E>,
    incoming: Incoming,
    asker: E::Asker,
    form: Form,
    progress: Option<Arc<Progress>>,
) -> Result<Response, Refusal> {
    let Outgoing { answer, headers } = served.endpoint.execute(incoming, asker).await?;
    let Answer { outcome, response, is_of_mutation } = answer;
    let mut response = match outcome {
        Outcome::Executed => delivered(served, &response, is_of_mutation, form, progress)?,
        Outcome::Refused => not_executed(StatusCode::BAD_REQUEST, &response.errors, form),
        Outcome::Denied => not_executed(StatusCode::FORBIDDEN, &response.errors, form),
        Outcome::NoQuery => return Err(Refusal::needs_post()),
        Outcome::Unavailable => not_executed(StatusCode::SERVICE_UNAVAILABLE, &response.errors, form),
        Outcome::Failed => not_executed(StatusCode::INTERNAL_SERVER_ERROR, &response.errors, form),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, form.content_type());
    response.headers_mut().extend(headers);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, authorization"));
    Ok(response)
}

/// The answer, held to its size and to the bytes that wait for clients. What a mutation answers leaves in any case: it may say
/// a secret that is said only once.
fn delivered<E: Endpoint>(
    served: &Served<E>,
    response: &async_graphql::Response,
    is_of_mutation: bool,
    form: Form,
    progress: Option<Arc<Progress>>,
) -> Result<Response, Refusal> {
    let bytes = serde_json::to_vec(response).expect("an answer has texts alone as keys");
    let limit = served.endpoint.limits().answer_bytes;
    if !is_of_mutation && let Err(failure) = within("answerBytes", bytes.len(), limit) {
        return Ok(not_executed(StatusCode::BAD_REQUEST, &[failure.into()], form));
    }
    let delivered = served.deliveries.body(bytes.into(), progress, is_of_mutation);
    let body = delivered.map_err(|Congested| Refusal::congested())?;
    Ok((response.http_headers.clone(), body).into_response())
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
