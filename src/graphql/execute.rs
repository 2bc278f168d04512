//! The one door through which every transport runs a document: limits, parsing, execution, and errors in their final form.
//!
//! A transport brings a request and a caller and gets an [`Answer`]; how that looks on the wire is its own business.

use std::{future::Future, pin::Pin, sync::Arc};

use async_graphql::{
    Name, ObjectType, Request, Response, Schema, ServerError, SubscriptionType, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};

use tokio::time::timeout;

use super::{
    caller::Caller,
    documents::{Admitted, Documents},
    error::{ApiError, Code},
    failure::{self, Failure},
    guard::FullIntrospection,
    introspection,
    limits::{budget, complexity::Costs, nesting, paging::Paging, values},
    reads::Reads,
    refresh_cookie::{Change, Presented, RefreshCookie},
    refusals,
    settings::{Introspection, Settings},
    variables::InputTypes,
    view_as,
};
use crate::{
    accounts::{
        Accounts,
        audit::{Performed, Refused},
    },
    domain::session::Client,
};

type Run = dyn Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;

/// Runs documents against one schema, whichever it is.
#[derive(Clone)]
pub struct Executor {
    run: Arc<Run>,
    accounts: Accounts,
    settings: Arc<Settings>,
    documents: Arc<Documents>,
    inputs: Arc<InputTypes>,
    paging: Arc<Paging>,
}

/// For whom and from where a document is run.
pub struct Circumstances {
    /// The principal, or nobody.
    pub caller: Caller,
    /// Where the request comes from.
    pub client: Client,
    /// The refresh token in the request's cookie.
    pub refresh_cookie: Presented,
    /// The id under which the log knows this request.
    pub request_id: String,
    /// Did the request come by a way on which nothing may be changed?
    pub queries_only: bool,
}

/// What came of a document.
pub struct Answer {
    /// How far it got.
    pub outcome: Outcome,
    /// The data and the errors.
    pub response: Response,
    /// What it does to the cookie that holds the refresh token.
    pub refresh_cookie: Option<Change>,
}

/// How far a document got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed.
    Executed,
    /// It was not: the answer has no `data` (GraphQL over HTTP, "request errors").
    Refused,
    /// It was not, since it is no query, and only queries may come this way.
    NoQuery,
}

impl Answer {
    fn refused(failure: Failure, request_id: &str) -> Self {
        let mut errors = vec![failure.into()];
        failure::complete(&mut errors, false, request_id);
        Self { outcome: Outcome::Refused, response: Response::from_errors(errors), refresh_cookie: None }
    }
}

