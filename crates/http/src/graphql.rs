//! `/graphql`: POST for every operation, GET for queries (GraphQL over HTTP, "Request").

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Instant};

use async_graphql::{ServerError, Value, parser::types::OperationType};
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
    json::encode,
    limits::within,
    on_denied::OnDenied,
};
use fieldguard_listener::progress::Progress;
use serde_json::json;

use crate::{
    body::{self, BodyLimits},
    delivery::{PendingAnswers, PendingLimitReached},
    endpoint::{Endpoint, Finished, Head, Incoming, Outgoing},
    negotiate::{self, Form},
    parameters,
    refusal::Refusal,
    request_id::RequestId,
    settings::Settings,
};

/// The handlers' state.
pub(crate) struct GraphqlState<E> {
    pub(crate) endpoint: E,
    pub(crate) settings: Arc<Settings>,
    /// Answers that clients have not read yet.
    pub(crate) pending_answers: Arc<PendingAnswers>,
}

/// The header that says how to report denied fields.
const ON_DENIED: HeaderName = HeaderName::from_static("x-fieldguard-on-denied");

type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// Runs the document of a POST and answers in the client's preferred form.
///
/// # Errors
///
/// A [`Refusal`] if the request does not run.
pub(crate) async fn post<E: Endpoint>(
    State(state): State<Arc<GraphqlState<E>>>,
    Extension(id): Extension<RequestId>,
    peer: Peer,
    progress: Option<Extension<Arc<Progress>>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let began = Instant::now();
    let form = match Form::of(&headers) {
        Ok(form) => form,
        Err(refusal) => return finish(&state.endpoint, began, Err(refusal)),
    };
    let progress = progress.map(|Extension(progress)| progress);
    let run = async {
        negotiate::check_content_type(&headers)?;
        let on_denied = on_denied(&headers)?;
        let head = head(&headers, peer, &id);
        let mut asker = state.endpoint.identify(head).await?;
        let limits = BodyLimits { bytes: state.endpoint.limits().body_bytes, time_limit: state.settings.timeouts.body };
        let body = body::read(&headers, body, limits, progress.clone()).await?;
        if body.was_late {
            // A request begins when it is complete. A caller who sends its last byte after permissions were revoked
            // must not use them.
            asker = state.endpoint.identify(head).await?;
        }
        let incoming = parameters::of_body(&body.bytes)?.incoming(&id, on_denied, false)?;
        execute(&state, incoming, asker, form, progress).await
    };
    finish(&state.endpoint, began, run.await).map_err(|refusal| refusal.in_form(form))
}

/// Runs the query of a GET. A browser that opens the URL without a query is redirected to the configured page. HEAD
/// gets the same answer without the body.
///
/// # Errors
///
/// A [`Refusal`] if the request does not run. Mutations never do.
pub(crate) async fn get<E: Endpoint>(
    State(state): State<Arc<GraphqlState<E>>>,
    Extension(id): Extension<RequestId>,
    peer: Peer,
    progress: Option<Extension<Arc<Progress>>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = query.as_deref().unwrap_or_default();
    if let Some(page) = state.settings.page.as_deref().filter(|_| query.is_empty() && negotiate::wants_html(&headers)) {
        return Ok(Redirect::to(page).into_response());
    }
    let began = Instant::now();
    let form = match Form::of(&headers) {
        Ok(form) => form,
        Err(refusal) => return finish(&state.endpoint, began, Err(refusal)),
    };
    let progress = progress.map(|Extension(progress)| progress);
    let run = async {
        let on_denied = on_denied(&headers)?;
        let asker = state.endpoint.identify(head(&headers, peer, &id)).await?;
        let incoming = parameters::of_query(query)?.incoming(&id, on_denied, true)?;
        execute(&state, incoming, asker, form, progress).await
    };
    finish(&state.endpoint, began, run.await).map_err(|refusal| refusal.in_form(form))
}

/// What is measured of an answer.
#[derive(Default)]
struct Measured {
    code: Option<String>,
    limit: Option<String>,
    operation: Option<OperationType>,
    denied: BTreeSet<String>,
}

impl Measured {
    /// Reads the first error. Without errors, this allocates nothing.
    fn note(&mut self, errors: &[ServerError]) {
        let text = |name| match errors.first()?.extensions.as_ref()?.get(name)? {
            Value::String(text) => Some(text.clone()),
            _ => None,
        };
        (self.code, self.limit) = (text("code"), text("limit"));
    }
}

/// Tells the endpoint of a request whose answer is complete.
fn finish<E: Endpoint>(
    endpoint: &E,
    began: Instant,
    run: Result<(Response, Measured), Refusal>,
) -> Result<Response, Refusal> {
    let duration = began.elapsed();
    match &run {
        Ok((_, Measured { code, limit, operation, denied })) => endpoint.finished(&Finished {
            duration,
            code: code.as_deref(),
            limit: limit.as_deref(),
            operation: *operation,
            denied,
        }),
        Err(refusal) => endpoint.finished(&Finished {
            duration,
            code: Some(refusal.code().as_str()),
            limit: refusal.limit(),
            operation: None,
            denied: &BTreeSet::new(),
        }),
    }
    run.map(|(response, _)| response)
}

fn head<'a>(headers: &'a HeaderMap, peer: Peer, id: &'a RequestId) -> Head<'a> {
    Head { headers, peer: peer.map(|Extension(ConnectInfo(peer))| peer), id }
}

/// The value of the header that says how to report denied fields. The request's `extensions` override it.
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
    state: &GraphqlState<E>,
    incoming: Incoming,
    asker: E::Asker,
    form: Form,
    progress: Option<Arc<Progress>>,
) -> Result<(Response, Measured), Refusal> {
    let Outgoing { answer, headers } = state.endpoint.execute(incoming, asker).await?;
    let Answer { outcome, response, is_of_mutation, operation, denied, .. } = answer;
    let mut measured = Measured { operation, denied, ..Measured::default() };
    measured.note(&response.errors);
    let mut response = match outcome {
        Outcome::Executed => delivered(state, &response, is_of_mutation, form, progress, &mut measured)?,
        Outcome::Refused => not_executed(StatusCode::BAD_REQUEST, &response.errors, form),
        Outcome::Denied => not_executed(StatusCode::FORBIDDEN, &response.errors, form),
        Outcome::NoQuery => return Err(Refusal::needs_post()),
        Outcome::Unavailable => not_executed(StatusCode::SERVICE_UNAVAILABLE, &response.errors, form),
        Outcome::Failed => not_executed(StatusCode::INTERNAL_SERVER_ERROR, &response.errors, form),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, form.content_type());
    response.headers_mut().extend(headers);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, authorization"));
    Ok((response, measured))
}

/// Creates the answer, subject to its size limit and the limit on waiting bytes. The answer to a mutation is always
/// sent: it may contain a secret that is shown only once.
fn delivered<E: Endpoint>(
    state: &GraphqlState<E>,
    response: &async_graphql::Response,
    is_of_mutation: bool,
    form: Form,
    progress: Option<Arc<Progress>>,
    measured: &mut Measured,
) -> Result<Response, Refusal> {
    let bytes = encode(response);
    let limit = state.endpoint.limits().answer_bytes;
    if !is_of_mutation && let Err(failure) = within("answerBytes", bytes.len(), limit) {
        let errors = [failure.into()];
        measured.note(&errors);
        return Ok(not_executed(StatusCode::BAD_REQUEST, &errors, form));
    }
    let delivered = state.pending_answers.body(bytes.into(), progress, is_of_mutation);
    let body = delivered.map_err(|PendingLimitReached| Refusal::too_many_pending_answers())?;
    Ok((response.http_headers.clone(), body).into_response())
}

/// An answer to a request that was not executed: it has no `data`, not even null (GraphQL spec, section 7.1).
///
/// Server errors have their own status in both forms. They say nothing about the request, and proxies, load balancers
/// and retrying clients look only at the status.
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