impl Executor {
    /// An executor for `schema`, which holds documents to the limits in `settings`. It asks `accounts` for the roles as which
    /// the schema may be seen, and nothing else.
    #[must_use]
    pub fn new<Q, M, S>(schema: Schema<Q, M, S>, settings: Settings, accounts: Accounts) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let sdl = schema.sdl();
        let (inputs, paging) = (InputTypes::of(&sdl), Paging::of(&sdl, &settings.limits));
        let run = move |request| -> Pin<Box<dyn Future<Output = Response> + Send>> {
            let schema = schema.clone();
            Box::pin(async move { schema.execute(request).await })
        };
        Self {
            run: Arc::new(run),
            accounts,
            settings: Arc::new(settings),
            documents: Arc::default(),
            inputs: Arc::new(inputs),
            paging: Arc::new(paging),
        }
    }

    /// What documents are held to.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Runs a document. Never panics on its text, however it is made.
    pub async fn execute(&self, request: Request, circumstances: Circumstances) -> Answer {
        let Circumstances { caller, client, refresh_cookie, request_id, queries_only } = circumstances;
        let cookie = Arc::new(RefreshCookie::new(refresh_cookie));
        let request = match self.admit(request) {
            Ok((_, operation, _)) if queries_only && operation != OperationType::Query => {
                let failure = Failure::new(Code::BadRequest, "Only queries may be sent like this.");
                return Answer { outcome: Outcome::NoQuery, ..Answer::refused(failure, &request_id) };
            }
            Ok((request, operation, admitted)) => {
                let request = view_as::for_whom(request, caller.clone(), &self.accounts).await;
                request.map(|it| (it, operation == OperationType::Mutation, admitted)).map_err(Failure::from)
            }
            Err(failure) => Err(failure),
        };
        let client = Client { request_id: Some(request_id.clone()), ..client };
        let reads = Arc::new(Reads::default());
        let (request, asked) = match request {
            Ok((request, is_mutation, admitted)) => {
                let asked = Asked::by(&request, is_mutation, admitted);
                (request.data(client.clone()).data(cookie.clone()).data(reads.clone()), asked)
            }
            Err(failure) => return Answer::refused(failure, &request_id),
        };
        let running = timeout(self.settings.limits.execution, (self.run)(request));
        let Ok(mut response) = running.await else { return Answer::refused(self.overdue(), &request_id) };
        let executed = failure::was_executed(&response);
        failure::complete(&mut response.errors, executed, &request_id);
        let performed = Performed { reads: reads.take(), refusals: asked.refusals(&response.errors) };
        if let Err(error) = self.accounts.record(caller.0.as_deref(), &client, performed).await {
            let mut errors = vec![Failure::from(ApiError::from(error)).into()];
            failure::complete(&mut errors, true, &request_id);
            return Answer {
                outcome: Outcome::Executed,
                response: Response::from_errors(errors),
                refresh_cookie: None,
            };
        }
        response.errors.truncate(self.settings.limits.errors);
        let outcome = if executed { Outcome::Executed } else { Outcome::Refused };
        Answer { outcome, response, refresh_cookie: cookie.change() }
    }

    /// The refusal of what ran too long. It was dropped where it stood: an open transaction is rolled back.
    fn overdue(&self) -> Failure {
        let limit = self.settings.limits.execution;
        let message = format!("The operation ran longer than the {limit:?} it may.");
        Failure::new(Code::QueryTooComplex, message)
            .with("limit", "executionSeconds")
            .with("maximum", limit.as_secs_f64())
    }

    /// The request with its document parsed, once the document is known to be harmless and to hold the operation asked
    /// for, and what kind of operation that is.
    fn admit(&self, mut request: Request) -> Result<(Request, OperationType, Arc<Admitted>), Failure> {
        let limits = &self.settings.limits;
        let admitted = self.documents.get_or_admit(&request.query, || self.parse(&request.query))?;
        let (name, operation) = operation(&admitted.document, request.operation_name.as_deref())?;
        values::check(&request.variables, limits)?;
        self.inputs.coerce(operation, &mut request.variables)?;
        admitted.costs.check(name, &request.variables, &self.paging, limits)?;
        let operation = operation.ty;
        if self.settings.introspection == Introspection::Full {
            request = request.data(FullIntrospection);
        }
        request.set_parsed_query(admitted.document.clone());
        Ok((request, operation, admitted))
    }

    /// Everything that depends on the text alone.
    fn parse(&self, text: &str) -> Result<Admitted, Failure> {
        let Settings { limits, introspection, .. } = &*self.settings;
        nesting::check(text, limits)?;
        let document = parse_query(text)
            .map_err(|error| Failure::from_library(Code::GraphqlParseFailed, unechoed(error.into())))?;
        budget::check(&document, limits)?;
        if *introspection == Introspection::Off {
            introspection::refuse(&document)?;
        }
        Ok(Admitted { costs: Costs::of(&document, &self.paging), document })
    }
}

/// What was asked for, as far as refusals speak of it.
struct Asked {
    admitted: Arc<Admitted>,
    operation_name: Option<String>,
    variables: Variables,
}

impl Asked {
    fn by(request: &Request, is_mutation: bool, admitted: Arc<Admitted>) -> Self {
        let variables = if is_mutation { request.variables.clone() } else { Variables::default() };
        Self { admitted, operation_name: request.operation_name.clone(), variables }
    }

    /// The changes among what was asked that were refused.
    fn refusals(&self, errors: &[ServerError]) -> Vec<Refused> {
        if errors.is_empty() {
            return Vec::new();
        }
        let operation = operation(&self.admitted.document, self.operation_name.as_deref());
        operation.map(|(_, it)| refusals::of(errors, &self.admitted.document, it, &self.variables)).unwrap_or_default()
    }
}

/// The parser's complaint without the line of the document it shows, in which a password may stand.
fn unechoed(mut error: ServerError) -> ServerError {
    if let Some((_, reason)) = error.message.lines().last().and_then(|line| line.split_once(" = ")) {
        error.message = format!("The document is not GraphQL: {reason}.");
    }
    error
}

/// The operation of `document` that a request asks for, with its name.
fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<(Option<&'a Name>, &'a OperationDefinition), Failure> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => Some((None, only)),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
            all.iter().next().map(|(it, one)| (Some(it), one))
        }
        (DocumentOperations::Multiple(all), Some(name)) => all.get_key_value(name).map(|(it, one)| (Some(it), one)),
        _ => None,
    };
    let reason = match name {
        Some(_) => "The document has no operation of the name given in `operationName`.",
        None => "The document has several operations: say in `operationName` which to run.",
    };
    found.map(|(name, it)| (name, &it.node)).ok_or_else(|| Failure::new(Code::OperationResolutionFailure, reason))
}
